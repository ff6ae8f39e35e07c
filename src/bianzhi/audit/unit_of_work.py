"""One write = one service = one transaction = one audited unit of work.

`@unit_of_work` opens the transaction; `record` notes an act and the rows it wrote; just before the
commit the notes are chained and the rows sealed. Inner services join the outer unit as savepoints, so
a service may be built from others and still leaves a gapless record in the order of the acts.
"""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import Any, Final, ParamSpec, TypeVar

from django.conf import settings
from django.db import models, transaction

from bianzhi.audit import anchors, catalogue, chain
from bianzhi.audit.actors import Actor
from bianzhi.audit.models import AuditEntry, SealedModel
from bianzhi.kernel.digests import canonical_json
from bianzhi.kernel.masking import mask_numbers

P = ParamSpec("P")
R = TypeVar("R")


ID_LENGTH: Final[int] = AuditEntry._meta.get_field("subject_id").max_length or 0
LABEL_LENGTH: Final[int] = AuditEntry._meta.get_field("subject_label").max_length or 0
NAME_LENGTH: Final[int] = AuditEntry._meta.get_field("actor_name").max_length or 0


class OutsideUnitOfWork(RuntimeError):
    """An act was recorded where no unit of work is open: the writer is not a service."""


@dataclass(slots=True)
class _Unit:
    notes: list[chain.Note] = field(default_factory=list)


_current: ContextVar[_Unit | None] = ContextVar("bianzhi_unit_of_work", default=None)


def unit_of_work(function: Callable[P, R]) -> Callable[P, R]:
    """Make a service one transaction whose audit entries are chained at its end."""

    @wraps(function)
    def service(*args: P.args, **kwargs: P.kwargs) -> R:
        outer = _current.get()
        if outer is None:
            return _run_outermost(function, *args, **kwargs)
        return _run_inside(outer, function, *args, **kwargs)

    service.is_unit_of_work = True  # type: ignore[attr-defined]
    return service


def _run_outermost(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    unit = _Unit()
    token = _current.set(unit)
    try:
        with transaction.atomic():
            result = function(*args, **kwargs)
            _anchor_after_commit(*chain.append(unit.notes))
        return result
    finally:
        _current.reset(token)


def _anchor_after_commit(seq: int, digest: str) -> None:
    """Have the new head of the chain kept elsewhere once it is committed; whatever comes of it, the act stands."""
    if seq and settings.ANCHORS:
        transaction.on_commit(partial(anchors.tell, seq, digest), robust=True)


def _run_inside(unit: _Unit, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    mark = len(unit.notes)
    try:
        with transaction.atomic():
            return function(*args, **kwargs)
    except BaseException:
        del unit.notes[mark:]
        raise


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act was about, where that is no row of the database (an account name nobody has)."""

    kind: str
    id: str
    label: str


def record(
    action: str,
    *,
    actor: Actor,
    subject: models.Model | Subject,
    facts: Mapping[str, Any],
    wrote: Iterable[SealedModel] = (),
) -> None:
    """Note one act of the current unit of work.

    `wrote` names every register row the act created or changed. Raises OutsideUnitOfWork when no
    unit is open, UnknownAction when no app declared the act, TypeError when `facts` hold what has no
    canonical writing (floats, naive datetimes) and ValueError when a row in `wrote` was never saved, or the
    subject's id is longer than its column: SQLite alone would take it.
    """
    unit = _current.get()
    if unit is None:
        raise OutsideUnitOfWork(action)
    about = subject if isinstance(subject, Subject) else _subject_of(subject)
    if len(about.id) > ID_LENGTH:
        raise ValueError(f"subject id of {action} is longer than {ID_LENGTH}: {about.id}")
    unit.notes.append(
        chain.Note(
            action=catalogue.known(action),
            actor_id=actor.pk,
            actor_name=actor.display_name[:NAME_LENGTH],
            subject_kind=about.kind,
            subject_id=about.id,
            subject_label=mask_numbers(about.label)[:LABEL_LENGTH],
            facts=canonical_json(_without_numbers(facts)),
            wrote=[(type(row), _saved(row)) for row in wrote],
        )
    )


def _without_numbers(facts: Any) -> Any:
    """The record is read by many and never changed: no whole ID or telephone number gets into its texts."""
    if isinstance(facts, str):
        return mask_numbers(facts)
    if isinstance(facts, Mapping):
        return {name: _without_numbers(value) for name, value in facts.items()}
    if isinstance(facts, list | tuple):
        return [_without_numbers(value) for value in facts]
    return facts


def _subject_of(row: models.Model) -> Subject:
    return Subject(row._meta.label_lower, str(row.pk), str(row))


def _saved(row: SealedModel) -> int:
    if row.pk is None:
        raise ValueError(f"row named in an audit entry was never saved: {row!r}")
    return int(row.pk)
