"""How vacant each unit's quota was on every day of the last months (W05), in five queries."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from django.db.models import Count, F, QuerySet, Sum

from bianzhi.ledger.models import Posting
from bianzhi.ledger.models.accounts import HELD_BY_UNIT
from bianzhi.ledger.rules.quota_types import counted_types
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.selectors.quota_use import quota_use
from bianzhi.reports.rules.quota import Change, lowest_vacancy

Key = tuple[int, str]


def lowest_vacancies(first: date, last: date) -> Mapping[Key, Fraction]:
    """The lowest vacancy rate of each (unit, type) over the days `first` to `last`, both included."""
    codes = [quota.code for quota in counted_types()]
    changes: dict[Key, list[Change]] = defaultdict(list)
    postings = Posting.objects.filter(
        account__kind__in=HELD_BY_UNIT,
        account__measure__in=codes,
        entry__effective_on__gt=first,
        entry__effective_on__lte=last,
    )
    moved = postings.order_by().values_list("account__organization_id", "account__measure", "entry__effective_on")
    for unit_id, code, day, amount in moved.annotate(sum=Sum("amount")):
        changes[unit_id, code].append(Change(day, approved=amount))
    occupancies = Occupancy.objects.current()
    for unit_id, code, day, count in _by_day(
        occupancies.filter(valid_from__gt=first, valid_from__lte=last), "valid_from"
    ):
        changes[unit_id, code].append(Change(day, occupied=count))
    for unit_id, code, day, count in _by_day(occupancies.filter(valid_to__gt=first, valid_to__lte=last), "valid_to"):
        changes[unit_id, code].append(Change(day, occupied=-count))
    start = quota_use(None, first)
    return {
        key: lowest_vacancy(use.approved, use.occupied, changes[key]) for key, use in start.items() if key[1] in codes
    }


def _by_day(rows: QuerySet[Occupancy], field: str) -> list[tuple[int, str, date, int]]:
    return list(rows.order_by().values_list("organization_id", "quota_type", F(field)).annotate(count=Count("pk")))
