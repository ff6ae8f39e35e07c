"""Balances by unit and measure on a day, as known on a day."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet, Sum
from django.utils import timezone

from bianzhi.ledger.models import Posting
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.selectors.holders import tiers_on

BATCH = 500


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
