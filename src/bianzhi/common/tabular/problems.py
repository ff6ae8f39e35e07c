"""What is wrong with a cell, said so precisely that the person who typed it can find and mend it."""

from dataclasses import dataclass
from enum import StrEnum

from bianzhi.common.tabular.cells import address, column_letter


class Severity(StrEnum):
    """An error keeps the row out; a warning lets it in."""

    ERROR = "error"
    WARNING = "warning"

    @property
    def label(self) -> str:
        """The word an official reads."""
        return "错误" if self is Severity.ERROR else "提醒"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One finding. `row` is Excel's number; `column` counts from 0, or is None when the row as a whole is meant.

    `value` is the cell's text as a reader sees it.
    """

    sheet: str
    row: int
    column: int | None
    column_label: str
    value: str
    message: str
    severity: Severity = Severity.ERROR
    field: str = ""

    @property
    def column_letter(self) -> str:
        """Excel's name of the column; "" for the whole row."""
        return "" if self.column is None else column_letter(self.column)

    @property
    def address(self) -> str:
        """Excel's name of the cell; for the whole row, of its first cell."""
        return address(self.row, self.column or 0)

    def __str__(self) -> str:
        where = f"工作表「{self.sheet}」第 {self.row} 行"
        if self.column is not None:
            where += f"{self.column_letter} 列「{self.column_label}」"
        return f"{where}：{self.message}"

    def as_facts(self) -> dict[str, object]:
        """A plain dictionary for JSON."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column_letter,
            "column_label": self.column_label,
            "value": self.value,
            "message": self.message,
            "severity": self.severity.value,
            "field": self.field,
        }
