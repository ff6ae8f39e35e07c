"""Exits others know of before the register shows them (R12): personnel asks, apps above that hear of them register.

A unit owes such an exit as it owes one by age, so whoever asks what a unit owes must hear of it (R13).
"""

from collections.abc import Callable, Mapping
from datetime import date

Provider = Callable[[date], Mapping[int, date]]
"""Person → the day the exit happened, for every exit told by a day that nobody has filed."""

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider; called in the `AppConfig.ready` of an upper app."""
    if provider not in _providers:
        _providers.append(provider)


def told_exits(day: date) -> dict[int, date]:
    """What every provider knows on a day, by person; the first to tell of a person counts."""
    found: dict[int, date] = {}
    for provider in _providers:
        found = {**provider(day), **found}
    return found
