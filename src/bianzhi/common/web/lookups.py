"""Things chosen by typing a part of their name: apps register how to find them, forms and filters use them.

lookups.register(lookups.Lookup("organization", search=..., chosen=..., label=str))
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, signed_in_page

LIMIT: Final = 30
LONGEST_KEY: Final = 18
"""Digits of the largest key a 64-bit column surely holds."""
LONGEST_NAME: Final = 500


@dataclass(frozen=True, slots=True)
class Option:
    """One thing offered; `note` tells it from others of the same name."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """How one kind of thing is found, always within the user's data scope.

    `search(user, text, limit)` offers options for a part of the name, the short name or 拼音首字母. `chosen(user,
    value)` returns the thing for an option's value, or for its exact name (typed where JavaScript does not run), else
    None. `label(thing)` is its name.
    """

    key: str
    search: Callable[[Any, str, int], Iterable[Option]]
    chosen: Callable[[Any, str], Any]
    label: Callable[[Any], str] = str

    def get(self, user: Any, value: str) -> Any:
        """What was chosen; None where that is nothing, and for a text no name can be: no database is asked."""
        return self.chosen(user, value) if len(value) <= LONGEST_NAME and "\0" not in value else None


_lookups: dict[str, Lookup] = {}


def register(lookup: Lookup) -> None:
    """Make a kind of thing choosable; raises ValueError when the key is taken."""
    if lookup.key in _lookups:
        raise ValueError(f"lookup registered twice: {lookup.key}")
    _lookups[lookup.key] = lookup


def find(key: str) -> Lookup:
    """The registered lookup; raises KeyError for a key nobody registered."""
    return _lookups[key]


def key_in(value: str) -> int | None:
    """The row key an option's value stands for; None for a name, and for a number no row can have."""
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_KEY else None


def url_of(key: str) -> str:
    """Where the browser asks for options."""
    return reverse("common:lookup", args=[key])


@signed_in_page
@require_safe
def options(request: PageRequest, key: str) -> HttpResponse:
    """Options for what has been typed, as JSON for the choosing control."""
    lookup = _lookups.get(key)
    if lookup is None:
        raise Http404("没有这种选项。")
    text = request.GET.get("q", "").strip()[:50]
    found = [
        {"value": option.value, "label": option.label, "note": option.note}
        for option in lookup.search(request.user, text, LIMIT)
    ]
    return JsonResponse({"options": found})
