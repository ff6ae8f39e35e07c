"""Whose exit should have been filed by now: what gives warning (W07) and locks the unit (R13) alike."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.selectors.retirements import past_retirement
from bianzhi.personnel.selectors.working_days import exit_deadline, filing_days, working_calendar
from bianzhi.personnel.told_exits import told_exits

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwedExit:
    """Somebody on quota who should have left: why in words, from when on, and the day the exit was due (R12)."""

    occupancy: Occupancy
    cause: str
    off_on: date
    deadline: date


def owed_exits(day: date, organization_ids: Collection[int] | None = None) -> list[OwedExit]:
    """Who is still on quota after R12's clock has run out, longest overdue first (R13, W07).

    Past retirement, with a registered cause of exit, or told by a department; the first of these counts.
    """
    due = _due(day, organization_ids)
    if not due:
        return []
    calendar, days = working_calendar(day), filing_days()
    found = [
        OwedExit(occupancy, cause, off_on, exit_deadline(off_on - ONE_DAY, calendar, days))
        for occupancy, cause, off_on in due.values()
    ]
    overdue = [each for each in found if each.deadline < day]
    return sorted(overdue, key=lambda each: (each.deadline, each.occupancy.person_id))


def _due(day: date, organization_ids: Collection[int] | None) -> dict[int, tuple[Occupancy, str, date]]:
    """By occupancy: (place, cause, first day off). An occupancy past retirement waits for that clock alone."""
    due = {
        each.occupancy.pk: (each.occupancy, f"应于 {each.month} 退休", each.off_on)
        for each in past_retirement(day, organization_ids)
    }
    for occupancy, cause, event_on in _events(day, organization_ids):
        due.setdefault(occupancy.pk, (occupancy, cause, event_on + ONE_DAY))
    return due


def _events(day: date, organization_ids: Collection[int] | None) -> Iterator[tuple[Occupancy, str, date]]:
    """Exits that happened before a day: those the register knows of, then those told; (place, cause, day)."""
    places = Occupancy.objects.as_of(day).filter(valid_to__isnull=True).select_related("person")
    if organization_ids is not None:
        places = places.filter(organization_id__in=list(organization_ids))
    for place in places.filter(exit_event_on__lt=day):
        if place.exit_event_on is not None:
            yield place, f"{place.exit_event_on} 发生出编事由", place.exit_event_on
    told = {person_id: event_on for person_id, event_on in told_exits(day).items() if event_on < day}
    for place in places.filter(person_id__in=list(told)) if told else ():
        yield place, f"{told[place.person_id]} 出编（部门数据识别）", told[place.person_id]
