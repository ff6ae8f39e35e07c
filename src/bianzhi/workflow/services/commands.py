"""Running the domain's commands: in the transaction of the decision, once a pass, undone only by their own reversal."""

from collections.abc import Iterable

from django.utils import timezone

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.workflow import registries
from bianzhi.workflow.models import CommandExecution, FlowInstance, FlowToken, OpinionAction
from bianzhi.workflow.rules.profile import Node
from bianzhi.workflow.selectors.called import called_below
from bianzhi.workflow.services.act import CaseAct


def execute(act: CaseAct, token: FlowToken, node: Node) -> CommandExecution:
    """Apply a node's command and keep the evidence. Raises Refused, which takes the whole decision back.

    The command's `check` is not asked before: it is a rehearsal of this very act, which says all that would refuse it.
    """
    command = registries.command(node.command)
    pass_no = CommandExecution.objects.filter(instance=act.instance, node_id=node.id).count() + 1
    context = registries.CommandContext(act.instance, node.id, pass_no, act.actor, act.today)
    execution = CommandExecution(
        instance=act.instance, token=token, node_id=node.id, pass_no=pass_no, command=node.command
    )
    with beyond_scope("effects"):
        effect = command.apply(context)
    execution.words, execution.result = effect.words[:300], dict(effect.result)
    execution.save(force_insert=True)
    act.journal.executions.append(execution.pk)
    act.wrote.append(execution)
    act.opine(OpinionAction.EXECUTE, node=node, text=effect.words)
    return execution


def executed(instance: FlowInstance) -> list[CommandExecution]:
    """What a case has carried out and not undone, the newest first."""
    return list(CommandExecution.objects.filter(instance=instance, compensated_at__isnull=True).order_by("-pk"))


def undo_everything(act: CaseAct) -> None:
    """Undo what a case and those it called have carried out. Raises Refused as `undo` does."""
    cases = {each.pk: each for each in called_below(act.instance)}
    rows = CommandExecution.objects.filter(instance__in=[act.instance.pk, *cases], compensated_at__isnull=True)
    found = list(rows.order_by("-pk"))
    refuse_if(objections_to_undoing(found))
    for execution in found:
        own = act if execution.instance_id == act.instance.pk else act.inner(cases[execution.instance_id])
        undo(own, [execution])
        if own is not act:
            own.save_instance()


def objections_to_undoing(executions: Iterable[CommandExecution]) -> list[Objection]:
    """Why these commands cannot be undone: a command without a reversal stands."""
    return [
        Objection(
            "L7",
            f"“{each.words}”已经生效，这项业务没有自动冲正的办法，不能退回到它之前。",
            next_step="请办理相应的更正或冲正业务。",
        )
        for each in executions
        if not hasattr(registries.command(each.command), "compensate")
    ]


def undo(act: CaseAct, executions: Iterable[CommandExecution]) -> None:
    """Undo commands by their reversals, the newest first. Raises Refused when one has none or its reversal refuses."""
    found = list(executions)
    refuse_if(objections_to_undoing(found))
    for execution in found:
        command = registries.command(execution.command)
        context = registries.CommandContext(act.instance, execution.node_id, execution.pass_no, act.actor, act.today)
        with beyond_scope("effects"):
            command.compensate(context, execution.result)  # type: ignore[attr-defined]
        execution.compensated_at = timezone.now()
        execution.save(update_fields=["compensated_at"])
        act.journal.undone.append(execution.pk)
        act.wrote.append(execution)
        node = act.process.nodes.get(execution.node_id)
        act.opine(OpinionAction.EXECUTE, node=node, text=f"已撤销：{execution.words}")
