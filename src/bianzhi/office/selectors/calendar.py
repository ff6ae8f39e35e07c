"""One person's calendar: tasks with a deadline, meetings, and what other apps know; a month of it, or all as a feed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.urls import reverse

from bianzhi.common import working_days
from bianzhi.common.agenda import Entry, entries
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.web.tones import Tone
from bianzhi.kernel.clock import CHINA
from bianzhi.office.models import CalendarEvent, EventParticipant
from bianzhi.office.rules.months import WEEKDAYS, Month

ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the page: whether the office works, what the day is called, what falls on it."""

    day: date
    is_working: bool
    is_provisional: bool
    name: str
    entries: Sequence[Entry] = field(default_factory=list)


def start_of(day: date) -> datetime:
    """The moment a day begins in China."""
    return datetime.combine(day, time.min, CHINA)


def first_day(entry: Entry) -> date:
    """The day an entry begins."""
    return _day_of(entry.starts)


def last_day(entry: Entry) -> date:
    """The last day an entry touches; one that ends at midnight does not touch the next day."""
    if isinstance(entry.ends, datetime) and isinstance(entry.starts, datetime) and entry.ends > entry.starts:
        return _day_of(entry.ends - timedelta(microseconds=1))
    return _day_of(entry.ends)


def _day_of(value: date | datetime) -> date:
    return value.astimezone(CHINA).date() if isinstance(value, datetime) else value


def _in_order(entry: Entry) -> tuple[bool, float, str]:
    """Whole days first, then by the hour."""
    return entry.has_hours, entry.starts.timestamp() if isinstance(entry.starts, datetime) else 0.0, entry.title


def by_day(found: Iterable[Entry], first: date, last: date) -> Mapping[date, Sequence[Entry]]:
    """The entries on each of the days; one that lasts several days stands on each of them."""
    days: dict[date, list[Entry]] = {}
    for entry in sorted(found, key=_in_order):
        day, end = max(first, first_day(entry)), min(last, last_day(entry))
        while day <= end:
            days.setdefault(day, []).append(entry)
            day += ONE_DAY
    return days


def month_page(user: Any, month: Month, today: date) -> list[list[Day]]:
    """The weeks of a month with everything of a user that falls on them."""
    weeks = month.weeks()
    first, last = weeks[0][0], weeks[-1][-1]
    found = by_day(entries(user, first, last), first, last)
    calendar = working_days.load(today)
    return [
        [
            Day(
                day,
                calendar.is_working_day(day),
                calendar.is_provisional(day),
                row.name if (row := calendar.exceptions.get(day)) is not None else "",
                found.get(day, ()),
            )
            for day in week
        ]
        for week in weeks
    ]


def own_events(user: Any, first: date, last: date) -> Iterator[Entry]:
    """Agenda source: meetings and appointments of the user that are not cancelled; two queries."""
    rows = CalendarEvent.objects.visible_to(user).filter(
        cancelled_at__isnull=True, starts_at__lt=start_of(last + ONE_DAY), ends_at__gte=start_of(first)
    )
    for event in rows.select_related("organizer").order_by("starts_at"):
        yield entry_of(event)


def entry_of(event: CalendarEvent) -> Entry:
    """An event as a line of a calendar."""
    starts, ends = event.starts_at.astimezone(CHINA), event.ends_at.astimezone(CHINA)
    return Entry(
        uid=f"event-{event.pk}",
        label=event.get_kind_display(),
        title=event.title,
        starts=starts.date() if event.all_day else starts,
        ends=ends.date() if event.all_day else ends,
        url=reverse("office:event", args=[event.pk]),
        note=f"发起人：{event.organizer.display_name}",
        place=event.place,
        tone=Tone.INFO,
        changed_at=event.changed_at,
        revision=event.revision,
        is_cancelled=event.is_cancelled,
    )


def when_in_words(event: CalendarEvent) -> str:
    """2026-03-05（周四）09:00—10:30."""
    starts, ends = event.starts_at.astimezone(CHINA), event.ends_at.astimezone(CHINA)
    first = f"{starts:%Y-%m-%d}（周{WEEKDAYS[starts.weekday()]}）"
    last = f"{ends:%Y-%m-%d}（周{WEEKDAYS[ends.weekday()]}）"
    if event.all_day:
        return f"{first}全天" if starts.date() == ends.date() else f"{first}至 {last}全天"
    return f"{first}{starts:%H:%M}—{'' if starts.date() == ends.date() else last}{ends:%H:%M}"


def cancelled_events(user: Any, first: date, last: date) -> Iterator[Entry]:
    """Cancelled events of the days, for calendar programs that must strike them out."""
    rows = CalendarEvent.objects.visible_to(user).filter(
        cancelled_at__isnull=False, starts_at__lt=start_of(last + ONE_DAY), ends_at__gte=start_of(first)
    )
    for event in rows.select_related("organizer").order_by("starts_at"):
        yield entry_of(event)


@beyond_scope("meetings")
def clashing(
    user_ids: Collection[int], starts_at: datetime, ends_at: datetime, *, without: int | None = None
) -> list[str]:
    """Names of those of the people who have another event at that time; two queries."""
    overlapping = CalendarEvent.objects.filter(
        cancelled_at__isnull=True, all_day=False, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if without is not None:
        overlapping = overlapping.exclude(pk=without)
    arranging = overlapping.filter(organizer_id__in=user_ids).values_list("organizer__display_name", flat=True)
    invited = EventParticipant.objects.present().filter(user_id__in=user_ids, event__in=overlapping)
    return sorted({*arranging, *invited.values_list("user__display_name", flat=True)})
