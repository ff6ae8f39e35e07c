"""What a case page shows of its case: what the reader may do, how it stands, what was said, and the picture.

A domain's case page calls `case_panel` and includes `workflow/decision_bar.html` (once, at its end) and
`workflow/panel.html` (at its side).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from bianzhi.common import working_days
from bianzhi.common.web.access import PageRequest
from bianzhi.workflow.models import (
    FlowInstance,
    FlowTask,
    FlowToken,
    InstanceStatus,
    TaskKind,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.rules.profile import Action, Node, NodeKind
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.progress import diagram, readers, timeline, waiting_for
from bianzhi.workflow.selectors.returns import Target, targets
from bianzhi.workflow.selectors.standing import Standing, may_act
from bianzhi.workflow.services.opening import open_task
from bianzhi.workflow.services.withdrawing import objections_to_withdrawing
from bianzhi.workflow.web.dressing import Left, left
from bianzhi.workflow.web.forms import POSITIONS, WAYS, OpinionForm
from bianzhi.workflow.web.phrases import phrases
from bianzhi.workflow.web.pictures import picture_of_case, steps_of_case
from bianzhi.workflow.web.reach import INTERVENE

ADDED: Final = (TaskKind.ADDED_BEFORE, TaskKind.ADDED_AFTER, TaskKind.ADDED_BESIDE)
OPEN: Final = (TaskStatus.TODO, TaskStatus.QUEUED)


@dataclass(frozen=True, slots=True)
class Turn:
    """A task the reader may act on, and what they may do with it."""

    task: FlowTask
    node: Node
    standing: Standing
    form: OpinionForm
    phrases: list[str]
    targets: list[Target]
    removable: list[FlowTask]
    left: Left | None
    ways: dict[str, str] = field(default_factory=lambda: {way.value: words for way, words in WAYS.items()})
    positions: tuple[tuple[str, str], ...] = POSITIONS

    @property
    def is_submission(self) -> bool:
        """Whether the applicant sends the case in here instead of agreeing."""
        return self.node.submit

    @property
    def may(self) -> frozenset[str]:
        """The further buttons: transfer, add, copy, skip, claim, release, recuse."""
        wanted = {action.value for action in self.node.actions - {Action.RETURN, Action.REMOVE}}
        if self.is_submission:
            wanted &= {Action.COPY.value}
        if self.task.kind != TaskKind.NORMAL or self.node.separate:
            wanted -= {Action.SKIP.value}
        if self.task.pool_role:
            wanted |= self._of_pool()
        return frozenset(wanted)

    def _of_pool(self) -> set[str]:
        if self.task.assignee_id is None:
            return {"claim", "recuse"} if self.standing.is_own else {"recuse"}
        return {"release", "recuse"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task the case waits for: who has it, since when, how long still."""

    task: FlowTask
    holder: str
    left: Left | None
    may_urge: bool


def turn_of(request: PageRequest, task: FlowTask, form: OpinionForm | None = None) -> Turn | None:
    """The task as the reader's turn; None when it is closed, is only to be read, or is not theirs."""
    if task.status != TaskStatus.TODO or task.kind == TaskKind.COPY or not task.instance.is_live:
        return None
    standing = may_act(request.user, task, request.today)
    if not standing.ok:
        return None
    node = process_of(task.instance.version).node(task.node_id)
    return Turn(
        task=task,
        node=node,
        standing=standing,
        form=form or OpinionForm(user=request.user),
        phrases=phrases(request.user),
        targets=targets(task),
        removable=_removable(task, node),
        left=_left(task, request),
    )


def case_panel(request: PageRequest, instance: FlowInstance) -> dict[str, Any]:
    """Everything the templates of a case page need, under the names they use. The reader's tasks count as opened."""
    tasks = _open_tasks(instance)
    turns = [turn for turn in (turn_of(request, task) for task in tasks) if turn is not None]
    for turn in turns:
        if turn.task.opened_at is None:
            open_task(actor=request.user, task_id=turn.task.pk, today=request.today)
    mine = {turn.task.pk for turn in turns}
    states = diagram(instance)
    return {
        "instance": instance,
        "turn": turns[0] if turns else None,
        "turns": turns,
        "copies": [t for t in tasks if t.kind == TaskKind.COPY and t.assignee_id == request.user.pk],
        "waiting": [_waiting(request, t, t.pk in mine) for t in tasks if t.kind != TaskKind.COPY],
        "withdrawable": _withdrawable(request, instance),
        "removable": _removable_besides(request, instance, tasks, mine),
        "may_take_back": instance.is_live and request.user.pk == instance.initiator_id,
        "may_intervene": instance.is_live and request.user.can(INTERVENE),
        "branches": _branches(instance) if request.user.can(INTERVENE) else [],
        "nodes": _places(instance),
        "timeline": timeline(instance),
        "readers": readers(instance),
        "steps": steps_of_case(instance, states),
        "picture": picture_of_case(request, instance, states),
        "form": OpinionForm(user=request.user),
    }


def _open_tasks(instance: FlowInstance) -> list[FlowTask]:
    rows = instance.tasks.filter(status=TaskStatus.TODO).select_related("token", "assignee").order_by("pk")
    found = list(rows)
    for task in found:
        task.instance = instance
    return found


def _waiting(request: PageRequest, task: FlowTask, is_mine: bool) -> Waiting:
    return Waiting(task, waiting_for(task), _left(task, request), not is_mine and task.instance.is_live)


def _left(task: FlowTask, request: PageRequest) -> Left | None:
    if task.due_on is None:
        return None
    clock = task.deadlines.order_by("-pk").first()
    return left(task.due_on, clock, request.today, working_days.load(request.today))


def _withdrawable(request: PageRequest, instance: FlowInstance) -> FlowTask | None:
    """The reader's last opinion, while it can still be taken back."""
    if not instance.is_live:
        return None
    own = instance.tasks.filter(done_by_id=request.user.pk, status=TaskStatus.DONE, stands=True)
    last = own.exclude(kind=TaskKind.COPY).order_by("-done_at", "-pk").first()
    if last is None:
        return None
    last.instance = instance
    return None if objections_to_withdrawing(request.user, last, request.today) else last


def _removable(task: FlowTask, node: Node) -> list[FlowTask]:
    """Whom this signer has added and who has not answered yet."""
    if Action.REMOVE not in node.actions:
        return []
    return list(task.added.filter(status__in=OPEN, kind__in=ADDED).select_related("assignee"))


def _removable_besides(
    request: PageRequest, instance: FlowInstance, tasks: list[FlowTask], mine: set[int]
) -> list[FlowTask]:
    """Whom the reader has added and who has not answered yet, where the reader's own task is not to be done now: it
    waits for them (前加签), or has been done (后加签). Somebody added is always among those asked then.
    """
    if instance.status != InstanceStatus.RUNNING or not any(task.kind in ADDED for task in tasks):
        return []
    process = process_of(instance.version)
    rows = instance.tasks.filter(kind__in=ADDED, status__in=OPEN).exclude(added_by__in=mine).order_by("pk")
    return [
        added
        for added in rows.select_related("assignee", "added_by__instance__version__definition")
        if Action.REMOVE in process.node(added.node_id).actions and _has_added(request, added)
    ]


def _has_added(request: PageRequest, added: FlowTask) -> bool:
    signer = added.added_by
    if signer is None:
        return False
    return signer.done_by_id == request.user.pk or may_act(request.user, signer, request.today).ok


def _branches(instance: FlowInstance) -> list[tuple[int, str]]:
    """Where the case stands: token and the name of its step."""
    process = process_of(instance.version)
    live = FlowToken.objects.filter(instance=instance, state__in=(TokenState.ACTIVE, TokenState.WAITING)).order_by("pk")
    return [(token.pk, process.node(token.node_id).name or token.node_id) for token in live]


def _places(instance: FlowInstance) -> list[tuple[str, str]]:
    """Steps done by people, where a case may be put."""
    nodes = process_of(instance.version).nodes.values()
    return [(node.id, node.name) for node in nodes if node.kind is NodeKind.USER]
