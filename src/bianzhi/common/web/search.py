"""The search box of the top bar. Apps register providers; each answers within the user's data scope."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

LIMIT_EACH: Final = 10


@dataclass(frozen=True, slots=True)
class Result:
    """One thing found; `subtitle` tells it from others of the same name."""

    title: str
    subtitle: str
    url: str


@dataclass(frozen=True, slots=True)
class ResultGroup:
    """What one provider found; `has_more` says that it stopped at the limit."""

    kind: str
    icon: str
    results: tuple[Result, ...]
    has_more: bool


Finder = Callable[[Any, str, int], Iterable[Result]]


@dataclass(frozen=True, slots=True)
class Provider:
    """A kind of thing that can be searched: `find(user, text, limit)` yields at most `limit` results."""

    kind: str
    find: Finder
    icon: str = "search"
    permission: str = ""
    order: int = 50


_providers: dict[str, Provider] = {}


def register_provider(provider: Provider) -> None:
    """Add a kind of thing to the global search; raises ValueError when the kind is taken."""
    if provider.kind in _providers:
        raise ValueError(f"search provider registered twice: {provider.kind}")
    _providers[provider.kind] = provider


def search(user: Any, text: str, *, limit: int = LIMIT_EACH) -> list[ResultGroup]:
    """Ask every provider the user may use; groups without a result are left out."""
    wanted = " ".join(text.split())
    if not wanted:
        return []
    groups = []
    for provider in sorted(_providers.values(), key=lambda each: (each.order, each.kind)):
        if provider.permission and not user.can(provider.permission):
            continue
        found = tuple(provider.find(user, wanted, limit + 1))
        if found:
            groups.append(ResultGroup(provider.kind, provider.icon, found[:limit], len(found) > limit))
    return groups
