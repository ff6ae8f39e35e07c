"""The parts a report is declared with."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from bianzhi.reports.definitions.links import Links

Value = str | int | date | Fraction | Decimal | None


class RowKind(StrEnum):
    """What a row stands for."""

    DETAIL = "detail"
    GROUP = "group"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `group` is the heading above several columns; `over` marks figures that are red unless 0, `heads`
    the column that names the row (the first text column when none says so).

    Kinds: `number` (a count), `percent` (a Fraction; None where there is nothing to divide by), `decimal` (a Decimal,
    shown with one place), `day`, `month`, `text`.
    """

    key: str
    label: str
    kind: Literal["text", "number", "percent", "decimal", "day", "month"] = "text"
    group: str = ""
    width: int = 0
    over: bool = False
    dash_zero: bool = False
    heads: bool = False

    @property
    def is_figure(self) -> bool:
        """Whether the cells stand at the right."""
        return self.kind in ("number", "percent", "decimal")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: values by column key, and where each figure leads."""

    values: Mapping[str, Value]
    links: Mapping[str, str] = field(default_factory=dict)
    kind: RowKind = RowKind.DETAIL


@dataclass(frozen=True, slots=True)
class Table:
    """A report as built: `count` is the number of detail rows on all pages, `remarks` stand below the table.

    `of_persons`: the rows are persons, not figures, so that less of it is taken away without approval.
    """

    columns: Sequence[Column]
    rows: Iterable[Row]
    count: int
    totals: Sequence[Row] = ()
    remarks: Sequence[str] = ()
    of_persons: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the reader chooses above a report. `kind` "unit" is a search for an organisation."""

    key: str
    label: str
    kind: Literal["choice", "unit"] = "choice"
    options: Sequence[tuple[str, str]] | Callable[["Query"], Sequence[tuple[str, str]]] = ()
    default: str = ""

    def offered(self, query: "Query") -> Sequence[tuple[str, str]]:
        """The options in this query."""
        return self.options(query) if callable(self.options) else self.options


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: by whom, for which day, within which units, with which choices.

    `scope` holds the organisations the reader may see, None for all; `window` is (first row, number of rows) of a paged
    report, None for all rows; `revealed` shows ID numbers in clear, which the caller has audited.
    """

    user: Any
    day: date
    today: date
    scope: frozenset[int] | None
    choices: Mapping[str, str] = field(default_factory=dict)
    window: tuple[int, int] | None = None
    revealed: bool = False

    @property
    def links(self) -> Links:
        """Addresses of the pages behind the figures, on the same day."""
        return Links(self.day, self.today)

    def chosen(self, choice: Choice) -> str:
        """The reader's choice, its default when there is none or none that is offered."""
        value = self.choices.get(choice.key, "")
        if choice.kind == "unit":
            return value if value.isascii() and value.isdigit() else ""
        return value if value in dict(choice.offered(self)) else choice.default


@dataclass(frozen=True, slots=True)
class Report:
    """One of the trade's reports. `paged` ones build only the rows of the window; `measure` is what it counts in."""

    code: str
    title: str
    description: str
    build: Callable[[Query], Table]
    choices: Sequence[Choice] = ()
    paper: Literal["A3", "A4"] = "A3"
    paged: bool = False
    has_id_numbers: bool = False
    permission: str = "reports.view"
    measure: str = "名、人"

    @property
    def slug(self) -> str:
        """The code as it stands in the address."""
        return self.code.lower()

    def heading(self, query: Query) -> str:
        """Code and title."""
        return f"{self.code} {self.title}"
