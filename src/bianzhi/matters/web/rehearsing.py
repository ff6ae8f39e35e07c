"""What the coming steps of a case would do to the register if it went on now, as the decider sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bianzhi.common.web.access import PageRequest
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters.declarations import Matter
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowInstance
from bianzhi.workflow.registries import CommandContext
from bianzhi.workflow.rules.profile import Node
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.web.pictures import in_order


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The commands still to come, and everything that stands against them or would be remarked."""

    labels: Sequence[str]
    objections: Sequence[Objection]

    @property
    def blocking(self) -> list[Objection]:
        """What would refuse the decision that leads to them."""
        return [each for each in self.objections if each.severity is not Severity.WARN]


def rehearsed(request: PageRequest, instance: FlowInstance, matter: Matter) -> Rehearsed | None:
    """Every coming act upon the register asked in its order; None when none is to come."""
    coming = [node for node in _coming(instance) if _acts(matter, node)]
    if not coming:
        return None
    found: list[Objection] = []
    for node in coming:
        context = CommandContext(instance, node.id, 1, request.user, request.today)
        found += registries.command(node.command).check(context)
    labels = dict.fromkeys(registries.commands()[node.command] for node in coming)
    return Rehearsed(tuple(labels), tuple(dict.fromkeys(found)))


def _coming(instance: FlowInstance) -> list[Node]:
    """Steps that run a command this case has not run, or has taken back."""
    if not instance.is_live:
        return []
    done = set(instance.executions.filter(compensated_at__isnull=True).values_list("node_id", flat=True))
    return [node for node in in_order(process_of(instance.version)) if node.command and node.id not in done]


def _acts(matter: Matter, node: Node) -> bool:
    """Whether a step acts upon the register; papers and notices go without saying."""
    command = matter.commands.get(node.command)
    return command is not None and command.is_rehearsed
