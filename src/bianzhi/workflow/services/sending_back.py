"""How a case goes back (workflow.md §8.3): everything after the target is undone as far as it can be, nothing is lost.

The scope of the target decides: tokens split off since are cancelled with their tasks, commands run since are undone
by their reversals (or the return is refused), opinions stay.
"""

from bianzhi.workflow.models import (
    CommandExecution,
    DeadlineState,
    FlowDeadline,
    FlowTask,
    FlowToken,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.selectors.returns import beginnings, pass_of, path
from bianzhi.workflow.services.act import LIVE_TOKENS, OPEN_CLOCKS, OPEN_TASKS, CaseAct
from bianzhi.workflow.services.called import end_called
from bianzhi.workflow.services.commands import undo
from bianzhi.workflow.services.moving import enter


def send_to_initiator(act: CaseAct, token: FlowToken) -> bool:
    """Send the case back to its first step, which the initiator fills in anew; False when there is none."""
    first = [done for done in path(token, act.process) if act.process.node(done.node_id).submit]
    if not first:
        return False
    run_again_from(act, first[-1])
    return True


def run_again_from(act: CaseAct, target: FlowTask) -> None:
    """退回，逐级重办: the token of the target goes back to it, and every step after it is done again."""
    anchor = act.know(target.token)
    below = descendants(anchor)
    since = commands_since(target, [anchor, *below])
    undo(act, since)
    for token in below:
        if token.state in LIVE_TOKENS:
            act.set_token(act.know(token), state=TokenState.CANCELLED)
    end_called(act, [anchor, *below], "上级事项退回")
    _clear(act, target, [anchor.pk, *(token.pk for token in below)])
    act.set_token(anchor, resume_node="", resume_task_id=None)
    enter(act, anchor, target.node_id, again=target)


def straight_back(act: CaseAct, target: FlowTask, returner: FlowTask) -> None:
    """退回，办后直送: only the target is done again; the returner's step waits with everybody else's opinion."""
    token = act.know(returner.token)
    others = token.tasks.filter(node_id=returner.node_id, pass_no=returner.pass_no, status__in=OPEN_TASKS)
    for other in others.exclude(kind="copy"):
        act.set_task(other, status=TaskStatus.PAUSED)
        clocks = FlowDeadline.objects.filter(task=other, state__in=OPEN_CLOCKS)
        act.stop_clocks(list(clocks), DeadlineState.CANCELLED)
    _stop_token_clocks(act, [token.pk])
    for corrected in token.tasks.filter(node_id=target.node_id, pass_no=target.pass_no, stands=True):
        act.set_task(corrected, stands=False)
    enter(act, token, target.node_id, again=target, same_pass=True)
    act.set_token(token, resume_node=returner.node_id, resume_task_id=returner.pk)


def commands_since(target: FlowTask, tokens: list[FlowToken]) -> list[CommandExecution]:
    """Commands these tokens ran after the target was done, not yet undone, the newest first."""
    rows = CommandExecution.objects.filter(token__in=tokens, compensated_at__isnull=True).order_by("-pk")
    return [each for each in rows if target.done_at is None or each.executed_at >= target.done_at]


def descendants(token: FlowToken) -> list[FlowToken]:
    """Every token split off a token, and off those."""
    found: list[FlowToken] = []
    level = list(FlowToken.objects.filter(parent=token))
    while level:
        found += level
        level = list(FlowToken.objects.filter(parent__in=level))
    return found


def _clear(act: CaseAct, target: FlowTask, token_ids: list[int]) -> None:
    """Cancel what is open, stop clocks, and mark what was done since as gone back over."""
    act.cancel_tasks(list(FlowTask.objects.filter(token__in=token_ids, status__in=OPEN_TASKS).exclude(kind="copy")))
    _stop_token_clocks(act, token_ids)
    begun = beginnings(token_ids)
    first = begun[pass_of(target)]
    for task in FlowTask.objects.filter(token__in=token_ids, stands=True).exclude(kind="copy").order_by("pk"):
        if begun[pass_of(task)] >= first:
            act.set_task(task, stands=False)
            act.instance.facts.pop(f"{task.node_id}_outcome", None)


def _stop_token_clocks(act: CaseAct, token_ids: list[int]) -> None:
    clocks = FlowDeadline.objects.filter(token__in=token_ids, task__isnull=True, state__in=OPEN_CLOCKS)
    act.stop_clocks(list(clocks), DeadlineState.CANCELLED)
