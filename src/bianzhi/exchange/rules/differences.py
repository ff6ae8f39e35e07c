"""A difference list: what was found, on the department's own rows and under the department's own headings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.reconciliation.sources import DEPARTMENTS, ESTABLISHMENT

ADDED: Final = (
    "差异编号", "差异类别", "差异说明", "处理建议", "责任部门", "本行来自", "文件行号", "编办登记姓名", "编办登记单位",
)  # fmt: skip
"""What stands beside the department's own columns."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding as a list tells it."""

    number: str
    label: str
    explanation: str
    next_step: str
    owner: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Department:
    """Whose list it is: its headings by roster column, its own codes for words, the deliveries it made.

    `answers_for_absent`: it is told of people it has no row of (of several sources of a department, one is).
    """

    code: str
    headings: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    deliveries: frozenset[str]
    answers_for_absent: bool = True


def columns_of(department: Department) -> list[str]:
    """The head of the list; an added heading that the department uses itself is told apart."""
    own = list(department.headings.values())
    return [*own, *(f"核对：{name}" if name in own else name for name in ADDED)]


def lines_of(department: Department, differences: Iterable[Difference]) -> list[list[str]]:
    """The body: one line for each own row, or one that shows whom the department lacks."""
    return [
        line
        for difference in differences
        for row in _rows_for(department, difference)
        for line in [_line(department, difference, row)]
    ]


def _rows_for(department: Department, difference: Difference) -> list[Mapping[str, Any]]:
    own = [row for row in difference.rows if row.get("source") == department.code]
    if own:
        return [row for row in own if row.get("delivery") in department.deliveries]
    if difference.owner != department.code or not department.answers_for_absent:
        return []
    return sorted(difference.rows, key=lambda row: row.get("source") != ESTABLISHMENT)[:1]


def _line(department: Department, difference: Difference, row: Mapping[str, Any]) -> list[str]:
    names = dict(DEPARTMENTS)
    own = [_own_word(department, column, row.get(column)) for column in department.headings]
    registered = next((each for each in difference.rows if each.get("source") == ESTABLISHMENT), {})
    is_own = row.get("source") == department.code
    return [
        *own,
        difference.number,
        difference.label,
        difference.explanation,
        difference.next_step,
        names[difference.owner],
        "贵方数据" if is_own else f"{names.get(str(row.get('source')), '其他部门')}（贵方没有此行）",
        str(row.get("row") or "") if is_own else "",
        str(registered.get("name") or ""),
        str(registered.get("unit") or ""),
    ]


def _own_word(department: Department, column: str, value: object) -> str:
    """What the department writes for a word of the roster."""
    text = "" if value is None else str(value)
    return department.codes.get(column, {}).get(text, text)
