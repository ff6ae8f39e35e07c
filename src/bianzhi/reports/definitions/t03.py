"""T03 机构编制总表: organisation type → unit, approved and occupied by type, 空/超, 满编率, leadership posts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count

from bianzhi.kernel.codesets import codes
from bianzhi.ledger.rules.quota_types import QuotaType
from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.organizations.models.bodies import BodyKind
from bianzhi.reports.definitions.base import Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import UNIT, narrowed
from bianzhi.reports.definitions.links import Links
from bianzhi.reports.rules.figures import Figures, total
from bianzhi.reports.selectors.figures import QuotaFigures, Scope, quota_figures
from bianzhi.reports.selectors.posts import Key, PostFigures, post_figures
from bianzhi.reports.selectors.units import UnitRow, Units


@dataclass(frozen=True, slots=True)
class Data:
    """What every row is made from."""

    quotas: QuotaFigures
    posts: Mapping[Key, PostFigures]
    bodies: Mapping[int, int]
    types: Sequence[QuotaType]
    levels: Sequence[tuple[str, str]]


def build(query: Query) -> Table:
    """The table of the query's units; nine queries."""
    units = Units.on(query.day)
    scope = narrowed(query, units)
    quotas, posts = quota_figures(scope, query.day), post_figures(scope, query.day)
    present_levels = {level for _, level in posts}
    levels = [(code, label) for code, label in codes("post_level").choices() if code in present_levels]
    data = Data(quotas, posts, body_counts(scope, query.day), quotas.types(), levels)
    rows = units.reported(scope, quotas.unit_ids())
    totals = Row(_values("合计", rows, data), kind=RowKind.TOTAL)
    return Table(_columns(data), list(_rows(rows, data, query.links)), len(rows), [totals], REMARKS)


REMARKS = (
    "空编、超编分编制类型、分单位计算后相加，互不抵减；满编率 = 实有 ÷ 核定。",
    "备案员额、编外用工控制数不是编制，未列入本表。",
)


def body_counts(scope: Scope, day: date) -> dict[int, int]:
    """Internal bodies (内设机构) by unit on a day, in one query."""
    rows = InternalBodyVersion.objects.as_of(day).filter(kind=BodyKind.INTERNAL)
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    return dict(rows.order_by().values_list("organization_id").annotate(count=Count("pk")))


def _columns(data: Data) -> list[Column]:
    short = [(quota.code, quota.short) for quota in data.types]
    return [
        Column("name", "单位", width=30),
        Column("units", "机构数", "number"),
        Column("bodies", "内设机构数", "number", dash_zero=True),
        *(Column(f"approved_{code}", label, "number", "核定编制", dash_zero=True) for code, label in short),
        Column("approved", "合计", "number", "核定编制"),
        *(Column(f"occupied_{code}", label, "number", "实有人数", dash_zero=True) for code, label in short),
        Column("occupied", "合计", "number", "实有人数"),
        Column("reserved", "预占", "number", dash_zero=True),
        Column("vacant", "空编", "number", "空编与超编", dash_zero=True),
        Column("over", "超编", "number", "空编与超编", over=True, dash_zero=True),
        Column("fill_rate", "满编率", "percent"),
        *(Column(f"posts_{code}", label, "number", "核定领导职数", dash_zero=True) for code, label in data.levels),
        *(Column(f"filled_{code}", label, "number", "实配领导职数", dash_zero=True) for code, label in data.levels),
    ]


def _rows(rows: Sequence[UnitRow], data: Data, links: Links) -> Iterator[Row]:
    ordered = sorted(rows, key=lambda row: row.group[0])
    for (_, label), members in groupby(ordered, key=lambda row: row.group):
        listed = list(members)
        yield Row(_values(f"{label}（{len(listed)} 个）", listed, data), kind=RowKind.GROUP)
        for row in listed:
            yield Row(_values(row.name, [row], data), _links(row, data, links))


def _values(name: str, rows: Sequence[UnitRow], data: Data) -> dict[str, Value]:
    ids = [row.id for row in rows]
    by_type = {quota.code: data.quotas.of_units(ids, quota.code) for quota in data.types}
    whole = total(by_type.values())
    return {
        "name": name,
        "units": sum(row.is_alive for row in rows),
        "bodies": sum(data.bodies.get(unit_id, 0) for unit_id in ids),
        **{f"approved_{code}": figures.approved for code, figures in by_type.items()},
        **{f"occupied_{code}": figures.occupied for code, figures in by_type.items()},
        "approved": whole.approved,
        "occupied": whole.occupied,
        "reserved": whole.reserved,
        "vacant": whole.vacant,
        "over": whole.over,
        "fill_rate": whole.fill_rate,
        **{f"posts_{code}": _posts(ids, code, data).approved for code, _ in data.levels},
        **{f"filled_{code}": _posts(ids, code, data).occupied for code, _ in data.levels},
    }


def _posts(ids: Iterable[int], level: str, data: Data) -> Figures:
    return total(data.posts[unit_id, level].figures for unit_id in ids if (unit_id, level) in data.posts)


def _links(row: UnitRow, data: Data, links: Links) -> dict[str, str]:
    found = {"name": links.unit(row.id)} if row.code else {}
    for quota in data.types:
        figures = data.quotas.of(row.id, quota.code)
        if figures.approved:
            found[f"approved_{quota.code}"] = links.approved(row.id, quota.code)
        if figures.occupied:
            found[f"occupied_{quota.code}"] = links.roster(row.id, quota.code)
    return found | {"approved": links.entries(row.id), "occupied": links.roster(row.id)}


REPORT = Report(
    code="T03",
    title="机构编制总表",
    description="按机构类别列出各单位的机构、编制、实有人数、空编超编和领导职数。",
    build=build,
    choices=[UNIT],
)
