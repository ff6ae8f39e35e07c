"""What the exchange hub says today that gives warning: W10 空饷疑似, W12 of identities."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import date
from typing import Final

from django.db.models import QuerySet

from bianzhi.common.parameters import OFF_DUTY_WARNING_MONTHS
from bianzhi.exchange.models import UNSETTLED, Finding, FindingState
from bianzhi.personnel.models import DutyPeriod, Occupancy
from bianzhi.personnel.rules.duty import OFF_DUTY
from bianzhi.reconciliation.findings import KINDS
from bianzhi.reports.rules import exchange as rules
from bianzhi.reports.rules.deadlines import Member
from bianzhi.reports.rules.findings import Found
from bianzhi.reports.selectors.units import Units

PAYROLL: Final = ("A", "F")
IDENTITY: Final = ("C",)


def payroll_suspects(units: Units, today: date) -> Iterator[Found]:
    """W10: differences of class A (paid, not on the establishment) and F (retired or dead) nobody has settled."""
    yield from _differences(PAYROLL, units, today, rules.payroll_suspected)


def identities_told_differently(units: Units, today: date) -> Iterator[Found]:
    """W12: differences of class C nobody has settled."""
    yield from _differences(IDENTITY, units, today, rules.identity_told_differently)


def absences(units: Units, today: date, since: date) -> Iterator[Found]:
    """W10: people on quota who have been off duty without a break since before a day; three queries."""
    months = OFF_DUTY_WARNING_MONTHS.number
    away = DutyPeriod.objects.as_of(today).filter(state=OFF_DUTY)
    earlier = _earlier_absences(away)
    begun = [
        (row, rules.unbroken_since(row.valid_from, earlier[row.person_id])) for row in away.select_related("person")
    ]
    long = [(row, first) for row, first in begun if first < since]
    places = Occupancy.objects.as_of(today).filter(person_id__in=[row.person_id for row, _ in long])
    where = dict(places.values_list("person_id", "organization_id"))
    for row, first in long:
        unit_id = where.get(row.person_id)
        if unit_id is not None:
            member = Member(row.person_id, row.person.name, unit_id, units.name(unit_id))
            yield rules.absent_long(member, first, months, today)


def _earlier_absences(away: QuerySet[DutyPeriod]) -> dict[int, dict[date, date]]:
    """Of each person who is away: the end of every absence that has ended → its beginning."""
    found: dict[int, dict[date, date]] = defaultdict(dict)
    ended = DutyPeriod.objects.current().filter(
        state=OFF_DUTY, valid_to__isnull=False, person_id__in=away.values("person_id")
    )
    for person_id, first, end in ended.values_list("person_id", "valid_from", "valid_to"):
        if end is not None:
            found[person_id][end] = first
    return found


def _differences(
    groups: Collection[str], units: Units, today: date, rule: Callable[[rules.Difference, date], Found]
) -> Iterator[Found]:
    kinds = [code for code, kind in KINDS.items() if kind.group in groups]
    rows = Finding.objects.filter(kind__in=kinds, state__in=UNSETTLED, found_on__lte=today).defer("evidence")
    for row in rows.order_by("pk").iterator(chunk_size=2000):
        is_certain = row.lane == "accuse" or row.state == FindingState.CONFIRMED
        difference = rules.Difference(
            id=row.pk,
            name=row.person_name,
            label=KINDS[row.kind].label,
            department=row.get_owner_display(),
            organization_id=row.organization_id,
            unit=units.name(row.organization_id) or row.unit,
            state=row.get_state_display(),
            is_certain=is_certain,
            found_on=row.found_on,
        )
        yield rule(difference, today)
