"""The office's working calendar, read from its table (domain dossier §5.5)."""

from datetime import date

from bianzhi.common.models import CalendarDay
from bianzhi.common.parameters import EXIT_FILING_DAYS
from bianzhi.kernel.calendar import WorkingCalendar


def working_calendar(first: date | None = None) -> WorkingCalendar:
    """The calendar from a day on, or the whole of it, in one query."""
    rows = CalendarDay.objects.all() if first is None else CalendarDay.objects.filter(day__gte=first)
    return WorkingCalendar.of((row.day, row.is_working, row.provisional) for row in rows)


def exit_deadline(last_day: date, calendar: WorkingCalendar, working_days: int) -> date:
    """The last day on which an exit is filed in time (R12): so many working days after the last day on quota."""
    return calendar.add_working_days(last_day, working_days)


def filing_days() -> int:
    """R12's clock in working days, as the office has set it."""
    return EXIT_FILING_DAYS.number
