"""What goes into an index and what comes out of it, the same for every engine."""

from dataclasses import dataclass, field
from typing import Final, Literal

FACETS: Final = ("kind", "units", "year", "retention", "persons")
"""By what results are counted, and narrowed."""

Order = Literal["score", "newest", "oldest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doc:
    """One thing that can be found: a record, or a page of one."""

    key: str
    subject: str
    """Docs of one subject are replaced together."""
    kind: str
    title: str
    url: str
    access: tuple[str, ...]
    """A reader who holds one of these tokens finds it; without any nobody does."""
    body: str = ""
    subtitle: str = ""
    page: int | None = None
    numbers: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    year: int | None = None
    retention: str = ""
    day: int | None = None
    """The date as a number, 20240318."""
    initials: tuple[str, ...] = ()
    """拼音首字母 of the title."""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a reader asks, and with which tokens; without a text everything the tokens and filters leave."""

    text: str = ""
    access: frozenset[str]
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Facet → values, any of which; between facets all must hold."""
    is_fuzzy: bool = False
    order: Order = "score"
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = ()
    facet_size: int = 30


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a text and the places in it (start, end) to be marked."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found."""

    key: str
    subject: str
    kind: str
    title: Passage
    snippet: Passage
    url: str
    subtitle: str
    page: int | None
    numbers: tuple[str, ...]
    units: tuple[str, ...]
    year: int | None
    day: int | None
    retention: str
    extra: dict[str, str]
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """How many there are, those asked for, and how they fall under each facet."""

    total: int
    hits: tuple[Hit, ...] = ()
    facets: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title that goes on as it was begun, with the address it leads to."""

    title: str
    kind: str
    url: str
    subtitle: str = ""
