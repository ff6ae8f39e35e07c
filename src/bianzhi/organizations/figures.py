"""Figures shown beside organisations that only apps above can count.

Personnel registers 实有/核定 for the tree; whoever knows registers the totals of T18 and further events of the history.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

T = TypeVar("T")
CountAll = Callable[[Collection[int], date], Mapping[int, "Figure"]]
Totals = Callable[[int, Sequence[date]], Mapping[date, "Total"]]
Source = Callable[[int, date], Iterable["Event"]]


@dataclass(frozen=True, slots=True)
class Figure:
    """实有 and 核定 of one unit; `is_over` when any quota type is over (over and vacant are not netted)."""

    occupied: int
    approved: int
    is_over: bool = False

    def __str__(self) -> str:
        return f"{self.occupied}/{self.approved}"


@dataclass(frozen=True, slots=True)
class Total:
    """Approved quota and leadership posts of a unit on a day, for the history table."""

    quota: int | None = None
    posts: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a unit's history that another app keeps, e.g. 核增行政编制 2 名."""

    date: date
    title: str
    text: str = ""
    doc_no: str = ""
    url: str = ""
    recorded_at: datetime | None = None
    """When it was registered: events of one day stand in the order of their registration."""


_counters: list[CountAll] = []
_totals: list[Totals] = []
_sources: list[Source] = []


def register(provider: CountAll) -> None:
    """Register who counts 实有/核定. Raises ValueError on a second one."""
    _only(_counters, provider)


def register_totals(provider: Totals) -> None:
    """Register who knows quota and posts on given days. Raises ValueError on a second one."""
    _only(_totals, provider)


def register_events(source: Source) -> None:
    """Add a source of events up to a day for the history of a unit."""
    if source not in _sources:
        _sources.append(source)


def of(organization_ids: Collection[int], day: date) -> Mapping[int, Figure]:
    """Figures of the units that have any; empty where no app counts."""
    return _counters[0](organization_ids, day) if _counters and organization_ids else {}


def totals_of(organization_id: int, days: Sequence[date]) -> Mapping[date, Total]:
    """Quota and posts of a unit on each of the days."""
    return _totals[0](organization_id, days) if _totals and days else {}


def events_of(organization_id: int, until: date) -> list[Event]:
    """Events other apps keep of a unit, effective by a day."""
    return [event for source in _sources for event in source(organization_id, until)]


def _only(registered: list[T], provider: T) -> None:
    if registered and registered[0] is not provider:
        raise ValueError("these figures are counted already")
    registered[:] = [provider]
