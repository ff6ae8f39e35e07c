"""T16 办件统计: cases received, decided, in time and late, days taken, cards, satisfaction; by matter or by office."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.urls import reverse

from bianzhi.matters.selectors.statistics import MatterFigures, OfficeFigures, by_matter, by_office
from bianzhi.reports.definitions.base import Choice, Column, Query, Report, Row, RowKind, Table, Value
from bianzhi.reports.definitions.choices import UNIT, narrowed
from bianzhi.reports.definitions.periods import PERIOD, period_of
from bianzhi.reports.selectors.cases import Cards, cards_by_matter, cards_by_role, satisfaction
from bianzhi.reports.selectors.units import Units

LAYOUT: Final = Choice("rows", "列示", options=[("", "按事项"), ("office", "按办理岗位")])
LATE_AND_CARDS: Final = (
    Column("late", "超期", "number", over=True, dash_zero=True),
    Column("average", "平均用时", "decimal"),
    Column("yellow", "黄牌", "number", "督办", over=True, dash_zero=True),
    Column("red", "红牌", "number", "督办", over=True, dash_zero=True),
)
BY_MATTER: Final = (
    Column("code", "代码", width=8),
    Column("title", "事项", width=24, heads=True),
    Column("received", "收件", "number"),
    Column("decided", "小计", "number", "办结"),
    Column("refused", "其中不予同意", "number", "办结", dash_zero=True),
    Column("withdrawn", "撤回", "number", dash_zero=True),
    Column("running", "在办", "number", dash_zero=True),
    Column("in_time", "按期办结", "number", dash_zero=True),
    Column("rate", "按期率", "percent"),
    *LATE_AND_CARDS,
    Column("satisfied", "满意率", "percent"),
)
BY_OFFICE: Final = (
    Column("title", "办理岗位", width=24),
    Column("done", "已办环节", "number"),
    Column("waiting", "待办环节", "number", dash_zero=True),
    Column("in_time", "按期办理", "number", dash_zero=True),
    Column("rate", "按期率", "percent"),
    *LATE_AND_CARDS,
)
REMARKS_BY_MATTER: Final = (
    "收件为期间内提交的申请；办结含不予同意，按其是否已决定计，不论何时决定。按期、超期按事项的办理时限计，时间自编办收到起，"
    "不含退回申请人补正的工作日；超期含在办而已过时限的。",
    "平均用时为工作日。满意率为评价“基本满意”及以上的占全部评价的比例。黄牌、红牌为超期 3 个、5 个工作日的任务数。",
)
REMARKS_BY_OFFICE: Final = (
    "期间内提交的办件各环节，按办理岗位统计；已办含退回；按期、超期按环节的办理期限计，没有期限的环节计为按期。平均用时为工作日。",
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which cases: whose, sent in when, of which units."""

    user: Any
    first: date
    last: date
    units: Collection[int] | None


def build(query: Query) -> Table:
    """One row a matter, or one an office's role; the cases are those the reader may see."""
    first, last = period_of(query)
    units = narrowed(query, Units.on(last)) if query.chosen(UNIT) else None
    asked = _Asked(query.user, first, last, units)
    period = f"期间：{first} 至 {last}。"
    if query.chosen(LAYOUT) == "office":
        return _offices(query, asked, (period, *REMARKS_BY_OFFICE))
    return _matters(query, asked, (period, *REMARKS_BY_MATTER))


def _matters(query: Query, asked: _Asked, remarks: tuple[str, ...]) -> Table:
    found = by_matter(asked.user, asked.first, asked.last, query.today, units=asked.units)
    cards = cards_by_matter(asked.user, asked.first, asked.last, asked.units)
    liked = satisfaction(asked.user, asked.first, asked.last, asked.units)
    rows = [
        Row(
            {**_of_matter(each), **_cards(cards.get(each.matter, Cards())), "satisfied": liked.get(each.matter)},
            _links(query, asked, each.matter),
        )
        for each in found
    ]
    total = Row({"title": "合计", **_total(rows, [each.decided for each in found])}, kind=RowKind.TOTAL)
    return Table(BY_MATTER, rows, len(rows), [total], remarks)


def _of_matter(figures: MatterFigures) -> dict[str, Value]:
    return {
        "code": figures.matter,
        "title": figures.title,
        "received": figures.received,
        "decided": figures.decided,
        "refused": figures.refused,
        "withdrawn": figures.withdrawn,
        "running": figures.running,
        "in_time": figures.in_time,
        "rate": _share(figures.in_time, figures.decided),
        "late": figures.late,
        "average": figures.average_days,
    }


def _links(query: Query, asked: _Asked, matter: str) -> dict[str, str]:
    """Each figure leads to the list of exactly its cases, where that list can tell them apart."""
    unit = query.chosen(UNIT)
    cases = {"matter": matter, "submitted_from": asked.first.isoformat(), "submitted_to": asked.last.isoformat()}
    narrowed_to = {**cases, "unit": unit} if unit else cases
    url = reverse("matters:cases")
    return {
        "received": query.links.to(url, **narrowed_to),
        "withdrawn": query.links.to(url, state="withdrawn", **narrowed_to),
        "running": query.links.to(url, state="running", **narrowed_to),
    }


def _offices(query: Query, asked: _Asked, remarks: tuple[str, ...]) -> Table:
    found = by_office(asked.user, asked.first, asked.last, query.today, units=asked.units)
    cards = cards_by_role(asked.user, asked.first, asked.last, asked.units)
    rows = [Row({**_of_office(each), **_cards(cards.get(each.role, Cards()))}) for each in found]
    total = Row({"title": "合计", **_total(rows, [each.done for each in found])}, kind=RowKind.TOTAL)
    return Table(BY_OFFICE, rows, len(rows), [total], remarks)


def _of_office(figures: OfficeFigures) -> dict[str, Value]:
    return {
        "title": figures.title,
        "done": figures.done,
        "waiting": figures.waiting,
        "in_time": figures.in_time,
        "rate": _share(figures.in_time, figures.done),
        "late": figures.late,
        "average": figures.average_days,
    }


def _cards(cards: Cards) -> dict[str, Value]:
    return {"yellow": cards.yellow, "red": cards.red}


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _total(rows: list[Row], weights: list[int]) -> dict[str, Value]:
    """Sums; the rate of the sums; the average over all that were decided, each row weighing what it decided."""
    keys = [key for key, value in rows[0].values.items() if isinstance(value, int)] if rows else []
    sums = {key: sum(value for row in rows if isinstance(value := row.values[key], int)) for key in keys}
    averages = [value if isinstance(value := row.values["average"], Decimal) else Decimal(0) for row in rows]
    days = sum((each * weight for each, weight in zip(averages, weights, strict=True)), Decimal(0))
    whole = sum(weights)
    average = (days / whole).quantize(Decimal("0.1")) if whole else None
    return {**sums, "rate": _share(sums.get("in_time", 0), whole), "average": average}


REPORT = Report(
    code="T16",
    title="办件统计表",
    description="按月或按年列出各事项、各办理岗位的收件、办结、按期、超期、平均用时、黄牌红牌和满意率。",
    build=build,
    choices=[PERIOD, UNIT, LAYOUT],
    paper="A4",
    permission="matters.view",
    measure="件、工作日",
)
