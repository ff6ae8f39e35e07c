"""How far a case is: the state of every step for the picture, and the story of the case in the order it happened."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from bianzhi.workflow.models import (
    FlowInstance,
    FlowOpinion,
    FlowTask,
    OpinionAction,
    TaskKind,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.rules.profile import Process
from bianzhi.workflow.selectors.definitions import process_of

SILENT = (OpinionAction.READ,)


@dataclass(slots=True)
class NodeState:
    """How a step stands in the newest pass: current, done, returned, skipped, rejected or ahead."""

    state: str = "ahead"
    people: list[str] = field(default_factory=list)
    at: datetime | None = None
    passes: int = 0
    due_on: date | None = None

    def as_json(self) -> dict[str, Any]:
        """For the picture's script."""
        return {
            "state": self.state,
            "people": self.people,
            "at": self.at.isoformat() if self.at else "",
            "pass": self.passes,
            "due_on": self.due_on.isoformat() if self.due_on else "",
        }


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story: an opinion, or (without one) somebody who is asked now."""

    node_name: str
    stage: str
    who: str
    action: str
    text: str
    at: datetime | None
    opinion: FlowOpinion | None = None
    task: FlowTask | None = None


def diagram(instance: FlowInstance) -> dict[str, NodeState]:
    """The state of every step of the case's flow."""
    process = process_of(instance.version)
    found = {node_id: NodeState() for node_id in process.nodes}
    for task in instance.tasks.exclude(kind=TaskKind.COPY).select_related("assignee").order_by("pk"):
        if task.node_id in found:
            _mark_task(found[task.node_id], task)
    _name_deciders(instance, found)
    for execution in instance.executions.order_by("pk"):
        if execution.node_id in found:
            found[execution.node_id].state = "returned" if execution.compensated_at else "done"
            found[execution.node_id].at = execution.executed_at
    for token in instance.tokens.filter(state__in=(TokenState.ACTIVE, TokenState.WAITING, TokenState.ARRIVED)):
        if token.node_id in found:
            found[token.node_id].state = "current"
    return found


def _mark_task(state: NodeState, task: FlowTask) -> None:
    if task.pass_no > state.passes:
        state.passes, state.people, state.at, state.due_on = task.pass_no, [], None, None
        state.state = "ahead"
    if task.status in (TaskStatus.TODO, TaskStatus.QUEUED, TaskStatus.PAUSED):
        state.state = "current"
        state.people.append(waiting_for(task))
        state.due_on = task.due_on
    elif task.status == TaskStatus.DONE:
        kinds = {"skip": "skipped", "disagree": "rejected"}
        if state.state != "current":
            state.state = kinds.get(task.verdict, "done") if task.stands else "returned"
        state.at = task.done_at
    elif task.status == TaskStatus.RETURNED:
        state.state, state.at = "returned", task.done_at


def _name_deciders(instance: FlowInstance, found: dict[str, NodeState]) -> None:
    decided = (
        OpinionAction.AGREE,
        OpinionAction.DISAGREE,
        OpinionAction.SUBMIT,
        OpinionAction.SKIP,
        OpinionAction.RETURN,
    )
    for opinion in instance.opinions.filter(action__in=decided, task__isnull=False).order_by("number"):
        state = found.get(opinion.node_id)
        if state is not None and opinion.pass_no == state.passes:
            state.people.append(opinion.actor_label)
    for opinion in instance.opinions.filter(action=OpinionAction.SKIP, task__isnull=True):
        if opinion.node_id in found and found[opinion.node_id].state == "ahead":
            found[opinion.node_id].state = "skipped"


def waiting_for(task: FlowTask) -> str:
    """Who a task waits for, in words: a name, or the role."""
    if task.assignee is not None:
        return task.assignee.display_name
    return ROLES[task.pool_role].label if task.pool_role in ROLES else "（待定）"


def timeline(instance: FlowInstance) -> list[Line]:
    """Everything said and done, then who is asked now."""
    process = process_of(instance.version)
    told = instance.opinions.exclude(action__in=SILENT).select_related("paper")
    lines = [_told(opinion, process) for opinion in told.order_by("number")]
    waiting = instance.tasks.filter(status=TaskStatus.TODO).exclude(kind=TaskKind.COPY).select_related("assignee")
    for task in waiting.order_by("pk") if instance.is_live else ():
        lines.append(Line(task.node_name, task.stage, waiting_for(task), "办理中", "", None, task=task))
    return lines


def said(opinion: FlowOpinion, process: Process) -> str:
    """What an opinion says, in the words of its step: 无问题 at 督查, where elsewhere it would be 同意."""
    node = process.nodes.get(opinion.node_id)
    return (node.word_of(opinion.action) if node is not None else "") or str(opinion.get_action_display())


def _told(opinion: FlowOpinion, process: Process) -> Line:
    node = process.nodes.get(opinion.node_id)
    return Line(
        node_name=opinion.node_name,
        stage=node.stage if node else "",
        who=opinion.actor_label,
        action=said(opinion, process),
        text=opinion.text,
        at=opinion.recorded_at,
        opinion=opinion,
    )


def readers(instance: FlowInstance) -> list[tuple[str, datetime | None]]:
    """Who has the case to read, and when they did."""
    copies = instance.tasks.filter(kind=TaskKind.COPY).select_related("assignee").order_by("pk")
    names = dict(User.objects.filter(pk__in=copies.values("done_by_id")).values_list("pk", "display_name"))
    return [(names.get(task.done_by_id or 0) or waiting_for(task), task.done_at) for task in copies]
