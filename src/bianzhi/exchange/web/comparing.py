"""The rows of the departments side by side, with the characters in which they differ.

Only what means something else counts as different: 1987.06 and 1987-06-05, or an identity number with a space, do not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from bianzhi.kernel.masking import mask_id_number
from bianzhi.reconciliation.findings.codes import code_of
from bianzhi.reconciliation.sources import DEPARTMENTS

Row = Mapping[str, Any]

LABELS: Final[Mapping[str, str]] = {
    "name": "姓名",
    "id_number": "身份证号",
    "sex": "性别",
    "birth": "出生日期",
    "unit": "单位",
    "unit_code": "单位代码",
    "quota_type": "编制类型",
    "funding": "经费形式",
    "status": "状态",
    "post": "职务岗位",
    "since": "起始时间",
    "pay": "工资",
}
"""The columns of a roster in the order they are read, and what they are called."""

DATES: Final = frozenset({"birth", "since"})
CODED: Final[Mapping[str, str]] = {"sex": "sex", "quota_type": "quota", "funding": "funding"}
"""Columns whose words are compared by what they stand for (codes.yaml)."""
PAIR: Final = 2
NEVER_MARKED: Final = frozenset({"pay", "post", "unit_code", "status", "since"})
"""Columns in which departments need not agree."""


@dataclass(frozen=True, slots=True)
class Side:
    """One row of a department, or that it has none."""

    label: str
    place: str
    url: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the roster over all sides."""

    label: str
    cells: tuple[SafeString, ...]
    is_different: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is shown side by side."""

    sides: tuple[Side, ...]
    lines: tuple[Line, ...]

    @property
    def different(self) -> str:
        """The columns in which the departments differ, in words."""
        return "、".join(line.label for line in self.lines if line.is_different)


def compare(
    rows: Sequence[Row],
    files: Mapping[str, tuple[str, str]],
    departments: Sequence[str] = (),
    units: Mapping[tuple[str, str], str] | None = None,
) -> Comparison:
    """Rows of departments side by side, in the usual order of the departments.

    `files` gives (name, address) of a delivery by its SHA-256. A department of `departments` without a row gets an
    empty side, so that it is seen that it has none. `units` gives the register's name of a unit by (department, text):
    what a department is known to call a unit is no difference.
    """
    sides: list[tuple[Side, Row | None]] = []
    for code, label in DEPARTMENTS:
        found = [row for row in rows if row.get("source") == code]
        sides += [(_side(label, row, files, number, len(found)), row) for number, row in enumerate(found, start=1)]
        if not found and code in departments:
            sides.append((Side(label, "没有此人的行", "", is_missing=True), None))
    shown = [row for _, row in sides]
    lines = [_line(column, shown, units or {}) for column in LABELS if any(row.get(column) for row in rows)]
    return Comparison(tuple(side for side, _ in sides), tuple(lines))


def _side(label: str, row: Row, files: Mapping[str, tuple[str, str]], number: int, of: int) -> Side:
    name, url = files.get(str(row.get("delivery", "")), ("", ""))
    place = f"{name} 第 {row.get('row', '—')} 行".strip()
    return Side(f"{label}（{number}）" if of > 1 else label, place, url, is_missing=False)


def _line(column: str, rows: Sequence[Row | None], units: Mapping[tuple[str, str], str]) -> Line:
    texts = [None if row is None or row.get(column) is None else str(row[column]) for row in rows]
    meanings = [text and _meaning(column, text, row or {}, units) for text, row in zip(texts, rows, strict=True)]
    first = next((place for place, meaning in enumerate(meanings) if meaning), 0)
    others = [] if column in NEVER_MARKED else _otherwise(column, meanings, first)
    is_pair = len([meaning for meaning in meanings if meaning]) == PAIR
    against = {place: str(texts[first]) for place in others}
    if others and is_pair:
        against[first] = str(texts[others[0]])
    cells = (_cell(column, text, row, against.get(at)) for at, (text, row) in enumerate(zip(texts, rows, strict=True)))
    return Line(LABELS[column], tuple(cells), bool(others))


def _otherwise(column: str, meanings: Sequence[str | None], first: int) -> list[int]:
    """Places at which something else is said than at the first."""
    said = meanings[first] or ""
    return [place for place, meaning in enumerate(meanings) if meaning and differ(column, said, meaning)]


def _cell(column: str, text: str | None, row: Row | None, against: str | None) -> SafeString:
    if row is None:
        return SafeString("—")
    if not text:
        return SafeString(f'<span class="muted">{"空" if text == "" else "未提供"}</span>')
    return marked(column, text, against) if against is not None else conditional_escape(_shown(column, text))


def differ(column: str, left: str, right: str) -> bool:
    """Whether two meanings of a column are not the same; a month and a day in it agree."""
    if column in DATES:
        return not (left.startswith(right) or right.startswith(left))
    return left != right


def _meaning(column: str, text: str, row: Row, units: Mapping[tuple[str, str], str]) -> str:
    """What a text says, however it is written."""
    if column in DATES:
        return "".join(part.zfill(2) for part in re.findall(r"\d+", text))
    if column in CODED:
        return code_of(CODED[column], text) or text.strip()
    if column == "unit":
        written = str(row.get("unit_key") or text)
        text = str(row.get("register_unit") or units.get((str(row.get("source")), written), text))
    return re.sub(r"\s", "", text).upper()


def marked(column: str, text: str, against: str) -> SafeString:
    """A text with the characters that `against` does not have there set off; a masked number stays masked."""
    shown = _shown(column, text)
    pieces = ((_piece(shown[start:end], differs),) for start, end, differs in _runs(text, against))
    return format_html('{}<span class="sr-only">（不同）</span>', format_html_join("", "{}", pieces))


def _piece(text: str, differs: bool) -> SafeString:
    return format_html('<mark class="differs">{}</mark>', text) if differs else conditional_escape(text)


def _runs(text: str, against: str) -> Iterator[tuple[int, int, bool]]:
    """Stretches of `text` and whether `against` has something else there; of equal length, place by place."""
    if len(text) == len(against):
        at = 0
        while at < len(text):
            differs, end = text[at] != against[at], at + 1
            while end < len(text) and (text[end] != against[end]) == differs:
                end += 1
            yield at, end, differs
            at = end
        return
    for tag, _, _, start, end in SequenceMatcher(None, against, text, autojunk=False).get_opcodes():
        if end > start:
            yield start, end, tag != "equal"


def _shown(column: str, text: str) -> str:
    return mask_id_number(text) if column == "id_number" else text


def id_numbers(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The whole identity numbers of rows with whose they are, for whoever has said what for."""
    names = dict(DEPARTMENTS)
    return [
        (f"{names.get(str(row.get('source')), '')} 第 {row.get('row', '—')} 行", str(row["id_number"]))
        for row in rows
        if row.get("id_number")
    ]
