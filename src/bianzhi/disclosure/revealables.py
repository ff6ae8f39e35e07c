"""Single values that are shown masked and may be looked at whole, as apps above register them in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bianzhi.common.field_classes import FieldClass, class_of


@dataclass(frozen=True, slots=True)
class Revealable:
    """One column of a model. `find` gives the row within the user's scope or raises Http404; `back` is its page."""

    kind: str
    label: str
    model: str
    field: str
    find: Callable[[Any, int], Any]
    back: Callable[[Any], str]

    @property
    def field_class(self) -> FieldClass:
        """Its class. Raises LookupError for a column nobody classified, which has no business here."""
        found = class_of(self.model, self.field)
        if found is None or not found.permission:
            raise LookupError(f"{self.model}.{self.field} is of no class that may be revealed")
        return found


_registered: dict[str, Revealable] = {}


def register(revealable: Revealable) -> None:
    """Let a column be looked at. Raises ValueError when the kind is taken."""
    if revealable.kind in _registered:
        raise ValueError(f"registered twice: {revealable.kind}")
    _registered[revealable.kind] = revealable


def get(kind: str) -> Revealable | None:
    """The revealable of a kind."""
    return _registered.get(kind)


def kinds() -> list[str]:
    """Every registered kind."""
    return sorted(_registered)
