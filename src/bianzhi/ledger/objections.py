"""Questions the ledger asks of apps above it before a unit's approved number goes down.

Only personnel can count who occupies or has reserved quota; it registers a provider that answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.objections import Objection


@dataclass(frozen=True, slots=True)
class Reduction:
    """A unit's number of one measure about to fall: to `approved` at the lowest, from `effective_on` on.

    `levels` are the numbers there will be: on `effective_on` and from each later day on which it changes again.
    """

    organization_id: int
    measure: str
    approved: int
    effective_on: date
    levels: tuple[tuple[date, int], ...] = ()


Provider = Callable[[Reduction], list[Objection]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider; called in the `AppConfig.ready` of an upper app."""
    if provider not in _providers:
        _providers.append(provider)


def to_reduction(reduction: Reduction) -> list[Objection]:
    """Every objection of every provider."""
    return [objection for provider in _providers for objection in provider(reduction)]
