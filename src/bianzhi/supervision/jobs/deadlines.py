"""Cards from the engine's ladder of deadlines: yellow three working days past, red five (workflow.md §8.5)."""

from datetime import date

from bianzhi.audit.actors import System
from bianzhi.common.models import OutboxMessage
from bianzhi.supervision.models import Colour
from bianzhi.supervision.services.cards import raise_card

CARDS = {"yellow": Colour.YELLOW, "red": Colour.RED}


def on_deadline(message: OutboxMessage) -> None:
    """News "workflow.deadline": a step of the ladder; the last two are cards. Hearing it twice raises one card."""
    colour = CARDS.get(message.payload["step"])
    task_id = message.payload.get("task")
    if colour is None or task_id is None:
        return
    day = date.fromisoformat(message.payload["day"])
    raise_card(actor=System("督办"), today=day, task_id=int(task_id), colour=colour)
