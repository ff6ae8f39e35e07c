"""Taking a movement of a case back by a reversing act (冲正, R26)."""

from collections.abc import Mapping
from typing import Any

from bianzhi.matters.commands import ReversibleCommand
from bianzhi.matters.declarations import CaseAct
from bianzhi.personnel.models import Movement
from bianzhi.personnel.services.corrections import CorrectionBasis, reverse_movement

REASON = "办件退回，冲正本次业务"


class MovementCommand(ReversibleCommand):
    """A command whose `result` names the movement it made."""

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Reverse the movement by its own document. Raises Refused (R26) when later ones rest on it."""
        movement = Movement.objects.select_related("document").get(pk=int(result["movement"]))
        reverse_movement(
            actor=act.actor,
            today=act.today,
            movement_id=movement.pk,
            basis=CorrectionBasis(movement.document, REASON),
        )
