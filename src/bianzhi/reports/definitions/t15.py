"""T15 四方核对差异表: what the departments say differently, by class and owner, with its age in days."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q
from django.urls import reverse

from bianzhi.exchange.models import Finding, FindingState
from bianzhi.exchange.selectors.board import BANDS
from bianzhi.reconciliation.findings import KINDS
from bianzhi.reconciliation.sources import DEPARTMENTS
from bianzhi.reports.definitions.base import Choice, Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import UNIT, narrowed
from bianzhi.reports.selectors.units import Units

OWNER: Final = Choice("owner", "责任部门", options=[("", "全部部门"), *DEPARTMENTS])
AGES: Final = tuple(f"age_{first}" for first, _ in BANDS)
LABELS: Final = ("10 天以内", "11–30 天", "31–90 天", "90 天以上")
COLUMNS: Final = (
    Column("group", "类别", width=6),
    Column("kind", "差异", width=24, heads=True),
    Column("owner", "责任部门", width=12),
    Column("total", "未了结", "number"),
    Column("accuse", "认定类", "number", "其中", dash_zero=True),
    Column("confirmed", "已认定", "number", "其中", over=True, dash_zero=True),
    *(Column(key, label, "number", "已历天数", dash_zero=True) for key, label in zip(AGES, LABELS, strict=True)),
    Column("average", "平均天数", "decimal"),
    Column("oldest", "最长天数", "number"),
)
REMARKS: Final = (
    "未了结：到截止日期已发现、尚未认定不成立也未消除的差异；已历天数自首次发现之日起算，跨月不重新计算。",
    "类别：A 领工资未列编、B 在编未发工资、C 姓名或身份信息、D 单位、E 编制类型或经费、F 退休或死亡、"
    "G 重复、H 超编。认定类须由两人认定后才能据以办理。",
)


@dataclass(slots=True)
class _Sum:
    """What is counted of one class of one owner."""

    total: int = 0
    accuse: int = 0
    confirmed: int = 0
    days: int = 0
    oldest: int = 0
    bands: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AGES, 0))

    def add(self, number: int, age: int, *, is_accusation: bool, is_confirmed: bool) -> None:
        """Count so many findings of one age."""
        self.total += number
        self.accuse += number if is_accusation else 0
        self.confirmed += number if is_confirmed else 0
        self.days += age * number
        self.oldest = max(self.oldest, age)
        self.bands[_band(age)] += number

    def values(self) -> dict[str, Value]:
        """The figures of a row."""
        average = (Decimal(self.days) / self.total).quantize(Decimal("0.1")) if self.total else None
        figures: dict[str, Value] = {"total": self.total, "accuse": self.accuse, "confirmed": self.confirmed}
        return {**figures, **self.bands, "average": average, "oldest": self.oldest if self.total else None}


def _band(age: int) -> str:
    return next(f"age_{first}" for first, last in BANDS if last is None or age <= last)


def build(query: Query) -> Table:
    """One row for each class and owner that has findings the reader may see, in the order of the classes."""
    units = narrowed(query, Units.on(query.day)) if query.chosen(UNIT) else None
    sums, whole = _sums(query.user, query.day, query.chosen(OWNER), units)
    names = dict(DEPARTMENTS)
    order = {kind: number for number, kind in enumerate(sorted(KINDS, key=lambda kind: KINDS[kind].group))}
    rows = []
    for kind, owner in sorted(sums, key=lambda key: (order.get(key[0], len(order)), key)):
        rule = KINDS.get(kind)
        named: dict[str, Value] = {
            "group": rule.group if rule else "",
            "kind": rule.label if rule else kind,
            "owner": names.get(owner, owner),
        }
        rows.append(Row({**named, **sums[kind, owner].values()}, _links(query, kind, owner)))
    total = Row({"kind": "合计", **whole.values()}, kind=RowKind.TOTAL)
    return Table(COLUMNS, rows, len(rows), [total], REMARKS)


def _sums(
    user: Any, day: date, owner: str, units: Collection[int] | None
) -> tuple[Mapping[tuple[str, str], _Sum], _Sum]:
    """The sums of a day and of all together; one query, grouped by the day of finding."""
    standing = Q(found_on__lte=day) & (Q(closed_on__isnull=True) | Q(closed_on__gt=day))
    rows = Finding.objects.visible_to(user).filter(standing)
    if owner:
        rows = rows.filter(owner=owner)
    if units is not None:
        rows = rows.filter(organization_id__in=list(units))
    sums: dict[tuple[str, str], _Sum] = defaultdict(_Sum)
    whole = _Sum()
    counted = rows.order_by().values_list("kind", "owner", "lane", "state", "found_on").annotate(number=Count("pk"))
    for kind, department, lane, state, found_on, number in counted:
        for each in (sums[kind, department], whole):
            each.add(
                number,
                (day - found_on).days,
                is_accusation=lane == "accuse",
                is_confirmed=state == FindingState.CONFIRMED,
            )
    return sums, whole


def _links(query: Query, kind: str, owner: str) -> dict[str, str]:
    """Each figure of today leads to the list of exactly its findings."""
    if query.day != query.today:
        return {}
    asked = {"kind": kind, "owner": owner, "state": "unsettled", "unit": query.chosen(UNIT)}
    url = reverse("exchange:findings")
    bands = {f"age_{first}": query.links.to(url, age=str(first), **asked) for first, _ in BANDS}
    return {"total": query.links.to(url, **asked), "accuse": query.links.to(url, lane="accuse", **asked), **bands}


REPORT = Report(
    code="T15",
    title="四方核对差异表",
    description="按差异类别和责任部门列出编办、组织部、人社局、财政局四方核对未了结的差异，及其已历天数。",
    build=build,
    choices=[OWNER, UNIT],
    paper="A4",
    permission="exchange.findings",
    measure="条、天",
)
