"""When people of one unit came and went, so that on no day more were there than the ledger allowed.

Capacity is counted as the platform counts it: a slot takes its place on the day it is issued, not on
the day the person arrives. Pure Python, deterministic for a given random source.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

LONGEST_WAIT = 240
"""Days between a slot's issue and the arrival, at most; slots are valid for a year."""


@dataclass(frozen=True, slots=True)
class Change:
    """The approved number changes by `delta` on a day."""

    on: date
    delta: int


@dataclass(slots=True)
class Arrival:
    """One place taken: the slot is issued, and somebody arrives on `entered` (None: still open today)."""

    issued: date
    entered: date | None


@dataclass(frozen=True, slots=True)
class Course:
    """One unit's years on one quota type."""

    approved_at_start: int
    occupied_at_start: int
    changes: tuple[Change, ...]
    departures: tuple[date, ...]
    arrivals: tuple[Arrival, ...]


def draw_course(draw: Random, approved: int, occupied: int, start: date, today: date, *, frozen: bool) -> Course:
    """A course that ends with `approved` and `occupied` today.

    About 3.2 % leave a year (domain dossier §9); a frozen type (R19) only shrinks: every departure takes
    its place along.
    """
    years = (today - start).days / 365.25
    leaving = _rounded(draw, occupied * 0.032 * years)
    if frozen:
        leaving = min(leaving, 2)
        departures = _days(draw, leaving, start, today)
        changes = tuple(Change(day, -1) for day in departures)
        return Course(approved + leaving, occupied + leaving, changes, tuple(departures), ())
    changes = _draw_changes(draw, approved, start, today)
    approved_at_start = approved - sum(change.delta for change in changes)
    growth = _rounded(draw, occupied * 0.003 * years)
    occupied_at_start = max(0, min(occupied - growth, approved_at_start))
    departures = _days(draw, leaving, start, today)
    arriving = occupied - occupied_at_start + leaving
    arrivals = _draw_arrivals(draw, arriving, approved_at_start - occupied_at_start, changes, departures, start, today)
    return Course(approved_at_start, occupied_at_start, changes, tuple(departures), arrivals)


def _draw_changes(draw: Random, approved: int, start: date, today: date) -> tuple[Change, ...]:
    count = draw.choices([0, 1, 2, 3], weights=[52, 30, 13, 5])[0]
    days = _days(draw, count, start + timedelta(days=120), today - timedelta(days=120))
    sizes = [max(1, round(approved * draw.uniform(0.01, 0.06))) for _ in days]
    return tuple(Change(day, size if draw.random() < 0.7 else -size) for day, size in zip(days, sizes, strict=True))


def _draw_arrivals(
    draw: Random,
    count: int,
    free_at_start: int,
    changes: Sequence[Change],
    departures: Sequence[date],
    start: date,
    today: date,
) -> tuple[Arrival, ...]:
    """Issue days as early as wished but never before a place is free for good."""
    wished = _days(draw, count, start + timedelta(days=10), today - timedelta(days=40))
    opening_days = _free_places(free_at_start, changes, departures)
    arrivals: list[Arrival] = []
    for index, day in enumerate(wished):
        if index >= len(opening_days):
            break
        issued = max(day, opening_days[index] + timedelta(days=1))
        if issued > today:
            break
        arrivals.append(Arrival(issued, _entered(draw, issued, today)))
    return tuple(arrivals)


def _entered(draw: Random, issued: date, today: date) -> date | None:
    """Some months after the issue; sooner where today is near; not yet where it is too near."""
    so_far = (today - issued).days
    wait = min(draw.randint(20, LONGEST_WAIT), int(so_far * draw.uniform(0.3, 0.95)))
    return issued + timedelta(days=wait) if wait > 5 else None


def _free_places(free_at_start: int, changes: Sequence[Change], departures: Sequence[date]) -> list[date]:
    """The day from which the k-th additional place stays free, in ascending order of k.

    A place is free for good when no later cut takes it back: the free count at a day is the lowest of all
    later days.
    """
    steps = sorted([(change.on, change.delta) for change in changes] + [(day, 1) for day in departures])
    days, free = [date.min], [free_at_start]
    for day, delta in steps:
        days.append(day)
        free.append(free[-1] + delta)
    for index in range(len(free) - 2, -1, -1):
        free[index] = min(free[index], free[index + 1])
    places: list[date] = []
    highest = 0
    for day, count in zip(days, free, strict=True):
        while highest < count:
            places.append(day)
            highest += 1
    return places


def occupied_on(course: Course, day: date) -> int:
    """How many places are taken or set aside on a day; for tests."""
    gone = bisect_right(sorted(course.departures), day)
    issued = sum(1 for arrival in course.arrivals if arrival.issued <= day)
    return course.occupied_at_start - gone + issued


def _days(draw: Random, count: int, first: date, last: date) -> list[date]:
    span = max(1, (last - first).days)
    return sorted(first + timedelta(days=draw.randrange(span)) for _ in range(count))


def _rounded(draw: Random, value: float) -> int:
    whole = int(value)
    return whole + (draw.random() < value - whole)
