"""The calendar: a month on a page, one day beside it."""

from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common import agenda
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.working_days import YEARS_AHEAD
from bianzhi.kernel.clock import CHINA
from bianzhi.office.models import CalendarFeed
from bianzhi.office.rules.months import WEEKDAYS, Month
from bianzhi.office.selectors import calendar
from bianzhi.office.selectors.away import absences

VIEW: Final = "workbench.view"
SHOWN_A_DAY: Final = 3
LOOK_AHEAD: Final = timedelta(days=14)


@page(VIEW)
@require_safe
def month_page(request: PageRequest) -> HttpResponse:
    """A month; `?month=2026-03` another one, `?day=2026-03-05` what that day holds in full."""
    today = request.today
    last = date(today.year + YEARS_AHEAD, 12, 31)
    day = _day(request.GET.get("day", ""))
    month = Month.read(request.GET.get("month", ""), default=day or today, last=last)
    weeks = calendar.month_page(request.user, month, today)
    first, until = (day, day) if day else (today, today + LOOK_AHEAD)
    listed = calendar.by_day(agenda.entries(request.user, first, until), first, until)
    context = {
        "month": month,
        "weekdays": WEEKDAYS,
        "weeks": [[_cell(each, month, today, day) for each in week] for week in weeks],
        "before": month.plus(-1) if month.first_day > date(2000, 1, 31) else None,
        "after": month.plus(1) if month.last_day < last else None,
        "day": day,
        "today": today,
        "listed": [(each, WEEKDAYS[each.weekday()], listed[each]) for each in sorted(listed)],
        "absences": absences(request.user, first, until),
        "feed": CalendarFeed.objects.filter(user=request.user, revoked_at__isnull=True).first(),
        "site_url": settings.SITE_URL,
    }
    return render(request, "office/calendar.html", context)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _cell(day: calendar.Day, month: Month, today: date, chosen: date | None) -> dict[str, Any]:
    in_month = Month.of(day.day) == month
    css = [
        "" if day.is_working else "is-off",
        "" if in_month else "is-outside",
        "is-today" if day.day == today else "",
        "is-chosen" if day.day == chosen else "",
    ]
    weekend = day.day.weekday() >= 5
    return {
        "day": day,
        "css": " ".join(each for each in css if each),
        "mark": "班" if weekend and day.is_working else "休" if not weekend and not day.is_working else "",
        "url": f"{reverse('office:calendar')}?month={month}&day={day.day.isoformat()}",
        "shown": [(entry, _hours(entry)) for entry in day.entries[:SHOWN_A_DAY]],
        "more": max(0, len(day.entries) - SHOWN_A_DAY),
    }


def _hours(entry: agenda.Entry) -> str:
    """09:00, where the entry has a time of day."""
    return f"{entry.starts.astimezone(CHINA):%H:%M}" if entry.has_hours else ""  # type: ignore[union-attr]
