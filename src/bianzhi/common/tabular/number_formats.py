"""What only a number format shows: leading zeros of codes (00000000), a month without a day, a second decimal."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from defusedxml import ElementTree

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL: Final = re.compile(rb"<c\s([^>]*)>")
_ATTRIBUTE: Final = re.compile(rb'(\w+)="([^"]*)"')
_ZEROS: Final = re.compile(r"0{2,20}")
_NO_CODE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')
_MONTH_FORMATS: Final = frozenset({"17", "27", "36", "50", "52", "57"})
"""Formats no workbook writes out: mmm-yy, and yyyy"年"m"月" in Chinese ones (ECMA-376, 18.8.30)."""
_HUNDREDTHS_FORMATS: Final = frozenset({"2"})

ZeroWidths = dict[str, int]


def zero_padded_cells(data: bytes) -> dict[str, ZeroWidths]:
    """For each sheet of an .xlsx: cell address → how many digits its number format always shows.

    Only formats made of zeros count; a workbook without them is answered from its style table alone.
    """
    with zipfile.ZipFile(BytesIO(data)) as package:
        if "xl/styles.xml" not in package.namelist():
            return {}
        widths = _style_widths(package.read("xl/styles.xml"))
        if not widths:
            return {}
        parts = sheet_parts(package)
        return {name: _padded(package.read(part), widths) for name, part in parts.items() if part in package.namelist()}


@dataclass(frozen=True, slots=True)
class ShownStyles:
    """Style numbers, as written in cells, of dates shown to the month and of numbers shown with two decimals."""

    months: frozenset[bytes] = frozenset()
    hundredths: frozenset[bytes] = frozenset()


def shown_styles(styles: bytes) -> ShownStyles:
    """The styles of a style table (xl/styles.xml) in which a cell means something else than the number it holds.

    1987年6月 typed into a cell is kept as 1 June, and 1987.10 as 1987.1: only the format tells. Raises what the parser
    of XML raises.
    """
    root = ElementTree.fromstring(styles)
    written = {node.get("numFmtId"): node.get("formatCode", "") for node in root.iter(f"{_MAIN}numFmt")}
    cell_styles = root.find(f"{_MAIN}cellXfs")
    used = [style.get("numFmtId", "") for style in cell_styles] if cell_styles is not None else []

    def numbers(usual: frozenset[str], is_such: Callable[[str], bool]) -> frozenset[bytes]:
        return frozenset(
            str(number).encode()
            for number, code in enumerate(used)
            if (is_such(written[code]) if code in written else code in usual)
        )

    return ShownStyles(numbers(_MONTH_FORMATS, _shows_a_month), numbers(_HUNDREDTHS_FORMATS, _shows_hundredths))


def _codes_of(code: str) -> str:
    """The codes of a format's first section, without quoted words, colours, languages and spaces."""
    return _NO_CODE.sub("", code).partition(";")[0].lower()


def _shows_a_month(code: str) -> bool:
    codes = _codes_of(code)
    return "m" in codes and not {"y", "e"}.isdisjoint(codes) and {"d", "h", "s", "0"}.isdisjoint(codes)


def _shows_hundredths(code: str) -> bool:
    return _codes_of(code).strip() == "0.00"


def _style_widths(styles: bytes) -> dict[bytes, int]:
    """Style number, as written in cells, → digits always shown."""
    root = ElementTree.fromstring(styles)
    formats = {
        node.get("numFmtId"): len(node.get("formatCode", ""))
        for node in root.iter(f"{_MAIN}numFmt")
        if _ZEROS.fullmatch(node.get("formatCode", ""))
    }
    cell_styles = root.find(f"{_MAIN}cellXfs")
    if cell_styles is None:
        return {}
    return {
        str(number).encode(): formats[style.get("numFmtId")]
        for number, style in enumerate(cell_styles)
        if style.get("numFmtId") in formats
    }


def sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → path of its part inside the package."""
    targets = {
        node.get("Id"): node.get("Target", "")
        for node in ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    }
    sheets = ElementTree.fromstring(package.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    return {
        sheet.get("name", ""): f"xl/{target}" if not target.startswith("/") else target[1:]
        for sheet in sheets
        if (target := targets.get(sheet.get(_RELATION), ""))
    }


def _padded(sheet: bytes, widths: dict[bytes, int]) -> ZeroWidths:
    found: ZeroWidths = {}
    for cell in _CELL.finditer(sheet):
        attributes = dict(_ATTRIBUTE.findall(cell[1]))
        width = widths.get(attributes.get(b"s", b""))
        if width and b"t" not in attributes and b"r" in attributes:
            found[attributes[b"r"].decode()] = width
    return found
