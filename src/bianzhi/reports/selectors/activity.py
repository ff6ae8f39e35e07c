"""业务动态: what was filed last, from movements and ledger entries (not from the audit record)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from bianzhi.kernel.codesets import codes
from bianzhi.ledger.models import LedgerEntry
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Movement
from bianzhi.reports.selectors.figures import Scope
from bianzhi.reports.selectors.units import Units


@dataclass(frozen=True, slots=True)
class Act:
    """One filed business: when it was recorded, what sort, what about."""

    at: datetime
    kind: str
    number: str
    text: str
    movement_id: int | None = None
    entry_id: int | None = None


def latest(scope: Scope, day: date, units: Units, *, limit: int, with_names: bool) -> list[Act]:
    """The last acts of a scope in effect on a day, newest first, in three queries at most.

    `with_names` is for those who may see the register of people. Half of the acts are movements and half entries, so
    that a district's import does not hide the other kind.
    """
    half = limit // 2
    acts = [*_movements(scope, day, units, half, with_names=with_names), *_entries(scope, day, limit - half)]
    return sorted(acts, key=lambda act: act.at, reverse=True)


def _movements(scope: Scope, day: date, units: Units, limit: int, *, with_names: bool) -> list[Act]:
    rows = Movement.objects.filter(effective_on__lte=day).order_by("-recorded_at", "-id")
    rows = rows.select_related("person", "from_occupancy", "to_occupancy")
    if scope is not None:
        ids = list(scope)
        rows = rows.filter(Q(from_occupancy__organization_id__in=ids) | Q(to_occupancy__organization_id__in=ids))
    found = list(rows[:limit])
    gone = _no_longer_there(found, units, day)
    return [
        Act(
            movement.recorded_at,
            movement.get_family_display(),
            movement.number,
            _words(movement, units, gone, with_names=with_names),
            movement_id=movement.pk,
        )
        for movement in found
    ]


def _no_longer_there(movements: Collection[Movement], units: Units, day: date) -> dict[int, str]:
    """The last names of units that people left or reached and that have ended since (合并、撤销)."""
    sides = [side for each in movements for side in (each.from_occupancy, each.to_occupancy) if side is not None]
    missing = {side.organization_id for side in sides if side.organization_id not in units}
    return names_on(missing, day) if missing else {}


def _words(movement: Movement, units: Units, gone: Mapping[int, str], *, with_names: bool) -> str:
    who = movement.person.name if with_names else "1 人"
    left, came = (
        (gone.get(side.organization_id) or units.name(side.organization_id)) if side is not None else ""
        for side in (movement.from_occupancy, movement.to_occupancy)
    )
    if left and came and left != came:
        return f"{who}由{left}到{came}"
    return f"{came or left}{who}{mode_label(movement.mode)}"


def mode_label(mode: str) -> str:
    """A movement's mode in words, whichever of the three sets it belongs to."""
    for name in ("entry_mode", "internal_mode", "exit_mode"):
        if mode in codes(name):
            return codes(name).label(mode)
    return mode


def _entries(scope: Scope, day: date, limit: int) -> list[Act]:
    rows = LedgerEntry.objects.filter(effective_on__lte=day).order_by("-recorded_at", "-id")
    if scope is not None:
        rows = rows.filter(postings__account__organization_id__in=list(scope)).distinct()
    return [
        Act(entry.recorded_at, entry.get_kind_display(), entry.number, entry.summary, entry_id=entry.pk)
        for entry in rows[:limit]
    ]
