"""When a step is through: after each opinion the votes are counted, and the case goes on, back, ends, or waits."""

from bianzhi.workflow.models import FlowTask, FlowToken, InstanceStatus, TaskKind, TaskStatus
from bianzhi.workflow.rules.countersign import Verdict, outcome
from bianzhi.workflow.rules.profile import Mode, Node
from bianzhi.workflow.services.act import OPEN_TASKS, CaseAct
from bianzhi.workflow.services.moving import finish_case, leave
from bianzhi.workflow.services.sending_back import send_to_initiator
from bianzhi.workflow.services.turns import ask_whose_turn_it_is, tasks_of_pass

ADVISERS = (TaskKind.ADDED_BEFORE, TaskKind.ADDED_AFTER)


def settle(act: CaseAct, task: FlowTask, token: FlowToken, node: Node) -> None:
    """Let the step of a task just closed go on as far as it can."""
    tasks = tasks_of_pass(token, node, task.pass_no)
    verdict = _verdict(tasks, node)
    if verdict is None or (verdict is Verdict.AGREED and _advice_pending(tasks)):
        ask_whose_turn_it_is(act, tasks, node)
        return
    act.cancel_tasks([each for each in tasks if each.status in OPEN_TASKS])
    act.instance.facts[f"{node.id}_outcome"] = "agree" if verdict is Verdict.AGREED else "disagree"
    _go_on(act, token, node, verdict)


def _verdict(tasks: list[FlowTask], node: Node) -> Verdict | None:
    """What the answers so far decide; a step whose every seat was skipped goes on."""
    counted = [each for each in tasks if node.countersign.mode is Mode.ALL or each.kind not in ADVISERS]
    agreed = sum(each.status == TaskStatus.DONE and each.verdict in ("agree", "submit") for each in counted)
    disagreed = sum(each.status == TaskStatus.DONE and each.verdict == "disagree" for each in counted)
    waiting = sum(each.status in OPEN_TASKS for each in counted)
    if not agreed + disagreed + waiting:
        return Verdict.AGREED
    sign = node.countersign
    return outcome(sign.mode, sign.ratio, agreed=agreed, disagreed=disagreed, open=waiting, reject=node.reject)


def _advice_pending(tasks: list[FlowTask]) -> bool:
    """Whether somebody a signer who has decided wanted asked after themselves is still to answer."""
    decided = {each.pk for each in tasks if each.status == TaskStatus.DONE}
    return any(
        each.kind == TaskKind.ADDED_AFTER and each.status in OPEN_TASKS and each.added_by_id in decided
        for each in tasks
    )


def _go_on(act: CaseAct, token: FlowToken, node: Node, verdict: Verdict) -> None:
    if verdict in (Verdict.AGREED, Verdict.DISAGREED):
        leave(act, token)
    elif verdict is Verdict.STOPPED or not send_to_initiator(act, token):
        finish_case(act, InstanceStatus.REJECTED, f"“{node.name}”不同意")
