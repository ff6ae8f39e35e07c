"""Who retires when, and who should have left already (W06, R13, R18; T12)."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from bianzhi.kernel.retirement import (
    RetirementCategory,
    YearMonth,
    default_category,
    months_until,
    occupancy_end,
    statutory_retirement,
)
from bianzhi.personnel.models import Occupancy, Person

YOUNGEST_RETIREE = timedelta(days=int(49.9 * 365.25))


@dataclass(frozen=True, slots=True)
class Retirement:
    """One person on quota with the month of retirement; `off_on` is the first day no longer on quota."""

    occupancy: Occupancy
    month: YearMonth
    off_on: date

    @property
    def person(self) -> Person:
        """The person concerned."""
        return self.occupancy.person


def category_of(person: Person) -> RetirementCategory:
    """The person's track: as recorded, else the default for sex and identity."""
    if person.f60_track:
        return RetirementCategory.M60 if person.sex == "1" else RetirementCategory.F60
    if person.retirement_category:
        return RetirementCategory(person.retirement_category)
    return default_category(person.sex, person.identity)


def retirement_month(person: Person) -> YearMonth | None:
    """The month the person retires in; None when the sex recorded says neither track.

    An approved date (病退、延迟…) comes first; the birth month is the one the file certifies, where it differs.
    """
    if person.retirement_override_on is not None:
        return YearMonth.of(person.retirement_override_on)
    if person.sex not in ("1", "2"):
        return None
    born_on = person.certified_born_on or person.born_on
    return statutory_retirement(YearMonth.of(born_on), category_of(person)).month


def retirements(occupancies: Iterable[Occupancy]) -> Iterator[Retirement]:
    """The retirement of each person on quota; those that cannot be computed are left out."""
    for occupancy in occupancies:
        month = retirement_month(occupancy.person)
        if month is not None:
            yield Retirement(occupancy, month, occupancy_end(month))


def on_quota(day: date, organization_ids: Collection[int] | None = None) -> Iterable[Occupancy]:
    """Occupancies in force on a day whose end is not known yet, with their persons; one query."""
    rows = Occupancy.objects.as_of(day).filter(valid_to__isnull=True).select_related("person")
    return rows if organization_ids is None else rows.filter(organization_id__in=list(organization_ids))


def upcoming_retirements(
    day: date, *, months: int = 6, organization_ids: Collection[int] | None = None
) -> list[Retirement]:
    """Who retires within so many months, this month and the overdue included, soonest first (R18, W06)."""
    near = [each for each in retirements(on_quota(day, organization_ids)) if months_until(day, each.month) <= months]
    return sorted(near, key=lambda each: (each.month, each.person.pk))


def leaving_by(day: date, until: date, organization_ids: Collection[int]) -> Counter[tuple[int, str]]:
    """How many leave each unit's quota from a day to another: retirements, and exits that are filed ahead."""
    found = Counter(
        (each.occupancy.organization_id, each.occupancy.quota_type)
        for each in retirements(on_quota(day, organization_ids))
        if each.off_on <= until
    )
    filed = Occupancy.objects.as_of(day).filter(organization_id__in=list(organization_ids), valid_to__lte=until)
    found.update(filed.values_list("organization_id", "quota_type"))
    return found


def past_retirement(day: date, organization_ids: Collection[int] | None = None) -> list[Retirement]:
    """Who is still on quota on a day though the last day on quota by retirement is over (R13, W07); one query."""
    born_by = day - YOUNGEST_RETIREE
    may_be_due = (
        Q(person__born_on__lte=born_by)
        | Q(person__certified_born_on__lte=born_by)
        | Q(person__retirement_override_on__lte=day)
    )
    rows = Occupancy.objects.as_of(day).filter(may_be_due, valid_to__isnull=True)
    if organization_ids is not None:
        rows = rows.filter(organization_id__in=list(organization_ids))
    rows = rows.select_related("person").defer("person__id_number", "person__phone")
    return [each for each in retirements(rows) if each.off_on <= day]
