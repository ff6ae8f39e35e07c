"""Whose deliveries an actor may bring in."""

from bianzhi.audit.actors import Actor
from bianzhi.exchange.models import Source
from bianzhi.exchange.scopes import departments_of
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.reconciliation.sources import DEPARTMENTS

OTHER_DEPARTMENT = "X60"


def require_reach(actor: Actor, source: Source) -> None:
    """Let the actor pass for this source: the office for any, a liaison for the own department's, a key for its one.

    Raises Refused (X60).
    """
    if reaches(actor, source):
        return
    label = dict(DEPARTMENTS)[source.department]
    message = f"“{source.name}”是{label}的数据来源，不属于您的部门"
    raise Refused([Objection(OTHER_DEPARTMENT, message, next_step=f"请由{label}联络员或编办报送")])


def reaches(actor: Actor, source: Source) -> bool:
    """Whether the actor may deliver for the source."""
    own = getattr(actor, "source_id", None)
    if own is not None:
        return bool(own == source.pk)
    if actor.pk is None:
        return actor.sees_everything()
    return source.department in departments_of(actor)
