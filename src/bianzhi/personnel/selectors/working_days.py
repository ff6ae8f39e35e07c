"""R12's clock on the office's working calendar (domain dossier §5.5)."""

from datetime import date

from bianzhi.common import working_days
from bianzhi.common.parameters import EXIT_FILING_DAYS
from bianzhi.kernel.calendar import WorkingCalendar


def working_calendar(day: date) -> WorkingCalendar:
    """The calendar that decisions of a day go by, in one query."""
    return working_days.load(day)


def exit_deadline(last_day: date, calendar: WorkingCalendar, working_days: int) -> date:
    """The last day on which an exit is filed in time (R12): so many working days after the last day on quota."""
    return calendar.add_working_days(last_day, working_days)


def filing_days() -> int:
    """R12's clock in working days, as the office has set it."""
    return EXIT_FILING_DAYS.number
