"""T12 退休预测表: how many retire when, by unit and quota type, and how much quota becomes free."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.retirement import Forecast, Span, forecast
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.retirements import Retirement, category_of
from bianzhi.reports.definitions.base import Choice, Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import QUOTA_TYPE, UNIT, narrowed
from bianzhi.reports.selectors.retiring import retiring
from bianzhi.reports.selectors.units import Units

HORIZON: Final = Choice(
    "years", "预测年数", options=[("5", "5 年"), ("10", "10 年"), ("1", "1 年"), ("3", "3 年")], default="5"
)
SPAN: Final = Choice("span", "分段", options=[("year", "按年"), ("quarter", "按季度")], default="year")
NAMES_PERMISSION: Final = "personnel.view"


def row_options(query: Query) -> Sequence[tuple[str, str]]:
    """Names are offered to those who may see the register of people."""
    counted = [("", "分单位、类型")]
    return [*counted, ("names", "人员明细")] if query.user.can(NAMES_PERMISSION) else counted


LAYOUT: Final = Choice("rows", "列示", options=row_options)
REMARKS: Final = (
    "按《国务院关于渐进式延迟法定退休年龄的办法》推算，已核定退休日期的按核定日期；未计弹性提前或延迟。",
    "“已到龄”为退休月已过仍在编的人员，不计入累计。预计空出编制于退休次月释放。",
)


def build(query: Query) -> Table:
    """The forecast from the day shown on; two queries."""
    units = Units.on(query.day)
    scope = narrowed(query, units)
    years, span = int(query.chosen(HORIZON)), Span(query.chosen(SPAN))
    wanted = query.chosen(QUOTA_TYPE)
    people = [
        each for each in retiring(scope, query.day, months=years * 12 + 12) if wanted in ("", each.occupancy.quota_type)
    ]
    found = forecast(((each, each.month) for each in people), today=query.day, years=years, span=span)
    if query.chosen(LAYOUT):
        return _names(query, units, found)
    return _counts(query, units, found)


def _counts(query: Query, units: Units, found: Forecast[Retirement]) -> Table:
    columns = [
        Column("unit", "单位", width=30),
        Column("quota", "编制类型", width=18),
        Column("overdue", "已到龄", "number", over=True, dash_zero=True),
        *(Column(f"b{at}", bucket.label, "number", dash_zero=True) for at, bucket in enumerate(found.buckets)),
        Column("total", "合计", "number"),
    ]
    cells: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for each in found.overdue:
        cells[_place(each)]["overdue"] += 1
    for at, bucket in enumerate(found.buckets):
        for each in bucket.members:
            cells[_place(each)][f"b{at}"] += 1
    order = {code: at for at, code in enumerate(quota_types())}
    places = sorted(cells, key=lambda place: (units.position(place[0]), place[0], order.get(place[1], 99)))
    rows = [_count_row(query, units, place, cells[place]) for place in places]
    return Table(columns, rows, len(rows), _count_totals(found), REMARKS)


def _count_row(query: Query, units: Units, place: tuple[int, str], counted: Counter[str]) -> Row:
    unit_id, code = place
    values: dict[str, Value] = {"unit": units.name(unit_id), "quota": quota_label(code), "overdue": 0, **counted}
    values["total"] = counted.total()
    chosen = {choice.key: query.chosen(choice) for choice in (HORIZON, SPAN)}
    names = query.links.report("t12", unit=unit_id, quota_type=code, rows="names", **chosen)
    return Row(values, {"unit": query.links.unit(unit_id), "total": names})


def _count_totals(found: Forecast[Retirement]) -> list[Row]:
    by_bucket: dict[str, Value] = {f"b{at}": len(bucket.members) for at, bucket in enumerate(found.buckets)}
    running: dict[str, Value] = {f"b{at}": bucket.cumulative for at, bucket in enumerate(found.buckets)}
    coming = sum(len(bucket.members) for bucket in found.buckets)
    overdue = len(found.overdue)
    return [
        Row({"unit": "合计", "overdue": overdue, **by_bucket, "total": overdue + coming}, kind=RowKind.TOTAL),
        Row({"unit": "累计空出编制", **running, "total": coming}, kind=RowKind.TOTAL),
    ]


NAME_COLUMNS: Final = (
    Column("unit", "单位", width=30),
    Column("quota", "编制类型", width=18),
    Column("name", "姓名", width=10, heads=True),
    Column("sex", "性别", width=6),
    Column("birth", "出生年月", "month"),
    Column("category", "退休类别", width=22),
    Column("month", "退休年月", "month"),
    Column("bucket", "时段", width=12),
)


def _names(query: Query, units: Units, found: Forecast[Retirement]) -> Table:
    parts: list[tuple[str, Sequence[Retirement]]] = [("已到龄", found.overdue)]
    parts += [(bucket.label, bucket.members) for bucket in found.buckets]
    rows = [_name_row(query, units, label, each) for label, members in parts for each in members]
    total = Row({"unit": "合计", "name": f"{len(rows)} 人"}, kind=RowKind.TOTAL)
    return Table(NAME_COLUMNS, rows, len(rows), [total], REMARKS, of_persons=True)


def _name_row(query: Query, units: Units, label: str, each: Retirement) -> Row:
    person, occupancy = each.person, each.occupancy
    values: dict[str, Value] = {
        "unit": units.name(occupancy.organization_id),
        "quota": quota_label(occupancy.quota_type),
        "name": person.name,
        "sex": codes("sex").label(person.sex),
        "birth": person.certified_born_on or person.born_on,
        "category": codes("retirement_category").label(category_of(person).value),
        "month": each.month.first_day,
        "bucket": label,
    }
    return Row(values, {"unit": query.links.unit(occupancy.organization_id), "name": query.links.person(person.pk)})


def _place(each: Retirement) -> tuple[int, str]:
    return each.occupancy.organization_id, each.occupancy.quota_type


REPORT = Report(
    code="T12",
    title="退休预测表",
    description="未来 1 至 10 年各单位到龄退休人数和累计空出的编制，可看人员明细。",
    build=build,
    choices=[HORIZON, SPAN, UNIT, QUOTA_TYPE, LAYOUT],
)
