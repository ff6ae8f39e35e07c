"""The base of every command a case runs: the domain act itself is all a matter has to write.

    class Delist(CaseCommand):
        label = "办理出编"

        def carry_out(self, act: CaseAct) -> Carried:
            outcome = delist(actor=act.actor, today=act.today, order=order_of(act))
            return Carried(f"已出编，业务编号 {outcome.movement.number}", {"movement": outcome.movement.pk})

The engine's `check` is a rehearsal: the command and those before it are carried out in a savepoint that is rolled back,
so that what is shown while a form is filled in is what will be said at 核准.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bianzhi.kernel.objections import Objection
from bianzhi.matters.acting import ByCase
from bianzhi.matters.declarations import CaseAct
from bianzhi.matters.models import Case
from bianzhi.matters.rehearsal import rehearse
from bianzhi.matters.selectors.drafts import as_submitted, earlier_results
from bianzhi.workflow.registries import CommandContext, Effect


@dataclass(frozen=True, slots=True)
class Carried:
    """What a command did. `words` is shown on the case, `result` (JSON) kept for later commands and `compensate`."""

    words: str
    result: Mapping[str, Any] = field(default_factory=dict)
    remarks: Sequence[Objection] = ()
    """Objections that were let through: shown in the check panel, kept with the effect."""


class CaseCommand(ABC):
    """A domain act of a case. Subclasses give `label` and `carry_out`; the engine calls `check` and `apply`."""

    label: str
    is_rehearsed: ClassVar[bool] = True
    """Whether the rehearsal of a case carries it out: acts on the register are, papers and notices are not."""
    is_effect: ClassVar[bool] = True
    """Whether with it the matter is decided, for the office's clock: what is only held for a case is not."""

    @abstractmethod
    def carry_out(self, act: CaseAct) -> Carried:
        """Do it through the services of the domain, with `act.actor` as actor. Raises Refused."""

    def check(self, context: CommandContext) -> Sequence[Objection]:
        """What stands against it now, by carrying it out and taking it back."""
        case = case_of(context)
        draft = as_submitted(case, context.today)
        return rehearse(draft, by=context.actor, today=context.today, until=self) if self.is_rehearsed else []

    def apply(self, context: CommandContext) -> Effect:
        """Carry it out on the newest submission of the case."""
        carried = self.carry_out(act_of(context))
        remarks = [remark.as_facts() for remark in carried.remarks]
        return Effect(carried.words[:300], {**carried.result, **({"remarks": remarks} if remarks else {})})


class ReversibleCommand(CaseCommand):
    """A command whose effect can be taken back, so that a case may be returned over its step."""

    @abstractmethod
    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Undo what `carry_out` told as `result`, by a reversing act (R26). Raises Refused."""

    def compensate(self, context: CommandContext, result: Mapping[str, Any]) -> None:
        """Take it back as the engine asks."""
        self.take_back(act_of(context), result)


def act_of(context: CommandContext) -> CaseAct:
    """A command's case at work."""
    case = case_of(context)
    return CaseAct(
        actor=ByCase(context.actor, case.number or "草稿"),
        today=context.today,
        draft=as_submitted(case, context.today),
        earlier=earlier_results(case),
        instance=context.instance,
    )


def case_of(context: CommandContext) -> Case:
    """The case a command runs for."""
    return Case.objects.select_related("version", "override_document").get(pk=context.instance.subject_id)
