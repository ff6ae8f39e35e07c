"""The bell in the top bar: how many messages wait for the user, and where they are. One app registers it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

SHOWN_UP_TO: Final = 99


@dataclass(frozen=True, slots=True)
class Bell:
    """What the bell leads to; `count` is asked on every page, so it must be one cheap query."""

    url_name: str
    label: str
    permission: str
    count: Callable[[Any], int]


@dataclass(frozen=True, slots=True)
class Ringing:
    """The bell as one user sees it."""

    url: str
    label: str
    count: int

    @property
    def figure(self) -> str:
        """The number on the bell."""
        return str(self.count) if self.count <= SHOWN_UP_TO else f"{SHOWN_UP_TO}+"


_bells: Final[list[Bell]] = []


def register(bell: Bell) -> None:
    """Hang up the bell; raises ValueError when there is one already."""
    if _bells:
        raise ValueError(f"there is a bell already: {_bells[0].url_name}")
    _bells.append(bell)


def for_request(request: HttpRequest) -> Ringing | None:
    """The bell for the user of a request; None for visitors and for users without messages."""
    user: Any = getattr(request, "user", None)
    if not _bells or user is None or not user.is_authenticated or not user.can(_bells[0].permission):
        return None
    bell = _bells[0]
    return Ringing(reverse(bell.url_name), bell.label, bell.count(user))
