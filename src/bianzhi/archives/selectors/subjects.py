"""What pages are proof of, as far as the reader may know of it: each kind of subject says how it is named and found."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.archives.models import Item, Page, Relation


@dataclass(frozen=True, slots=True)
class Shown:
    """A subject as one reader may see it."""

    label: str
    url: str


Find = Callable[[Any, Collection[int]], Mapping[int, Shown]]
"""Of these keys those within a user's scope, as they are shown."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of subject: its model label, what it is called, and how several of it are found at once."""

    key: str
    label: str
    find: Find


@dataclass(frozen=True, slots=True)
class Proved:
    """Something a page is proof of."""

    relation: Relation
    kind: str
    label: str
    url: str


_kinds: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> None:
    """Make a kind of subject known; raises ValueError when it is."""
    if kind.key in _kinds:
        raise ValueError(f"kind of subject registered twice: {kind.key}")
    _kinds[kind.key] = kind


def kinds() -> list[Kind]:
    """Every kind, as registered."""
    return list(_kinds.values())


def proofs_of(user: Any, item: Item) -> list[Proved]:
    """What the item proves, its pages in order; what the user may not see is not named."""
    rows = list(item.relations.filter(revoked_at=None).order_by("page", "pk"))
    found = _found(user, rows)
    return [
        Proved(row, _kinds[row.subject_kind].label, shown.label, shown.url)
        for row in rows
        if (shown := found.get((row.subject_kind, row.subject_id))) is not None
    ]


def proofs_on(user: Any, page: Page) -> list[Proved]:
    """What this page proves, and what the item proves as a whole."""
    return [shown for shown in proofs_of(user, page.item) if shown.relation.page in (None, page.number)]


def _found(user: Any, rows: Iterable[Relation]) -> dict[tuple[str, str], Shown]:
    """The subjects of some relations that the user may see, one question for each kind."""
    asked: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if row.subject_kind in _kinds and row.subject_id.isdecimal():
            asked[row.subject_kind].add(int(row.subject_id))
    return {
        (kind, str(key)): shown for kind, keys in asked.items() for key, shown in _kinds[kind].find(user, keys).items()
    }
