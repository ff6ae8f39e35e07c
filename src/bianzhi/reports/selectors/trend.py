"""核定 and 实有 month by month, for up to ten years, in three queries."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Count, F, QuerySet, Sum

from bianzhi.ledger.models import Posting
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.rules.quota_types import counted_types
from bianzhi.personnel.models import Occupancy
from bianzhi.reports.rules.months import month_ends, running_totals
from bianzhi.reports.selectors.figures import Scope

LONGEST_MONTHS: Final = 120


@dataclass(frozen=True, slots=True)
class Trend:
    """Both numbers at the end of each month, the last one on the day asked for."""

    days: tuple[date, ...]
    approved: tuple[int, ...]
    occupied: tuple[int, ...]


def trend(scope: Scope, day: date, *, months: int) -> Trend:
    """The trend of the `months` months (120 at most) that end with the one of `day`."""
    days = month_ends(day, min(months, LONGEST_MONTHS))
    return Trend(tuple(days), tuple(approved_on(scope, days)), tuple(occupied_on(scope, days)))


def approved_on(scope: Scope, days: list[date]) -> list[int]:
    """核定 over all of a scope's units on each of the ascending days, in one query."""
    rows = Posting.objects.filter(
        account__kind__in=HELD_BY_UNIT, account__measure__in=_codes(), entry__effective_on__lte=days[-1]
    )
    if scope is not None:
        rows = rows.filter(account__organization_id__in=list(scope))
    sums = rows.order_by().values_list("entry__effective_on").annotate(sum=Sum("amount"))
    return running_totals(sums, days)


def occupied_on(scope: Scope, days: list[date]) -> list[int]:
    """实有 over all of a scope's units on each of the ascending days, in two queries."""
    rows = Occupancy.objects.current().filter(quota_type__in=_codes(), valid_from__lte=days[-1])
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    came = _by_day(rows, "valid_from")
    left = _by_day(rows.filter(valid_to__isnull=False, valid_to__lte=days[-1]), "valid_to")
    return running_totals([*came, *((on, -count) for on, count in left)], days)


def _by_day(rows: QuerySet[Occupancy], field: str) -> list[tuple[date, int]]:
    return list(rows.order_by().values_list(F(field)).annotate(count=Count("pk")))


def _codes() -> list[str]:
    return [quota.code for quota in counted_types()]
