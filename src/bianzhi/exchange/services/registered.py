"""From the register to the departments: entries, exits, transfers and changes of a person, one dispatch for each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.exchange.models import AliasState, Dispatch, Source, UnitAlias
from bianzhi.exchange.rules.dispatching import CHANGED, REVERSED, TELLING_FIELDS, TOLD, Place, kind_of_move
from bianzhi.exchange.services.dispatches import News, give_back
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Movement, Occupancy, Person, PersonChange
from bianzhi.personnel.rules.units import quota_label

MODE_SETS: Final = ("entry_mode", "exit_mode", "internal_mode")
"""Where the code of a movement's mode is found; no code is in two of them."""


@unit_of_work
def give_back_movements(*, actor: Actor, movement_ids: Iterable[int]) -> list[Dispatch]:
    """Tell every source of the departments concerned of these movements; told before, they are not told again."""
    sources = _sources()
    if not sources:
        return []
    rows = Movement.objects.filter(pk__in=list(movement_ids)).select_related(
        "person",
        "document",
        "from_occupancy__organization",
        "to_occupancy__organization",
        "reverses__from_occupancy",
        "reverses__to_occupancy",
    )
    return [
        give_back(actor=actor, source_id=source.pk, news=News(kind, f"{kind}:{movement.number}", told))
        for movement in rows.order_by("pk")
        if (kind := _kind(movement))
        for source, told in _told_of(movement, kind, sources)
    ]


@unit_of_work
def give_back_change(
    *, actor: Actor, person_id: int, fields: Sequence[str], until: datetime, news_id: int
) -> list[Dispatch]:
    """Tell of a person's changed facts, as far as others need them to find the person again.

    `until` is when the news was written: of several changes of a field the last one before it is meant.
    """
    telling = [name for name in TELLING_FIELDS if name in fields]
    sources = _sources() if telling else []
    person = Person.objects.filter(pk=person_id).first()
    if not sources or person is None:
        return []
    changes = [_change(person, name, until) for name in telling]
    payload = {"person": _person(person), "changes": [change for change in changes if change]}
    news = News(CHANGED, f"{CHANGED}:{news_id}", payload)
    return [give_back(actor=actor, source_id=source.pk, news=news) for source in sources]


def _sources() -> list[Source]:
    return list(Source.objects.filter(is_active=True, department__in=TOLD).order_by("pk"))


def _kind(movement: Movement) -> str:
    meant = movement.reverses or movement
    kind = kind_of_move(_place(meant.from_occupancy), _place(meant.to_occupancy))
    return REVERSED if kind and movement.reverses is not None else kind


def _place(occupancy: Occupancy | None) -> Place | None:
    return None if occupancy is None else Place(occupancy.organization_id, occupancy.quota_type)


def _told_of(movement: Movement, kind: str, sources: Sequence[Source]) -> Iterable[tuple[Source, dict[str, Any]]]:
    """What each source is told: as little as it needs to act."""
    sides = [side for side in (movement.from_occupancy, movement.to_occupancy) if side is not None]
    names = names_on({side.organization_id for side in sides}, movement.effective_on)
    for source in sources:
        own = _own_names(source, names)
        told: dict[str, Any] = {
            "number": movement.number,
            "person": _person(movement.person),
            "mode": _mode(movement),
            "event_on": movement.event_on.isoformat(),
            "effective_on": movement.effective_on.isoformat(),
            "document": movement.document.doc_no,
            "from": _side(movement.from_occupancy, names, own),
            "to": _side(movement.to_occupancy, names, own),
        }
        if kind == REVERSED and movement.reverses is not None:
            told["reverses"] = f"{_kind(movement.reverses)}:{movement.reverses.number}"
        yield source, told


def _person(person: Person) -> dict[str, str]:
    return {"name": person.name, "id_number": person.id_number}


def _mode(movement: Movement) -> dict[str, str]:
    label = next((codes(name).label(movement.mode) for name in MODE_SETS if movement.mode in codes(name)), "")
    return {"code": movement.mode, "label": label or movement.mode}


def _side(occupancy: Occupancy | None, names: dict[int, str], own: dict[int, str]) -> dict[str, str] | None:
    if occupancy is None:
        return None
    unit = occupancy.organization_id
    told = {
        "unit_code": occupancy.organization.code,
        "unit": names.get(unit, ""),
        "quota_type": occupancy.quota_type,
        "quota_label": quota_label(occupancy.quota_type),
    }
    return {**told, "own_name": own[unit]} if unit in own else told


def _own_names(source: Source, names: dict[int, str]) -> dict[int, str]:
    """What the department itself calls the units, where that was approved."""
    rows = UnitAlias.objects.filter(
        source=source.department, organization__in=names, state=AliasState.APPROVED
    ).order_by("support")
    return {alias.organization_id: alias.text for alias in rows if alias.organization_id is not None}


def _change(person: Person, name: str, until: datetime) -> dict[str, str]:
    row = PersonChange.objects.filter(person=person, field=name, recorded_at__lte=until).order_by("-pk").first()
    if row is None:
        return {}
    return {
        "field": name,
        "label": str(Person._meta.get_field(name).verbose_name),  # type: ignore[union-attr]
        "old": row.old_value,
        "new": row.new_value,
        "effective_on": row.effective_on.isoformat(),
    }
