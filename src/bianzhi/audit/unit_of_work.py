"""One write = one service = one transaction = one audited unit of work.

`@unit_of_work` opens the transaction; `record` notes an act and the rows it wrote; just before the
commit the notes are chained and the rows sealed. Inner services join the outer unit as savepoints, so
a service may be built from others and still leaves a gapless record in the order of the acts.
"""

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import models, transaction

from bianzhi.audit import catalogue, chain
from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel

P = ParamSpec("P")
R = TypeVar("R")


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
        return _run_inside(outer, function, *args, **kwargs) if outer else _run_outermost(function, *args, **kwargs)

    service.is_unit_of_work = True  # type: ignore[attr-defined]
    return service


def _run_outermost(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    unit = _Unit()
    token = _current.set(unit)
    try:
        with transaction.atomic():
            result = function(*args, **kwargs)
            chain.append(unit.notes)
        return result
    finally:
        _current.reset(token)


def _run_inside(unit: _Unit, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    mark = len(unit.notes)
    try:
        with transaction.atomic():
            return function(*args, **kwargs)
    except BaseException:
        del unit.notes[mark:]
        raise


def record(
    action: str,
    *,
    actor: Actor,
    subject: models.Model,
    facts: Mapping[str, Any],
    wrote: Iterable[SealedModel] = (),
) -> None:
    """Note one act of the current unit of work.

    `wrote` names every register row the act created or changed. Raises OutsideUnitOfWork when no
    unit is open and UnknownAction when no app declared the act.
    """
    unit = _current.get()
    if unit is None:
        raise OutsideUnitOfWork(action)
    unit.notes.append(
        chain.Note(
            action=catalogue.known(action),
            actor_id=actor.pk,
            actor_name=actor.display_name,
            subject_kind=subject._meta.label_lower,
            subject_id=str(subject.pk),
            subject_label=str(subject)[:200],
            facts=dict(facts),
            wrote=[(type(row), row.pk) for row in wrote],
        )
    )
