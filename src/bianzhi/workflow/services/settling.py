"""When a step is through: after each opinion the votes are counted, and the case goes on, back, ends, or waits."""

from bianzhi.workflow.models import FlowTask, FlowToken, InstanceStatus, TaskKind, TaskStatus
from bianzhi.workflow.rules.countersign import Verdict, outcome
from bianzhi.workflow.rules.profile import Mode, Node, Order
from bianzhi.workflow.services.act import OPEN_TASKS, CaseAct
from bianzhi.workflow.services.moving import finish_case, leave
from bianzhi.workflow.services.seating import wake
from bianzhi.workflow.services.sending_back import send_to_initiator

ADVISERS = (TaskKind.ADDED_BEFORE, TaskKind.ADDED_AFTER)


def settle(act: CaseAct, task: FlowTask, token: FlowToken, node: Node) -> None:
    """Let the step of a task just closed go on as far as it can."""
    tasks = list(token.tasks.filter(node_id=node.id, pass_no=task.pass_no, stands=True).exclude(kind=TaskKind.COPY))
    verdict = _verdict(tasks, node)
    if verdict is None or (verdict is Verdict.AGREED and _advice_pending(tasks)):
        _ask_next(act, task, tasks, node)
        _never_nobody(act, tasks, node)
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


def _ask_next(act: CaseAct, task: FlowTask, tasks: list[FlowTask], node: Node) -> None:
    """Wake who waited for this opinion: those added after it, the signer it was added before, the next in turn."""
    queued = [each for each in tasks if each.status == TaskStatus.QUEUED]
    after = [each for each in queued if each.kind == TaskKind.ADDED_AFTER and each.added_by_id == task.pk]
    for each in after:
        wake(act, each, node)
    if after:
        return
    if task.kind == TaskKind.ADDED_BEFORE and task.added_by_id is not None:
        _wake_signer(act, task.added_by_id, tasks, node)
        return
    if node.order is Order.SEQUENTIAL and not any(each.status == TaskStatus.TODO for each in tasks):
        turn = [each for each in queued if each.kind in (TaskKind.NORMAL, TaskKind.ADDED_BESIDE)]
        if turn:
            wake(act, min(turn, key=lambda each: (each.position, each.pk)), node)


def _never_nobody(act: CaseAct, tasks: list[FlowTask], node: Node) -> None:
    """A step that is not through always asks somebody: whoever was to wake the next may have been taken back."""
    queued = [each for each in tasks if each.status == TaskStatus.QUEUED]
    if queued and not any(each.status == TaskStatus.TODO for each in tasks):
        wake(act, min(queued, key=lambda each: each.pk), node)


def _wake_signer(act: CaseAct, signer_id: int, tasks: list[FlowTask], node: Node) -> None:
    still = [each for each in tasks if each.kind == TaskKind.ADDED_BEFORE and each.added_by_id == signer_id]
    signer = next((each for each in tasks if each.pk == signer_id), None)
    if signer and signer.status == TaskStatus.QUEUED and not any(each.status in OPEN_TASKS for each in still):
        wake(act, signer, node)


def _go_on(act: CaseAct, token: FlowToken, node: Node, verdict: Verdict) -> None:
    if verdict in (Verdict.AGREED, Verdict.DISAGREED):
        leave(act, token)
    elif verdict is Verdict.STOPPED or not send_to_initiator(act, token):
        finish_case(act, InstanceStatus.REJECTED, f"“{node.name}”不同意")
