"""A masked value looked at whole: for a purpose of the list, by who may see its class, on record before it is shown."""

from typing import Any

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.disclosure.revealables import Revealable
from bianzhi.disclosure.rules.purposes import SHORTEST
from bianzhi.kernel.objections import Objection, Refused


@unit_of_work
def reveal_field(*, actor: Actor, revealable: Revealable, row: Any, purpose: str) -> str:
    """The whole value of a row the caller found within the actor's scope; who looked and why is recorded.

    Raises Denied without the permission of the class, Refused (D2) without a purpose.
    """
    found_class = revealable.field_class
    require(actor, found_class.permission)
    if len(purpose.strip()) < SHORTEST:
        raise Refused([Objection("D2", f"查看完整{revealable.label}须说明用途。", next_step="请选择用途并写明事项。")])
    facts = {"field": revealable.label, "class": found_class.value, "purpose": purpose.strip()}
    record("disclosure.field_revealed", actor=actor, subject=row, facts=facts)
    return str(getattr(row, revealable.field))
