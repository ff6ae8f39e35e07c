"""Files made to do harm, or broken: each is refused in words, and nothing but the reading process suffers."""

from __future__ import annotations

import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from bianzhi.common import child_process
from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.common.tabular.limits import MEBIBYTE
from bianzhi.reconciliation.reading.limits import DELIVERED
from tests.reconciliation.reading.files import HEADINGS, people, read, text, xlsx

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def _refused(path: Path, **given: object) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as refused:
        read(path, **given)  # type: ignore[arg-type]
    assert not list(path.parent.glob("*.roster.parquet*"))
    return refused.value


def _with_part(path: Path, name: str, data: bytes) -> Path:
    """A sound workbook with one more part."""
    xlsx(path, [HEADINGS, *people(3)])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, data)
    return path


def test_a_zip_bomb_is_refused(tmp_path: Path):
    bomb = _with_part(tmp_path / "a.xlsx", "xl/worksheets/sheet9.xml", b"0" * (300 * MEBIBYTE))
    assert _refused(bomb).fault is Fault.DANGEROUS


def test_a_sheet_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path):
    path = _with_part(tmp_path / "a.xlsx", "xl/media/a.bin", bytes(range(256)) * 4096 * 8)
    refused = _refused(path, limits=replace(DELIVERED, unpacked_bytes=4 * MEBIBYTE))
    assert refused.fault is Fault.DANGEROUS


def test_an_entity_in_a_sheet_is_refused(tmp_path: Path):
    path = _with_part(tmp_path / "a.xlsx", "xl/worksheets/sheet9.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a/>')
    assert _refused(path).fault is Fault.DANGEROUS


def test_a_workbook_with_macros_is_refused_whatever_it_is_called(tmp_path: Path):
    for name in ("a.xlsm", "a.xlsx"):
        refused = _refused(_with_part(tmp_path / name, "xl/vbaProject.bin", b"macro"))
        assert refused.fault is Fault.DANGEROUS
        assert "宏" in str(refused)


def test_a_cell_absurdly_far_out_costs_no_more_than_the_ceiling(tmp_path: Path):
    path = xlsx(tmp_path / "a.xlsx", [HEADINGS, *people(3)])
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    refused = _refused(path)
    assert refused.fault in (Fault.OVER_LIMIT, Fault.TOO_LARGE)
    assert "内存上限" in str(refused) or "超过上限" in str(refused)


def test_a_line_without_end_is_refused(tmp_path: Path):
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.write("姓名,身份证号,单位名称\n".encode())
        for _ in range(40):
            stream.write(b"a" * MEBIBYTE)
    assert _refused(path).fault is Fault.DAMAGED


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path: Path):
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.truncate(2 * 1024 * MEBIBYTE)
    refused = _refused(path)
    assert refused.fault is Fault.TOO_LARGE
    assert "2048.0 MB" in str(refused)


def test_a_quotation_mark_that_is_never_closed_is_refused(tmp_path: Path):
    path = tmp_path / "a.csv"
    rows = "".join(f"{name},{number},{unit}\n" for name, number, unit in people(2000))
    path.write_text(f'姓名,身份证号,单位名称\n"虞{rows}', encoding="utf-8")
    assert _refused(path).fault is Fault.DAMAGED


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"\xef\xbb\xbf\r\n \r\n", Fault.EMPTY),
        (b"%PDF-1.7", Fault.WRONG_TYPE),
        (b"MZ\x90\x00program", Fault.WRONG_TYPE),
        (b"<html><table><tr><td>1</td></tr></table></html>", Fault.WRONG_TYPE),
        (b"PK\x03\x04 half a workbook", Fault.DAMAGED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 half", Fault.DAMAGED),
        (b"PAR1 half", Fault.DAMAGED),
        (b"name,\x00\x00\x00binary", Fault.WRONG_TYPE),
        (b"\xff\xfea", Fault.ENCODING),
        ("姓名,身份证号,单位名称\n虞测,1,".encode() + b"\xff\xff\xff", Fault.ENCODING),
        (b"one column only\nand another line\n", Fault.UNRECOGNISED),
    ],
)
def test_what_is_no_roster_is_refused_in_words(tmp_path: Path, data: bytes, fault: Fault):
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    refused = _refused(path)
    assert refused.fault is fault
    assert any("一" <= character <= "鿿" for character in str(refused))


def test_formulas_give_their_values_and_text_that_looks_like_one_stays_text(tmp_path: Path):
    rows = [HEADINGS, *people(2), ("=HYPERLINK(1)", people(3)[2][1], "@SUM(1)")]
    _, found = read(text(tmp_path / "a.csv", rows))
    assert found[2]["name"] == "=HYPERLINK(1)"
    assert found[2]["unit"] == "@SUM(1)"


def test_a_reading_that_takes_too_long_is_ended(tmp_path: Path):
    path = text(tmp_path / "a.csv", [HEADINGS, *people(3)])
    refused = _refused(path, limits=replace(DELIVERED, wall_seconds=0))
    assert refused.fault is Fault.OVER_LIMIT
    assert "0 秒仍未完成" in str(refused)


def test_a_reading_ended_before_it_was_told_what_to_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    started = child_process.started

    def killed_at_once(module: str) -> subprocess.Popen[str]:
        process = started(module)
        process.kill()
        process.wait()
        return process

    monkeypatch.setattr(child_process, "started", killed_at_once)
    refused = _refused(text(tmp_path / "a.csv", [HEADINGS, *people(3)]))
    assert refused.fault is Fault.OVER_LIMIT


def test_a_reading_out_of_memory_is_told_as_such(tmp_path: Path):
    path = text(tmp_path / "a.csv", [HEADINGS, *people(3)])
    refused = _refused(path, limits=replace(DELIVERED, address_space=150 * MEBIBYTE))
    assert "内存上限" in str(refused) or "无法完成" in str(refused)


def test_more_output_than_allowed_is_refused(tmp_path: Path):
    path = text(tmp_path / "a.csv", [HEADINGS, *people(5000)])
    refused = _refused(path, limits=replace(DELIVERED, output_bytes=10_000))
    assert refused.fault in (Fault.OVER_LIMIT, Fault.DAMAGED)


def test_the_reading_process_sees_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BIANZHI_SECRET_KEY", "secret")
    monkeypatch.setenv("BIANZHI_SOURCE_HR", "secret")
    assert "secret" not in child_process.what_it_sees().values()
