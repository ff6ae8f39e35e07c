"""What reading a delivery found: columns, problems by kind with their first examples, people by unit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

PROBLEM_LABELS: Final[dict[str, str]] = {
    "missing": "必填项为空",
    "id_rounded": "身份证号被表格软件截成 15 位有效数字",
    "id_length": "身份证号位数不对或含有其他字符",
    "id_check": "身份证号校验码不符",
    "date": "日期无法识别",
    "amount": "金额不是数字",
    "code": "不在代码表中",
    "pattern": "不符合约定的格式",
    "long": "超过约定的长度",
    "repeated": "同一人在同一单位重复出现",
}
"""Kind of problem → what an official reads."""


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """One column of the file and the field it was taken for ("" for none)."""

    letter: str
    heading: str
    field: str
    title: str
    column: str
    basis: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class FoundSheet:
    """One sheet and what it was taken for."""

    name: str
    role: str
    header_row: int | None = None
    first_row: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """One row with a problem; an ID number is masked."""

    row: int
    value: str


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """One kind of problem of one column: how many rows, and the first of them."""

    kind: str
    column: str
    title: str
    count: int
    examples: tuple[Example, ...] = ()

    @property
    def label(self) -> str:
        """What an official reads."""
        return PROBLEM_LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """Everything reading found. `units` are unit → people, the largest first; `left_out` rows that are no people."""

    format: str
    rows: int
    encoding: str = ""
    left_out: int = 0
    left_out_examples: tuple[str, ...] = ()
    sheets: tuple[FoundSheet, ...] = ()
    columns: tuple[FoundColumn, ...] = ()
    not_delivered: tuple[str, ...] = ()
    problems: tuple[FoundProblem, ...] = ()
    units: tuple[tuple[str, int], ...] = ()
    unit_count: int = 0
    remarks: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        """Rows with a kind of problem, over all columns."""
        return sum(problem.count for problem in self.problems if problem.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """A plain dictionary for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report again, from what `as_json` gave and JSON carried."""
        return cls(
            **{
                **data,
                "left_out_examples": tuple(data["left_out_examples"]),
                "sheets": tuple(FoundSheet(**one) for one in data["sheets"]),
                "columns": tuple(FoundColumn(**one) for one in data["columns"]),
                "not_delivered": tuple(data["not_delivered"]),
                "problems": tuple(_problem(one) for one in data["problems"]),
                "units": tuple((unit, count) for unit, count in data["units"]),
                "remarks": tuple(data["remarks"]),
            }
        )


def _problem(one: Mapping[str, Any]) -> FoundProblem:
    return FoundProblem(**{**one, "examples": tuple(Example(**each) for each in one["examples"])})
