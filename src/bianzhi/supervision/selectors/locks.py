"""What stands in the way of a unit's new applications today (R12, R13)."""

from collections.abc import Collection, Iterator
from datetime import date

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.selectors.retirements import overdue_exits
from bianzhi.personnel.selectors.working_days import exit_deadline, filing_days, working_calendar
from bianzhi.supervision.models import Problem, RectificationOrder
from bianzhi.supervision.rules.locks import Late, Owed, Standing, objections_to_applications


def locks_on(organization_id: int, day: date) -> list[Objection]:
    """Why new applications of a unit are not accepted on a day; empty when nothing stands against them.

    Overdue exits (R12), problems that lock the unit until 销号, rectifications overdue (W13); each of severity
    "override". There is no lock to be lifted: what no longer holds is no longer found.
    """
    return objections_to_applications(
        names_on([organization_id], day).get(organization_id, "该单位"),
        owed_exits(day, [organization_id]),
        [
            Standing(number, codes("problem_kind").label(kind))
            for number, kind in Problem.objects.locking()
            .filter(organization_id=organization_id)
            .order_by("number")
            .values_list("number", "kind")
        ],
        [
            Late(number, due_on)
            for number, due_on in RectificationOrder.objects.overdue_on(day)
            .filter(organization_id=organization_id)
            .order_by("due_on")
            .values_list("number", "due_on")
        ],
    )


def owed_exits(day: date, organization_ids: Collection[int]) -> list[Owed]:
    """Whose exit is overdue by R12: retired by age, or with a known cause of exit, and still on quota."""
    found = {
        each.retirement.person.pk: Owed(each.retirement.person.name, each.deadline)
        for each in overdue_exits(day, organization_ids)
    }
    for person_id, owed in _known_events(day, organization_ids):
        found.setdefault(person_id, owed)
    return sorted(found.values(), key=lambda owed: (owed.deadline, owed.name))


def _known_events(day: date, organization_ids: Collection[int]) -> Iterator[tuple[int, Owed]]:
    rows = list(
        Occupancy.objects.as_of(day)
        .filter(organization_id__in=list(organization_ids), exit_event_on__lt=day, valid_to__isnull=True)
        .values_list("person_id", "person__name", "exit_event_on")
    )
    if not rows:
        return
    calendar, days = working_calendar(day), filing_days()
    for person_id, name, event_on in rows:
        deadline = exit_deadline(event_on or day, calendar, days)
        if deadline < day:
            yield person_id, Owed(name, deadline)


def locked_units(organization_ids: Collection[int], day: date) -> set[int]:
    """Those of the units that have a problem or a late rectification standing against them; two queries."""
    ids = list(organization_ids)
    problems = Problem.objects.locking().filter(organization_id__in=ids).values_list("organization_id", flat=True)
    orders = RectificationOrder.objects.overdue_on(day).filter(organization_id__in=ids)
    return {*problems, *orders.values_list("organization_id", flat=True)}
