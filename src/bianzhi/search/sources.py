"""What can be found: each app registers its kinds of things, and who may find them.

The index keeps for each entry the tokens of access that reach it; a user holds tokens, and the query asks for entries
whose tokens meet them. What a user may not see is thus never counted, suggested or shown: nothing is filtered after.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing in the index; a record of many pages gives one entry for itself and one for each page."""

    key: str
    """Stable and unique: "archives.item:12", "archives.item:12:3" for its page 3."""
    subject: str
    """The thing the entry belongs to ("archives.item:12"): entries of one subject are replaced together."""
    title: str
    body: str = ""
    url: str
    access: tuple[str, ...]
    """Tokens any one of which lets a reader find it. None at all: nobody does."""
    page: int | None = None
    numbers: tuple[str, ...] = ()
    """文号, 档号 and other numbers it is known by."""
    units: tuple[int, ...] = ()
    persons: tuple[str, ...] = ()
    year: int | None = None
    retention: str = ""
    dated_on: date | None = None
    subtitle: str = ""
    initials: tuple[str, ...] = ()
    """拼音首字母 of the title, where its app knows better than the dictionary (surnames)."""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of thing that can be found."""

    kind: str
    label: str
    icon: str
    permission: str
    all_ids: Callable[[], Iterator[int]]
    """Ids of everything there is, for building the index anew."""
    entries: Callable[[Sequence[int]], Iterable[Entry]]
    """The entries of some ids; an id that gives none is taken out of the index."""
    tokens: Callable[[Any], Iterable[str]]
    """The tokens of access a user holds for this kind today."""
    order: int = 50


_sources: Final[dict[str, Source]] = {}


def register(source: Source) -> None:
    """Add a kind; raises ValueError when it is taken."""
    if source.kind in _sources:
        raise ValueError(f"search source registered twice: {source.kind}")
    _sources[source.kind] = source


def sources() -> list[Source]:
    """Every kind, in the order it is offered."""
    return sorted(_sources.values(), key=lambda source: (source.order, source.kind))


def source(kind: str) -> Source:
    """One kind. Raises KeyError."""
    return _sources[kind]


Namer = Callable[[Any, Iterable[int]], dict[int, str]]
_namers: Final[list[Namer]] = []


def name_units_with(namer: Namer) -> None:
    """Say how units are called; those a user may not see must be left out of the answer."""
    if namer not in _namers:
        _namers.append(namer)


def unit_names(user: Any, ids: Iterable[int]) -> dict[int, str]:
    """The names of those units a user may see; a unit without a name is neither shown nor narrowed by."""
    wanted = sorted(set(ids))
    names: dict[int, str] = {}
    for namer in _namers if wanted else ():
        names |= namer(user, wanted)
    return names
