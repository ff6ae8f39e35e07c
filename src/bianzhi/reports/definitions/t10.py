"""T10 超编、空编、混编表: each unit and type where something is over, vacant or misplaced."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

from django.db.models import Count

from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.rules.units import quota_label
from bianzhi.reports.definitions.base import Choice, Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import QUOTA_TYPE, UNIT, narrowed
from bianzhi.reports.rules.figures import Figures
from bianzhi.reports.selectors.figures import QuotaFigures, quota_figures
from bianzhi.reports.selectors.units import UnitRow, Units
from bianzhi.reports.selectors.warning_facts import is_misused

SHOW: Final = Choice(
    "show", "范围", options=[("", "超编、空编、混编"), ("over", "仅超编"), ("vacant", "仅空编"), ("mixed", "仅混编")]
)
COLUMNS: Final = (
    Column("unit", "单位", width=30),
    Column("group", "机构类别", width=16),
    Column("quota", "编制类型", width=18),
    Column("approved", "核定", "number"),
    Column("occupied", "实有", "number"),
    Column("reserved", "预占", "number", dash_zero=True),
    Column("available", "可用", "number", dash_zero=True),
    Column("vacant", "空编", "number", dash_zero=True),
    Column("vacancy_rate", "空编率", "percent"),
    Column("over", "超编", "number", over=True, dash_zero=True),
    Column("over_rate", "超编率", "percent"),
    Column("mixed", "混编", "number", over=True, dash_zero=True),
    Column("note", "说明", width=30),
)
FIGURES: Final = ("approved", "occupied", "reserved", "available", "vacant", "over", "mixed")


def build(query: Query) -> Table:
    """The rows the choice shows, in tree order; seven queries."""
    units = Units.on(query.day)
    scope = narrowed(query, units)
    quotas = quota_figures(scope, query.day)
    accepted = Occupancy.objects.as_of(query.day).filter(over_quota=True).order_by()
    if scope is not None:
        accepted = accepted.filter(organization_id__in=list(scope))
    counted = accepted.values_list("organization_id", "quota_type").annotate(count=Count("pk"))
    digesting = {(unit_id, code): count for unit_id, code, count in counted}
    rows = [
        _row(
            query,
            unit,
            code,
            figures,
            mixed=is_misused(units, unit.id, code),
            digesting=digesting.get((unit.id, code), 0),
        )
        for unit in units.reported(scope, quotas.unit_ids())
        for code, figures in _of_unit(query, quotas, unit)
    ]
    shown = [row for row in rows if _is_shown(row, query.chosen(SHOW))]
    return Table(COLUMNS, shown, len(shown), [_total(shown)], REMARKS)


REMARKS = (
    "空编、超编按单位和编制类型分别列示，合计为各行相加，互不抵减。",
    "混编：编制类型与机构类别不符（R05）。超编率 = 超编 ÷ 核定；核定为 0 而有人员的列为“无编”。",
)


def _of_unit(query: Query, quotas: QuotaFigures, unit: UnitRow) -> Iterator[tuple[str, Figures]]:
    wanted = query.chosen(QUOTA_TYPE)
    for quota in quotas.types():
        if (unit.id, quota.code) in quotas.cells and wanted in ("", quota.code):
            yield quota.code, quotas.of(unit.id, quota.code)


def _row(query: Query, unit: UnitRow, code: str, figures: Figures, *, mixed: bool, digesting: int) -> Row:
    links = query.links
    values: dict[str, Value] = {
        "unit": unit.name,
        "group": unit.group[1],
        "quota": quota_label(code),
        "approved": figures.approved,
        "occupied": figures.occupied,
        "reserved": figures.reserved,
        "available": figures.available,
        "vacant": figures.vacant,
        "vacancy_rate": Fraction(figures.vacant, figures.approved) if figures.approved else None,
        "over": figures.over,
        "over_rate": Fraction(figures.over, figures.approved) if figures.approved else None,
        "mixed": figures.occupied if mixed else 0,
        "note": _note(figures, mixed=mixed, digesting=digesting),
    }
    found = {
        "unit": links.unit(unit.id),
        "approved": links.approved(unit.id, code),
        "occupied": links.roster(unit.id, code),
    }
    return Row(values, found if unit.code else {})


def _note(figures: Figures, *, mixed: bool, digesting: int) -> str:
    parts = []
    if figures.occupied and not figures.approved:
        parts.append("无编")
    if digesting:
        parts.append(f"待消化超编在册 {digesting} 人")
    if mixed and figures.occupied:
        parts.append("编制类型与机构类别不符")
    return "；".join(parts)


def _is_shown(row: Row, show: str) -> bool:
    wanted = (show,) if show else ("over", "vacant", "mixed")
    return any(row.values[key] for key in wanted)


def _total(rows: Sequence[Row]) -> Row:
    sums: dict[str, Value] = {key: sum(_number(row.values[key]) for row in rows) for key in FIGURES}
    return Row({"unit": "合计", **sums}, kind=RowKind.TOTAL)


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


REPORT = Report(
    code="T10",
    title="超编、空编、混编表",
    description="逐单位、逐编制类型列出超编、空编和混编，附预占和可用编制。",
    build=build,
    choices=[UNIT, QUOTA_TYPE, SHOW],
)
