"""Which files are taken."""

import zipfile
from io import BytesIO

import pytest

from bianzhi.kernel.files import SCANS, kind_of, objections_to_file, plain_name


def package(**members: str) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return stream.getvalue()


DOCX = package(word__document_xml="<w:document><w:t>请示</w:t></w:document>")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("退休审批表.pdf", b"%PDF-1.7\n..."),
        ("照片.JPG", b"\xff\xd8\xff\xe0....."),
        ("扫描.png", b"\x89PNG\r\n\x1a\n..."),
        ("请示.docx", DOCX),
        ("名册.xlsx", package(xl__workbook_xml="<workbook/>")),
        ("批复.ofd", package(OFD_xml="<OFD/>")),
        ("说明.txt", "情况说明".encode("gb18030")),
    ],
)
def test_what_is_what_its_name_says_is_taken(name, data):
    assert objections_to_file(name, data, largest_megabytes=1) == []


def test_where_only_scans_are_taken_other_kinds_are_not():
    assert objections_to_file("签批.png", b"\x89PNG\r\n\x1a\n...", largest_megabytes=1, kinds=SCANS) == []
    (refused,) = objections_to_file("请示.docx", DOCX, largest_megabytes=1, kinds=SCANS)
    assert "只接受PDF、JPG 图片、PNG 图片" in refused.message


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("程序.exe", b"MZ", "只接受"),
        ("网页.html", b"<script>", "只接受"),
        ("无后缀", b"%PDF-", "只接受"),
        ("空.pdf", b"", "空文件"),
        ("大.pdf", b"%PDF-" + b"0" * 2**20, "超过 1 MB"),
        ("改名.pdf", b"MZ\x90\x00", "内容不是PDF"),
        ("改名.docx", package(xl__workbook_xml="<workbook/>"), "内容不是Word"),
        ("坏.xlsx", b"PK\x03\x04broken", "内容不是Excel"),
        ("二进制.txt", b"a\x00b", "内容不是文本"),
    ],
)
def test_what_is_not_is_refused_with_the_reason(name, data, words):
    found = objections_to_file(name, data, largest_megabytes=1)
    assert [objection.code for objection in found] == ["M51"]
    assert words in found[0].message


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("机密文件.pdf", b"%PDF-1.7"),
        ("函.docx", package(word__document_xml="<w:t>绝</w:t><w:t>密★3年</w:t>")),
        ("函.ofd", package(OFD_xml="<OFD/>", Doc_0__Pages__Page_0__Content_xml="<t>秘密★1年</t>")),
        ("函.txt", "秘　密 关于".encode()),
    ],
)
def test_a_mark_of_secrecy_in_name_or_text_refuses_a_file(name, data):
    assert [each.code for each in objections_to_file(name, data, largest_megabytes=1)] == ["R27"]


def test_a_package_that_swells_is_not_unpacked():
    bomb = package(word__document_xml="0" * (51 * 2**20))
    assert len(bomb) < 2**20
    assert [each.code for each in objections_to_file("x.docx", bomb, largest_megabytes=1)] == ["M51"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("is_damaged", [False, True])
def test_a_package_that_no_office_program_packs_so_is_refused_whole_or_damaged(method, is_damaged):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        file.writestr("word/document.xml", "<w:t>请示</w:t>" * 100)
    data = bytearray(stream.getvalue())
    if is_damaged:
        data[60:90] = bytes(30)
    assert [each.code for each in objections_to_file("x.docx", bytes(data), largest_megabytes=1)] == ["M51"]


def test_a_package_whose_directory_points_beyond_every_file_is_refused():
    data = bytearray(DOCX)
    entry = data.index(b"PK\x01\x02")
    name = int.from_bytes(data[entry + 28 : entry + 30], "little")
    wide = b"\x01\x00\x08\x00" + b"\xff" * 8
    data[entry + 42 : entry + 46] = b"\xff" * 4
    data[entry + 30 : entry + 32] = len(wide).to_bytes(2, "little")
    data[entry + 46 + name : entry + 46 + name] = wide
    end = data.index(b"PK\x05\x06")
    size = int.from_bytes(data[end + 12 : end + 16], "little") + len(wide)
    data[end + 12 : end + 16] = size.to_bytes(4, "little")
    assert [each.code for each in objections_to_file("x.docx", bytes(data), largest_megabytes=1)] == ["M51"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        (r"C:\Users\张三\审批表.pdf", "审批表.pdf"),
        ("..", ""),
        (".htaccess.txt", "htaccess.txt"),
        ('a\r\nb"<c>.pdf', "a b c .pdf"),
    ],
)
def test_a_name_is_never_a_path(given, kept):
    assert plain_name(given) == kept


def test_a_long_name_keeps_its_ending():
    assert plain_name("长" * 300 + ".pdf").endswith("长.pdf")
    assert len(plain_name("长" * 300 + ".pdf")) == 200
    assert kind_of("a.PDF") is not None
