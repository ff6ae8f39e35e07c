"""Balances by unit and measure on a day, as known on a day."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import QuerySet, Sum
from django.utils import timezone

from bianzhi.ledger.models import Posting
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.rules.lines import levels_from
from bianzhi.ledger.selectors.holders import tiers_on

BATCH = 500
K = TypeVar("K", str, tuple[int, str])
Levels = tuple[tuple[date, int], ...]
"""Numbers and the days from which they stand, in order of days."""


def postings_as_of(day: date, known_on: date | None = None) -> QuerySet[Posting]:
    """Postings effective by `day`; with `known_on`, only those recorded by the end of that day."""
    postings = Posting.objects.filter(entry__effective_on__lte=day)
    if known_on is not None:
        postings = postings.filter(entry__recorded_at__lt=end_of(known_on))
    return postings


def end_of(day: date) -> datetime:
    """The first moment after a day, where the office is."""
    return datetime.combine(day + timedelta(days=1), time.min, timezone.get_current_timezone())


def approved(
    organization_ids: Collection[int] | None, day: date, *, known_on: date | None = None
) -> dict[tuple[int, str], int]:
    """核定数 by (organisation, measure) on a day, in one query; None asks for every organisation.

    Measures are quota types (A1…E2) and leadership post levels (org_chief…). Zero balances are kept,
    so a unit that once held a type still shows it. They come in the order of their codes, so that what is
    told of a unit reads the same on every database.
    """
    postings = postings_as_of(day, known_on).filter(account__kind__in=HELD_BY_UNIT)
    if organization_ids is not None:
        postings = postings.filter(account__organization_id__in=list(organization_ids))
    rows = postings.values_list("account__organization_id", "account__measure").annotate(total=Sum("amount")).order_by()
    return {(organization_id, measure): total for organization_id, measure, total in sorted(rows)}


def totals(day: date, *, known_on: date | None = None) -> dict[tuple[str, str, str], int]:
    """Balance by (account kind, tier, measure) over the whole district on a day, in two queries.

    What a unit holds counts under the tier it has on that day: its accounts keep the tier they were opened with.
    """
    rows = (
        postings_as_of(day, known_on)
        .values_list("account__kind", "account__tier", "account__organization_id", "account__measure")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    tiers = tiers_on(day)
    found: dict[tuple[str, str, str], int] = defaultdict(int)
    for kind, tier, organization_id, measure, total in rows:
        found[kind, tiers.get(organization_id, tier), measure] += total
    return dict(found)


def held_from(organization_ids: Collection[int], day: date, until: date | None = None) -> dict[tuple[int, str], Levels]:
    """What units hold on any day from `day` on (before `until`), by (organisation, measure), in one query.

    Each with its numbers above zero and the days from which they stand; what is never held then is left out.
    """
    postings = Posting.objects.filter(account__kind__in=HELD_BY_UNIT, account__organization_id__in=organization_ids)
    rows = postings.values_list("account__organization_id", "account__measure", "entry__effective_on")
    histories: dict[tuple[int, str], list[tuple[date, int]]] = defaultdict(list)
    for organization_id, measure, effective_on, total in rows.annotate(total=Sum("amount")).order_by():
        histories[organization_id, measure].append((effective_on, total))
    return _above_zero(histories, day, until)


def body_held_from(organization_id: int, body_id: int, day: date) -> dict[str, Levels]:
    """What is fixed to an internal body of a unit on any day from `day` on, by measure, as `held_from` has it."""
    postings = Posting.objects.filter(account__organization_id=organization_id, account__internal_body_id=body_id)
    rows = postings.values_list("account__measure", "entry__effective_on").annotate(total=Sum("amount")).order_by()
    histories: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for measure, effective_on, total in rows:
        histories[measure].append((effective_on, total))
    return _above_zero(histories, day, None)


def _above_zero(histories: Mapping[K, list[tuple[date, int]]], day: date, until: date | None) -> dict[K, Levels]:
    found = {
        key: tuple(
            (on, number) for on, number in levels_from(history, day) if number > 0 and (until is None or on < until)
        )
        for key, history in sorted(histories.items())
    }
    return {key: levels for key, levels in found.items() if levels}


def by_body(organization_id: int, day: date) -> dict[tuple[int, str], int]:
    """定编到科室: approved by (internal body, measure) of one unit on a day."""
    rows = (
        postings_as_of(day)
        .filter(account__kind="body", account__organization_id=organization_id)
        .values_list("account__internal_body_id", "account__measure")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    return {(body_id, measure): total for body_id, measure, total in rows if total}


def account_histories(account_ids: Iterable[int]) -> dict[int, list[tuple[date, int]]]:
    """(effective day, net amount) of each account, by account id, in order of days."""
    ids = sorted(account_ids)
    histories: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for start in range(0, len(ids), BATCH):
        rows = (
            Posting.objects.filter(account_id__in=ids[start : start + BATCH])
            .values_list("account_id", "entry__effective_on")
            .annotate(total=Sum("amount"))
            .order_by("account_id", "entry__effective_on")
        )
        for account_id, effective_on, total in rows:
            histories[account_id].append((effective_on, total))
    return dict(histories)
