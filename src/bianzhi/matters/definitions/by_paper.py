"""What the staffing matters that end in a paper of the office or the commission (P01, P12, P19) share with P07–P10."""

from typing import Final

from bianzhi.kernel.objections import refuse_if
from bianzhi.matters.commands import ReversibleCommand, act_of
from bianzhi.matters.declarations import CaseDraft
from bianzhi.matters.definitions.decided import OFFICE_FIELDS, decided
from bianzhi.matters.rules.establishment import objections_to_decision
from bianzhi.matters.rules.fields import FieldSpec
from bianzhi.workflow.registries import CommandContext, Effect

MEETING: Final = ("meeting_no", "meeting_on", "meeting_result")


def office_fields(*names: str) -> tuple[FieldSpec, ...]:
    """Those of the office's own fields, in their order."""
    return tuple(spec for spec in OFFICE_FIELDS if spec.name in frozenset(names))


def refuse_without_decision(draft: CaseDraft) -> None:
    """Raises Refused while the case has no 批复, or one of the wrong level (D1, R10)."""
    refuse_if(objections_to_decision(decided(draft)))


class OnPaper(ReversibleCommand):
    """An effect that rests on the 批复 of the case; without one, or with one of the wrong level, it is refused (R10).

    A rehearsal runs `carry_out` on a stand-in (`decided.order_of`), so that the rules speak before the paper exists.
    """

    def apply(self, context: CommandContext) -> Effect:
        """Carry it out by the paper that was filled in."""
        refuse_without_decision(act_of(context).draft)
        return super().apply(context)
