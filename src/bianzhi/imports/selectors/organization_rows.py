"""What single rows of a table of units tell: the type, the section they stand under, the names a cell lists."""

import re
from typing import Any, Final

from bianzhi.common.tabular.parsing import ParsedRow, ParsedTable
from bianzhi.common.tabular.regions import RowRole
from bianzhi.imports.rules.unit_types import guessed_type
from bianzhi.kernel.names import normalise_organisation_name

_SEPARATORS: Final = re.compile(r"[、，,；;\n/]+")
_NUMBERING: Final = re.compile(
    r"^(?:[（(][一二三四五六七八九十\d]+[)）]|[一二三四五六七八九十\d]+[、.．])\s*|[（(]\s*\d+\s*个?\s*[)）]$"
)
_SHORTEST_CODE: Final = 4


def type_facts(row: ParsedRow) -> dict[str, Any]:
    """Type and institution class: as stated, else by the class, else by the name."""
    stated, institution = str(row.get("org_type") or ""), str(row.get("institution_class") or "")
    guess = guessed_type(str(row.get("name")))
    org_type = stated or ("80" if institution else guess.org_type)
    if org_type == "80":
        return {"org_type": "80", "institution_class": institution or guess.institution_class}
    return {"org_type": org_type, "institution_class": ""}


def sections_of(table: ParsedTable) -> dict[tuple[str, int], str]:
    """The section title each row stands under, by (sheet, row)."""
    found: dict[tuple[str, int], str] = {}
    for sheet in table.sheets:
        titles = [(one.index + 1, one.text) for one in sheet.left_out if one.role is RowRole.SECTION]
        for row in sheet.rows:
            above = [text for number, text in titles if number < row.number]
            title = _NUMBERING.sub("", above[-1]).strip() if above else ""
            if title:
                found[row.sheet, row.number] = title[:100]
    return found


def names_in(text: object) -> tuple[str, ...]:
    """The names a cell lists, without their numbering."""
    parts = (_NUMBERING.sub("", part.strip()) for part in _SEPARATORS.split(str(text or "")))
    return tuple(dict.fromkeys(normalise_organisation_name(part)[:120] for part in parts if part.strip()))


def code_in(row: ParsedRow) -> str:
    """The unit's code; what is shorter than four characters is a running number and identifies nothing."""
    code = str(row.get("code") or "")
    return code if len(code) >= _SHORTEST_CODE else ""
