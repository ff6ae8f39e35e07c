"""Files that hold their text are read as what they hold; OCR is asked only where there is none."""

import zipfile
from pathlib import Path

import pikepdf
import pytest
import typst
import xlsxwriter
import xlwt
from PIL import Image

from bianzhi.recognition.document import PageText, Word
from bianzhi.recognition.identify import format_by_code
from bianzhi.recognition.reading import read_pages
from bianzhi.recognition.rendering import NoPageImages, page_count, render_page
from tests.recognition.reading import line, plain


class Refusing:
    """An engine no page with text may come to."""

    name = version = "refusing"

    def recognise(self, image: Image.Image) -> list[Word]:
        raise AssertionError("a page with text was given to the engine")


class Saying:
    """An engine that reads the same line everywhere and counts how often it was asked."""

    name = version = "saying"

    def __init__(self) -> None:
        self.asked = 0

    def recognise(self, image: Image.Image) -> list[Word]:
        self.asked += 1
        return [line("识别出来的一行字", 0.1, 0.1, 0.4)]


def read(path: Path, code: str, **options) -> list[PageText]:
    return list(read_pages(path, format_by_code(code), engine=options.pop("engine", Refusing()), **options))


@pytest.fixture(scope="module")
def typeset(tmp_path_factory) -> Path:
    source = """
    #set page(width: 210mm, height: 297mm, margin: 30mm)
    #set text(font: ("Noto Serif CJK SC", "FandolSong", "Noto Sans CJK SC"), lang: "zh")
    #align(center, text(20pt)[关于编制的批复])
    同意核定编制12名，其中A1类3名。
    #table(columns: 3, [单位], [编制], [实有], [档案局], [20], [18])
    #pagebreak()
    #columns(2)[#for n in range(1, 31) [第#n;行左右两栏的文字写满一行#linebreak()]]
    #pagebreak()
    """
    folder: Path = tmp_path_factory.mktemp("typeset")
    (folder / "a.typ").write_text(source, encoding="utf-8")
    typst.compile(str(folder / "a.typ"), output=str(folder / "a.pdf"))
    return folder / "a.pdf"


def test_a_typed_pdf_is_read_from_its_layer_with_places_and_without_made_up_spaces(typeset):
    first, *_ = read(typeset, "pdf")
    assert first.origin == "layer"
    assert first.blocks[0].kind == "title"
    assert "同意核定编制12名，其中A1类3名。" in first.text.split("\n")
    for word in first.words:
        assert len(word.chars) == len(word.text)
        assert 0.1 < word.box[0] < 0.9


def test_a_ruled_table_of_a_typed_pdf_is_read_cell_by_cell(typeset):
    (table,) = [block for block in read(typeset, "pdf", numbers=[1])[0].blocks if block.kind == "table"]
    assert [word.text for word in table.words] == ["单位", "编制", "实有", "档案局", "20", "18"]


def test_columns_of_a_typed_pdf_are_read_one_after_the_other(typeset):
    (page,) = read(typeset, "pdf", numbers={2})
    assert page.number == 2
    assert [word.text for word in page.words] == [f"第{number}行左右两栏的文字写满一行" for number in range(1, 31)]


def test_scans_in_a_pdf_are_read_by_the_engine_and_empty_pages_by_nobody(tmp_path):
    scan, empty = Image.new("RGB", (827, 1169), "white"), Image.new("RGB", (827, 1169), "white")
    scan.paste("black", (100, 100, 700, 500))
    scan.save(tmp_path / "s.pdf", "PDF", resolution=100, save_all=True, append_images=[empty])
    engine = Saying()
    first, second = read(tmp_path / "s.pdf", "pdf", engine=engine)
    assert (first.origin, first.text) == ("ocr", "识别出来的一行字")
    assert second.is_blank
    assert engine.asked >= 1


def test_pages_of_a_tiff_come_one_by_one_at_their_own_resolution(tmp_path):
    frames = [Image.new("L", (600, 800), shade) for shade in (255, 255, 255)]
    frames[1].paste(0, (50, 50, 500, 300))
    frames[0].save(tmp_path / "t.tif", save_all=True, append_images=frames[1:], dpi=(150, 150))
    tiff = format_by_code("tiff")
    assert page_count(tmp_path / "t.tif", tiff) == 3
    assert render_page(tmp_path / "t.tif", tiff, 2, 300).info["dpi"] == (150, 150)
    assert render_page(tmp_path / "t.tif", tiff, 2, 75).size == (300, 400)
    pages = read(tmp_path / "t.tif", "tiff", engine=Saying())
    assert [page.is_blank for page in pages] == [True, False, True]
    with pytest.raises(IndexError, match="没有第 4 页"):
        render_page(tmp_path / "t.tif", tiff, 4)


def test_word_documents_give_paragraphs_tables_and_pages_as_last_shown(tmp_path):
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = (
        '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t>关于编制的</w:t></w:r><w:r><w:t>通知</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>第一页</w:t></w:r></w:p>"
        "<w:p><w:r><w:lastRenderedPageBreak/><w:t>第二页</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>编制</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>12</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    with zipfile.ZipFile(tmp_path / "d.docx", "w") as package:
        package.writestr("word/document.xml", f"<w:document {w}><w:body>{body}</w:body></w:document>")
    first, second = read(tmp_path / "d.docx", "docx")
    assert first.text == "关于编制的通知\n第一页"
    assert first.blocks[0].kind == "title"
    assert second.text == "第二页\n编制\n12"
    assert second.blocks[1].kind == "table"
    with pytest.raises(NoPageImages):
        page_count(tmp_path / "d.docx", format_by_code("docx"))


NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def text_box(*lines: str) -> str:
    """A run with a text box as Word and WPS write it: once for new programs, once more for old ones."""
    content = f"<w:txbxContent>{''.join(paragraph(run(line)) for line in lines)}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{content}</mc:Choice>'
        f"<mc:Fallback><w:pict>{content}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def word_document(path: Path, body: str, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            package.writestr(f"word/{name}.xml", f"<w:hdr {NAMESPACES}>{content}</w:hdr>")
    return path


def test_text_boxes_of_a_word_document_are_lines_of_their_own_and_read_once(tmp_path):
    body = paragraph(run("县编办"), text_box("秘密", "县委办公室文件"), run("〔2024〕15号")) + paragraph(
        "<w:r><w:lastRenderedPageBreak/></w:r>", run("次页"), text_box("框内")
    )
    first, second = read(word_document(tmp_path / "d.docx", body), "docx")
    assert first.text == "秘密\n县委办公室文件\n县编办〔2024〕15号"
    assert second.text == "框内\n次页"


def test_a_text_box_in_a_table_stands_before_the_table_and_leaves_it_whole(tmp_path):
    cells = "".join(f"<w:tc>{paragraph(*runs)}</w:tc>" for runs in ((run("编制"), text_box("机密")), (run("12"),)))
    (page,) = read(
        word_document(tmp_path / "d.docx", f"<w:tbl><w:tr>{cells}</w:tr><w:tr>{cells}</w:tr></w:tbl>"), "docx"
    )
    assert page.text == "机密\n机密\n编制\n12\n编制\n12"
    assert page.blocks[-1].text == "编制\n12\n编制\n12"


def test_headers_footers_and_watermarks_of_a_word_document_follow_its_last_page_once(tmp_path):
    water = '<w:r><w:pict><v:shape><v:textpath string="机密"/></v:shape></w:pict></w:r>'
    head = paragraph(run("县委编办"), water)
    parts = {"header1": head, "header2": head, "footer1": paragraph(run("内部使用")), "footnotes": paragraph(run("注"))}
    body = paragraph(run("首页")) + paragraph("<w:r><w:lastRenderedPageBreak/></w:r>", run("末页"))
    first, last = read(word_document(tmp_path / "d.docx", body, **parts), "docx")
    assert first.text == "首页"
    assert last.text == "末页\n机密\n县委编办\n内部使用"
    assert [block.kind for block in last.blocks] == ["text", "header", "header", "footer"]


def test_spreadsheets_new_and_old_give_a_page_for_every_sheet(tmp_path):
    new = xlsxwriter.Workbook(str(tmp_path / "n.xlsx"))
    for name in ("甲", "乙"):
        new.add_worksheet(name).write_row(1, 0, [name, 12, 1.5])
    new.close()
    old = xlwt.Workbook()
    old.add_sheet("丙").write(0, 0, "丙")
    old.save(str(tmp_path / "o.xls"))
    assert [page.text for page in read(tmp_path / "n.xlsx", "xlsx")] == ["甲\n12\n1.5", "乙\n12\n1.5"]
    assert [page.text for page in read(tmp_path / "o.xls", "xls")] == ["丙"]


def test_ofd_gives_its_text_with_places_page_by_page(tmp_path):
    o = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    texts = (
        ("30 40 40 6", 'Size="5"', 'DeltaX="g 3 5"', "云编〔二"),
        ("50 40 20 6", 'Size="5"', 'DeltaX="5"', "〇〕"),
        ("30 60 100 6", "", "", "正文一行"),
    )
    objects = "".join(
        f'<ofd:TextObject Boundary="{box}" {size}><ofd:TextCode X="0" {steps}>{text}</ofd:TextCode></ofd:TextObject>'
        for box, size, steps, text in texts
    )
    pages = "".join(f'<ofd:Page ID="{number}" BaseLoc="Pages/{number}.xml"/>' for number in (1, 2))
    area = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
    parts = {
        "OFD.xml": f"<ofd:OFD {o}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {o}><ofd:CommonData>{area}</ofd:CommonData>"
        f"<ofd:Pages>{pages}</ofd:Pages></ofd:Document>",
        "Doc_0/Pages/1.xml": f"<ofd:Page {o}><ofd:Content><ofd:Layer>{objects}</ofd:Layer></ofd:Content></ofd:Page>",
        "Doc_0/Pages/2.xml": f"<ofd:Page {o}><ofd:Content/></ofd:Page>",
    }
    with zipfile.ZipFile(tmp_path / "o.ofd", "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    page, empty = read(tmp_path / "o.ofd", "ofd")
    assert page.text == "云编〔二〇〕\n正文一行"
    assert page.words[0].box[0] == pytest.approx(30 / 210)
    assert page.words[0].box[1] == pytest.approx(40 / 297)
    assert (page.width, page.height) == (1654, 2339)
    assert empty.is_blank


@pytest.mark.parametrize(
    ("document", "page", "template"),
    [
        ("Doc_0/Document.xml", "Pages/1.xml", "Tpls/1.xml"),
        ("/Doc_0/Document.xml", "/Doc_0/Pages/1.xml", "/Doc_0/Tpls/1.xml"),
        ("./Doc_0/Document.xml", "../Doc_0/Pages/1.xml", "./Pages/.././Tpls/1.xml"),
    ],
)
def test_paths_in_an_ofd_lead_from_the_root_or_from_the_file_they_stand_in(tmp_path, document, page, template):
    o = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    said = (
        "<ofd:Content><ofd:Layer><ofd:TextObject Boundary='30 {} 60 6'><ofd:TextCode>{}</ofd:TextCode>"
        "</ofd:TextObject></ofd:Layer></ofd:Content>"
    )
    parts = {
        "OFD.xml": f"<ofd:OFD {o}><ofd:DocBody><ofd:DocRoot>{document}</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {o}><ofd:CommonData><ofd:TemplatePage ID='7' BaseLoc='{template}'/>"
        f"</ofd:CommonData><ofd:Pages><ofd:Page ID='1' BaseLoc='{page}'/></ofd:Pages></ofd:Document>",
        "Doc_0/Pages/1.xml": f"<ofd:Page {o}><ofd:Template TemplateID='7'/>{said.format(40, '正文一行')}</ofd:Page>",
        "Doc_0/Tpls/1.xml": f"<ofd:Page {o}>{said.format(20, '红头一行')}</ofd:Page>",
    }
    with zipfile.ZipFile(tmp_path / "o.ofd", "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    assert [found.text for found in read(tmp_path / "o.ofd", "ofd")] == ["红头一行\n正文一行"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_is_read_in_the_encodings_of_chinese_offices(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes("机构编制\n第二行\f次页".encode(encoding))
    assert [page.text for page in read(tmp_path / "a.txt", "txt")] == ["机构编制\n第二行", "次页"]


def test_formats_nobody_can_read_here_give_no_page(tmp_path):
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    assert read(tmp_path / "a.doc", "doc") == []


def test_a_long_text_is_divided_into_pages(tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(f"第{number}行" for number in range(130)), encoding="utf-8")
    pages = read(tmp_path / "a.txt", "txt")
    assert len(pages) == 3
    assert plain(pages[2].text).startswith("第120行")


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_typed_page_that_lies_on_its_side_is_read_upright(typeset, tmp_path, degrees):
    with pikepdf.open(typeset) as pdf:
        pdf.pages[0].rotate(degrees, relative=True)
        pdf.save(tmp_path / "r.pdf")
    (straight,), (turned,) = read(typeset, "pdf", numbers=[1]), read(tmp_path / "r.pdf", "pdf", numbers=[1])
    assert turned.rotation == 360 - degrees
    assert turned.blocks == straight.blocks
    assert (turned.width, turned.height) == (straight.width, straight.height)


ODD = [("1", 40, 40), ("LA", 30, 50), ("CMYK", 60, 40), ("I;16", 50, 50), ("P", 1, 1), ("L", 3000, 5), ("RGB", 4, 2500)]


@pytest.mark.parametrize(("mode", "width", "height"), ODD)
def test_odd_pictures_are_pages_without_text(tmp_path, mode, width, height):
    picture = Image.new(mode, (width, height))
    kind = "tiff" if mode in ("CMYK", "I;16") else "png"
    picture.save(tmp_path / f"p.{kind}")
    (page,) = read(tmp_path / f"p.{kind}", kind, engine=Nothing())
    assert page.text == ""


class Nothing:
    """An engine that never finds anything."""

    name = version = "nothing"

    def recognise(self, image: Image.Image) -> list[Word]:
        return []
