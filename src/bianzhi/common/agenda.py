"""What has a day: apps say here what falls on which day for a user, and the calendar of the office shows it.

An app registers a source in `AppConfig.ready`:

    agenda.register_source("matters.publications", publication_ends)

`publication_ends(user, first, last)` yields an `Entry` for each thing within the user's scope on those days (both
included), in a number of queries that does not depend on how many there are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from bianzhi.common.web.tones import Tone

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a calendar.

    `uid` names the thing for ever ("task-17"); `label` says in a word or two what it is (办理期限, 公示截止). `starts`
    and `ends` are days (the last one included) or moments with a time zone.
    """

    uid: str
    label: str
    title: str
    starts: date | datetime
    ends: date | datetime
    url: str = ""
    note: str = ""
    place: str = ""
    tone: Tone = Tone.INFO
    changed_at: datetime = EARLIEST
    revision: int = 0
    is_cancelled: bool = False

    @property
    def has_hours(self) -> bool:
        """Whether it has a time of day."""
        return isinstance(self.starts, datetime)


Source = Callable[[Any, date, date], Iterable[Entry]]

_sources: Final[dict[str, Source]] = {}


def register_source(key: str, source: Source) -> None:
    """Add what an app knows; raises ValueError when the key is taken."""
    if key in _sources:
        raise ValueError(f"agenda source registered twice: {key}")
    _sources[key] = source


def entries(user: Any, first: date, last: date) -> list[Entry]:
    """Everything of a user on the days from `first` to `last`, from every source."""
    return [entry for source in _sources.values() for entry in source(user, first, last)]
