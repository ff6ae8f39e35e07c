"""T11 领导职数台账: posts approved and filled by unit and level."""

from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.reports.definitions.base import Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import UNIT, narrowed
from bianzhi.reports.selectors.posts import PostFigures, post_figures
from bianzhi.reports.selectors.units import UnitRow, Units

COLUMNS: Final = (
    Column("unit", "单位", width=30),
    Column("rank", "机构规格", width=14),
    Column("level", "职数类别", width=16),
    Column("approved", "核定职数", "number"),
    Column("filled", "实配人数", "number"),
    Column("vacant", "空缺", "number", dash_zero=True),
    Column("over", "超配", "number", over=True, dash_zero=True),
    Column("high_rank", "其中高配", "number", dash_zero=True),
    Column("concurrent", "另有兼职", "number", dash_zero=True),
)
FIGURES: Final = ("approved", "filled", "vacant", "over", "high_rank", "concurrent")


def build(query: Query) -> Table:
    """One row a unit and level, in tree order; five queries."""
    units = Units.on(query.day)
    scope = narrowed(query, units)
    posts = post_figures(scope, query.day)
    levels = codes("post_level").choices()
    rows = [
        _row(query, unit, label, code, posts[unit.id, code])
        for unit in units.reported(scope, {unit_id for unit_id, _ in posts})
        for code, label in levels
        if (unit.id, code) in posts
    ]
    totals = [_total(label, [each for (_, level), each in posts.items() if level == code]) for code, label in levels]
    shown = [row for row in totals if any(row.values[key] for key in FIGURES)]
    whole = _total("", list(posts.values()))
    return Table(COLUMNS, rows, len(rows), [*shown, whole], REMARKS)


REMARKS = (
    "兼职只在主要职务处占用职数，不重复计算；职级不占领导职数。",
    "空缺、超配分单位、分类别计算后相加，互不抵减。高配指任职层次高于职位规格。",
)


def _row(query: Query, unit: UnitRow, label: str, code: str, posts: PostFigures) -> Row:
    links = query.links
    values: dict[str, Value] = {
        "unit": unit.name,
        "rank": codes("organization_rank").label(unit.rank),
        "level": label,
        **_figures(posts),
    }
    found = {"unit": links.unit(unit.id), "approved": links.approved(unit.id, code)} if unit.code else {}
    return Row(values, found)


def _figures(posts: PostFigures) -> dict[str, Value]:
    return {
        "approved": posts.figures.approved,
        "filled": posts.figures.occupied,
        "vacant": posts.figures.vacant,
        "over": posts.figures.over,
        "high_rank": posts.high_rank,
        "concurrent": posts.concurrent,
    }


def _total(label: str, rows: list[PostFigures]) -> Row:
    sums: dict[str, Value] = {
        "approved": sum(each.figures.approved for each in rows),
        "filled": sum(each.figures.occupied for each in rows),
        "vacant": sum(each.figures.vacant for each in rows),
        "over": sum(each.figures.over for each in rows),
        "high_rank": sum(each.high_rank for each in rows),
        "concurrent": sum(each.concurrent for each in rows),
    }
    return Row({"unit": "合计", "level": label, **sums}, kind=RowKind.TOTAL)


REPORT = Report(
    code="T11",
    title="领导职数台账",
    description="各单位各类领导职数的核定、实配、空缺、超配，附高配和兼职。",
    build=build,
    choices=[UNIT],
    paper="A4",
)
