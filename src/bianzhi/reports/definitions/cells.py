"""How a value is written: the one place where screen, paper and sheet agree on it."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from bianzhi.reports.definitions.base import Column, Row, RowKind, Value

NONE = "—"
NO_QUOTA = "无编"


def text(column: Column, value: Value) -> str:
    """The value as a reader sees it: 1,234, 93.5%, 2024-12-31, 1987.06, and a dash for nothing."""
    if value is None or value == "" or (column.dash_zero and value == 0):
        return NONE if column.is_figure or column.kind in ("day", "month") else ""
    if isinstance(value, date):
        return value.strftime("%Y.%m") if column.kind == "month" else value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:,.1f}"
    if isinstance(value, Fraction):
        return f"{float(value):.1%}"
    if isinstance(value, int) and column.kind == "percent":
        return f"{value:.1%}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def shown(column: Column, row: Row) -> str:
    """The text of a cell; 无编 instead of a rate where people stand on nothing approved (domain dossier §4)."""
    value = row.values.get(column.key)
    if column.kind == "percent" and value is None and row.values.get("occupied"):
        return NO_QUOTA
    if value is None and row.kind is not RowKind.DETAIL:
        return ""
    return text(column, value)


def is_alarming(column: Column, row: Row) -> bool:
    """Whether the figure is one that must not be there (超编, 混编, 平衡差额)."""
    return column.over and bool(row.values.get(column.key))
