"""Who has delivered for which month, and who should have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.timezone import localtime

from bianzhi.exchange.models import Contract, ContractStatus, Delivery, DeliveryState, Source
from bianzhi.reconciliation.contracts.shape import part_of

MONTHS_SHOWN = 6
NOT_ASKED = "未要求"
MONTHS_ASKED = {"quarter": (3, 6, 9, 12), "year": (12,)}
"""Months for which a source delivers that does not do so every month."""


@dataclass(frozen=True, slots=True)
class SourceMonth:
    """A source in a month: a word of state, the newest delivery, and what is missing in words."""

    period: str
    state: str
    delivery: Delivery | None = None
    note: str = ""


def months_back(today: date, count: int = MONTHS_SHOWN) -> list[str]:
    """This month and those before it, the newest first."""
    first = today.year * 12 + today.month - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(first, first - count, -1)]


def freshness(user: Any, today: date, months: Sequence[str]) -> list[tuple[Source, list[SourceMonth]]]:
    """Every source in use that the user sees, with its state in each of the months; three queries."""
    sources = list(Source.objects.visible_to(user).filter(is_active=True).order_by("pk"))
    told = _contracts(sources)
    rows = Delivery.objects.visible_to(user).filter(period__in=months).order_by("pk")
    found: dict[tuple[int, str], list[Delivery]] = {}
    for delivery in rows.exclude(state=DeliveryState.SUPERSEDED).defer("report", "manifest"):
        found.setdefault((delivery.source_id, delivery.period), []).append(delivery)
    return [
        (
            source,
            [_month(source, period, found.get((source.pk, period), []), told[source.pk], today) for period in months],
        )
        for source in sources
    ]


def due_on(source: Source, period: str) -> date:
    """The day by which the month's delivery should be there: in the month after it."""
    year, month = (int(part) for part in period.split("-"))
    return date(year + month // 12, month % 12 + 1, source.due_day)


def _contracts(sources: Sequence[Source]) -> dict[int, Mapping[str, Any]]:
    """Source → what its contract in force says of period and freshness."""
    rows = Contract.objects.filter(source__in=sources, status=ContractStatus.PUBLISHED).order_by("version")
    told = {source_id: part_of(schema, "hub") for source_id, schema in rows.values_list("source_id", "schema")}
    return {source.pk: told.get(source.pk, {}) for source in sources}


def _month(
    source: Source, period: str, deliveries: Sequence[Delivery], told: Mapping[str, Any], today: date
) -> SourceMonth:
    if not deliveries:
        return _undelivered(source, period, told, today)
    newest = deliveries[-1]
    accepted = [each for each in deliveries if each.state == DeliveryState.ACCEPTED]
    if accepted and not _is_whole(accepted):
        parts = accepted[-1].parts
        there = {each.part for each in accepted if each.parts == parts}
        return SourceMonth(period, "部分接收", newest, f"共 {parts} 部分，已接收 {len(there)} 部分")
    if accepted:
        rows = sum(each.rows or 0 for each in accepted)
        return SourceMonth(period, "已接收", accepted[-1], f"{rows:,} 行")
    return SourceMonth(period, newest.get_state_display(), newest)


def _is_whole(accepted: Iterable[Delivery]) -> bool:
    by_division: dict[int, set[int]] = {}
    for delivery in accepted:
        by_division.setdefault(delivery.parts, set()).add(delivery.part)
    return any(there == set(range(1, parts + 1)) for parts, there in by_division.items())


def _undelivered(source: Source, period: str, told: Mapping[str, Any], today: date) -> SourceMonth:
    """Nothing came: not asked for (too early, or no month of this contract), still to come, late, or stale by now."""
    due = due_on(source, period)
    months = MONTHS_ASKED.get(str(told.get("period", "")))
    if due < localtime(source.created_at).date() or (months and int(period[5:]) not in months):
        return SourceMonth(period, NOT_ASKED)
    if today <= due:
        return SourceMonth(period, "待报送", None, f"{due:%m-%d} 前")
    days = (today - due).days
    stale = told.get("stale_days")
    is_stale = isinstance(stale, int) and days > stale
    return SourceMonth(period, "逾期未报", None, f"逾期 {days} 天{'，数据已陈旧' if is_stale else ''}")
