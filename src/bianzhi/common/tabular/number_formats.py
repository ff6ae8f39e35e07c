"""Codes shown with leading zeros by a number format (00000000): the zeros are only there, so the format is read."""

import re
import zipfile
from io import BytesIO
from typing import Final

from defusedxml import ElementTree

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL: Final = re.compile(rb"<c\s([^>]*)>")
_ATTRIBUTE: Final = re.compile(rb'(\w+)="([^"]*)"')
_ZEROS: Final = re.compile(r"0{2,20}")

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
