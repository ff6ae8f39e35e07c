"""From two months of one person to what happened: entered, moved, left, changed (exchange.md §6.2).

A change in one department alone is a question ("waiting"); confirmed by what a second says it is a candidate for
registration. Nothing here decides: a case does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bianzhi.reconciliation.events.sides import COMPARED, NOTHING, Month, Said
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ESTABLISHMENT, FINANCE, HR, ORGANIZATION

ENOUGH: Final = 2
"""Departments that must say so before an event is a candidate."""

TRUST: Final = {ESTABLISHMENT: 0.9, ORGANIZATION: 0.85, HR: 0.9, FINANCE: 0.85}
"""How far one department's word alone goes; the words of several are joined as independent."""

OF_THE_PLACE: Final = frozenset({"quota_type", "funding"})
"""Attributes a person has by the place they hold."""

CAUSES: Final = ("dead", "retired", "left")


@dataclass(frozen=True, slots=True)
class Signal:
    """What one department changed or confirms: `what` is entered, moved, gone, told, changed or agrees."""

    source: str
    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """One thing that happened to a person. `cause` is why they left; `attribute`, `old`, `new` what changed."""

    kind: str
    signals: tuple[Signal, ...]
    from_unit: str = ""
    to_unit: str = ""
    cause: str = ""
    attribute: str = ""
    old: str = ""
    new: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """The departments that say so, in their usual order."""
        said = {signal.source for signal in self.signals}
        return tuple(code for code in DEPARTMENT_CODES if code in said)

    @property
    def lane(self) -> str:
        """A candidate for registration, or a question that waits for a second department."""
        return "candidate" if len(self.sources) >= ENOUGH else "waiting"

    @property
    def confidence(self) -> float:
        """How likely it happened, taking the departments' words as independent of each other."""
        doubt = 1.0
        for source in self.sources:
            doubt *= 1 - TRUST[source]
        return round(1 - doubt, 4)


def recognise(before: Month, after: Month, sources: Sequence[str], *, is_same_unit: bool = True) -> list[Recognised]:
    """What happened to one person between two months; `sources` are the departments that delivered in both.

    Type of quota and funding belong to the place: whoever enters, moves or leaves, or whose unit became another
    (`is_same_unit` False), has them changed by that and not by an event of its own.
    """
    was = {source: before.get(source, NOTHING) for source in sources}
    now = {source: after.get(source, NOTHING) for source in sources}
    found = [*_left(was, now), *_entered(was, now), *_moved(was, now)]
    attributes = COMPARED if is_same_unit and not found else [one for one in COMPARED if one not in OF_THE_PLACE]
    return [*found, *_changed(was, now, attributes)]


def _entered(was: Month, now: Month) -> Iterator[Recognised]:
    """New in some department, and not on the establishment before; those who have the person already confirm it."""
    if was.get(ESTABLISHMENT, NOTHING).is_active:
        return
    new = [source for source in now if now[source].is_active and not was[source].is_active]
    if not new or _is_told_gone(now):
        return
    unit = _first_unit(now, [ESTABLISHMENT, *new])
    signals = [Signal(source, "entered", after=_words(now[source])) for source in new]
    signals += [
        Signal(source, "agrees", after=_words(now[source]))
        for source in now
        if source not in new and now[source].is_active and unit in now[source].units
    ]
    if ESTABLISHMENT in new or ESTABLISHMENT not in now or not _is_old_news(was, new):
        yield Recognised("hire", _agreeing(signals, now, unit), to_unit=unit)


def _is_old_news(was: Month, new: Iterable[str]) -> bool:
    """Whether two departments had the person already: then a third catching up is no entry."""
    return sum(said.is_active for source, said in was.items() if source not in new) >= ENOUGH


def _agreeing(signals: Iterable[Signal], now: Month, unit: str) -> tuple[Signal, ...]:
    """Those who name another unit than the event's do not speak for it."""
    return tuple(one for one in signals if not unit or not now[one.source].units or unit in now[one.source].units)


def _left(was: Month, now: Month) -> Iterator[Recognised]:
    """On the establishment before; now gone from some department, or told retired, dead or left."""
    if not was.get(ESTABLISHMENT, NOTHING).is_active:
        return
    signals = []
    for source in now:
        cause = _cause(now[source])
        if cause and not now[source].is_active and not _cause(was[source]):
            signals.append(Signal(source, "told", before=_words(was[source]), after=cause))
        elif was[source].is_active and not now[source].is_active:
            signals.append(Signal(source, "gone", before=_words(was[source]), after=cause))
    if signals:
        already = [source for source in now if _cause(was[source]) and not now[source].is_active]
        signals += [
            Signal(source, "agrees", after=_cause(now[source])) for source in already if source not in _of(signals)
        ]
        unit = _first_unit(was, [ESTABLISHMENT])
        told = {signal.after for signal in signals}
        cause = next((cause for cause in CAUSES if cause in told), "")
        yield Recognised("exit", tuple(signals), from_unit=unit, cause=cause)


def _moved(was: Month, now: Month) -> Iterator[Recognised]:
    """At another unit than before in some department; whoever has the person at the new unit confirms it."""
    moved = [
        source
        for source in now
        if was[source].units and now[source].units and not was[source].units & now[source].units
    ]
    for unit in sorted({unit for source in moved for unit in now[source].units}):
        signals = [
            Signal(source, "moved" if source in moved else "agrees", _words(was[source]), _words(now[source]))
            for source in now
            if unit in now[source].units
        ]
        old = _first_unit(was, [ESTABLISHMENT, *moved])
        if old != unit and any(signal.what == "moved" for signal in signals):
            yield Recognised("transfer", tuple(signals), from_unit=old, to_unit=unit)


def _changed(was: Month, now: Month, attributes: Iterable[str]) -> Iterator[Recognised]:
    """An attribute has a value the establishment's rows did not have, and that is new.

    What two departments said before is not new: whoever comes to say it too puts a slip right.
    """
    for attribute in attributes:
        registered = was.get(ESTABLISHMENT, NOTHING).value(attribute)
        said = {source: (was[source].value(attribute), now[source].value(attribute)) for source in now}
        changed = {new for old, new in said.values() if old and new and old != new}
        for new in sorted(changed - {registered}) if registered else ():
            if sum(old == new for old, _ in said.values()) < ENOUGH:
                signals = tuple(
                    Signal(source, "agrees" if old in ("", new) else "changed", old, new)
                    for source, (old, value) in said.items()
                    if value == new
                )
                unit = _first_unit(now, [ESTABLISHMENT])
                yield Recognised("attribute", signals, from_unit=unit, attribute=attribute, old=registered, new=new)


def _cause(said: Said) -> str:
    return next((cause for cause in CAUSES if cause in said.duties), "")


def _is_told_gone(now: Month) -> bool:
    """Whether HR or the organization department says the person is retired, dead or gone."""
    return any(_cause(now[source]) and not now[source].is_active for source in (HR, ORGANIZATION) if source in now)


def _of(signals: Iterable[Signal]) -> set[str]:
    return {signal.source for signal in signals}


def _first_unit(month: Month, sources: Iterable[str]) -> str:
    return next((min(month[source].units) for source in sources if source in month and month[source].units), "")


def _words(said: Said) -> str:
    return "、".join(sorted(said.units))
