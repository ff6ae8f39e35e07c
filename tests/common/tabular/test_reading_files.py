"""Files as a whole: what is read, what is refused and how the refusal is worded."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
import xlsxwriter

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.limits import Limits
from bianzhi.common.tabular.reading import read_bytes, read_workbook
from bianzhi.common.tabular.workbook import FileFormat, MergedRange

from .tables import delimited, xls, xlsx

GRID = [["单位", "人数"], ["区教育局", 3], ["区卫健局", 2]]


@pytest.mark.parametrize("write", [xlsx, xls])
def test_excel_files_of_both_generations_read_the_same(write):
    book = read_bytes(write({"名单": GRID, "空": []}), name="a")
    assert [sheet.name for sheet in book.sheets] == ["名单", "空"]
    assert [list(row) for row in book.sheets[0].rows] == GRID
    assert book.sheets[1].is_empty


@pytest.mark.parametrize("write", [xlsx, xls])
def test_merged_cells_show_the_value_of_their_top_left_cell(write):
    grid = [["标题", "", ""], ["单位", "核定编制", ""], ["", "行政", "事业"], ["甲局", 3, 4]]
    sheet = read_bytes(write({"表": grid}, merged={"表": [(0, 0, 0, 2), (1, 1, 1, 2), (1, 0, 2, 0)]}), name="a").sheets[
        0
    ]
    assert set(sheet.merged) == {MergedRange(0, 0, 0, 2), MergedRange(1, 1, 1, 2), MergedRange(1, 0, 2, 0)}
    assert sheet.shown(1, 2) == "核定编制"
    assert sheet.shown(2, 0) == "单位"
    assert sheet.own(2, 0) == ""


def test_a_table_that_does_not_begin_in_a1_keeps_excels_row_numbers():
    sheet = read_bytes(xlsx({"表": [[], [], ["", "", "姓名"], ["", "", "虞一"]]}), name="a").sheets[0]
    assert sheet.own(3, 2) == "虞一"


def test_hidden_sheets_are_listed_as_hidden():
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet("看得见").write(0, 0, "内容")
        hidden = book.add_worksheet("看不见")
        hidden.write(0, 0, "内容")
        hidden.hide()
    sheets = read_bytes(buffer.getvalue(), name="a").sheets
    assert [(sheet.name, sheet.hidden) for sheet in sheets] == [("看得见", False), ("看不见", True)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_tables_read_in_every_usual_encoding_and_separator(encoding, delimiter):
    grid = [
        ["单位", "姓名", "备注"],
        ["区教育局", "𠮷田", f"甲{delimiter}乙"],
        ["", "", ""],
        ["区卫健局", "虞·木", "两\n行"],
    ]
    book = read_bytes(delimited(grid, delimiter=delimiter, encoding=encoding), name="名单.csv")
    assert book.format is FileFormat.CSV
    assert book.delimiter == delimiter
    assert [list(row) for row in book.sheets[0].rows] == grid
    assert book.sheets[0].name == "名单"


def test_the_content_decides_the_type_and_not_the_name():
    assert read_bytes(xls({"表": GRID}), name="a.xlsx").format is FileFormat.XLS
    assert read_bytes(xlsx({"表": GRID}), name="a.xls").format is FileFormat.XLSX
    assert read_bytes(delimited(GRID), name="a.xls").format is FileFormat.CSV


def test_zeros_kept_only_by_a_number_format_are_read():
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("表")
        sheet.write(0, 0, "代码")
        sheet.write(1, 0, 11001, book.add_format({"num_format": "00000000"}))
        sheet.write(2, 0, 11001)
    assert [row[0] for row in read_bytes(buffer.getvalue(), name="a").sheets[0].rows] == ["代码", "00011001", 11001]


def test_dates_are_read_as_dates():
    sheet = read_bytes(xlsx({"表": [["日期"], [date(2024, 3, 15)]]}), name="a").sheets[0]
    assert sheet.own(1, 0) == date(2024, 3, 15)


def fault_of(data: bytes, *, limits: Limits | None = None) -> tuple[Fault, str]:
    with pytest.raises(UnreadableFile) as refused:
        read_bytes(data, name="文件.xlsx", limits=limits or Limits())
    return refused.value.fault, str(refused.value)


@pytest.mark.parametrize("data", [b"", b"   \r\n", b"\x00\x00"])
def test_an_empty_file_is_refused(data):
    assert fault_of(data)[0] is Fault.EMPTY


def test_a_workbook_of_empty_sheets_is_refused():
    assert fault_of(xlsx({"一": [], "二": [["", " "]]}))[0] is Fault.EMPTY


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "图片"),
        (b"Rar!\x1a\x07....", "压缩包"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "网页"),
        (b"\x00\x01\x02binary\x00", "无法识别"),
    ],
)
def test_other_types_are_named_in_the_refusal(data, what):
    fault, message = fault_of(data)
    assert fault is Fault.WRONG_TYPE
    assert what in message


@pytest.mark.parametrize(
    ("member", "what"), [("word/document.xml", "Word"), ("content.xml", "OpenDocument"), ("a.txt", "压缩包")]
)
def test_zipped_files_that_are_no_workbooks_are_named(member, what):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(member, "x")
    fault, message = fault_of(buffer.getvalue())
    assert fault is Fault.WRONG_TYPE
    assert what in message


def test_an_encrypted_workbook_asks_for_the_password_to_be_removed():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    fault, message = fault_of(ole)
    assert fault is Fault.ENCRYPTED
    assert "取消密码" in message


@pytest.mark.parametrize("write", [xlsx, xls])
def test_a_truncated_workbook_is_called_damaged(write):
    data = write({"表": GRID * 200})
    assert fault_of(data[: len(data) // 2])[0] is Fault.DAMAGED


def test_text_in_no_known_encoding_is_refused():
    assert fault_of(b"\xff\xff\x80\x81,\xff")[0] is Fault.ENCODING


def test_a_file_beyond_the_size_limit_is_refused_with_both_figures(tmp_path):
    path = tmp_path / "大.csv"
    path.write_bytes(b"a,b\n" * 600_000)
    with pytest.raises(UnreadableFile) as refused:
        read_workbook(path, limits=Limits(file_bytes=1024 * 1024))
    assert refused.value.fault is Fault.TOO_LARGE
    assert "2.3 MB" in str(refused.value)
    assert "1 MB" in str(refused.value)


def packed(sheet_xml: bytes) -> bytes:
    """A workbook whose only sheet is replaced by hand-made XML."""
    source, target = zipfile.ZipFile(BytesIO(xlsx({"表": GRID}))), BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in source.namelist():
            package.writestr(name, sheet_xml if name.endswith("sheet1.xml") else source.read(name))
    return target.getvalue()


SHEET_BEGINS = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_ENDS = b"</sheetData></worksheet>"


def test_a_zip_bomb_is_stopped_while_it_unpacks():
    bomb = packed(SHEET_BEGINS + b" " * 60_000_000 + SHEET_ENDS)
    assert len(bomb) < 200_000
    fault, message = fault_of(bomb)
    assert fault is Fault.DANGEROUS
    assert "压缩" in message


def test_the_unpacked_size_is_limited_whatever_the_ratio():
    assert fault_of(xlsx({"表": GRID * 100}), limits=Limits(unpacked_bytes=2000))[0] is Fault.DANGEROUS


def test_a_workbook_with_entities_is_refused():
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert fault_of(packed(entity + SHEET_BEGINS + SHEET_ENDS))[0] is Fault.DANGEROUS


@pytest.mark.parametrize("quote", [b'"', b"'"])
def test_one_cell_placed_absurdly_far_out_is_refused_before_memory_is_reserved(quote):
    far = b"<row><c r=" + quote + b"XFD1048576" + quote + b"><v>1</v></c></row>"
    fault, message = fault_of(packed(SHEET_BEGINS + far + SHEET_ENDS))
    assert fault is Fault.TOO_LARGE
    assert "1048576" in message


def test_too_many_rows_in_a_text_table_are_refused():
    assert fault_of(b"a,b\n" * 50, limits=Limits(rows=10))[0] is Fault.TOO_LARGE
