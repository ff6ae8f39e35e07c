"""One act on a case in progress: every change of tokens, tasks and clocks goes through it and is kept in a journal.

The journal of the act that completes a task is stored with the task: 撤回 undoes exactly that. At the end the act is
recorded in the audit chain and told to the rest of the system in one outbox row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record
from bianzhi.common import outbox
from bianzhi.kernel.digests import canonical_json, sm3_hex
from bianzhi.workflow import registries
from bianzhi.workflow.models import (
    DeadlineState,
    FlowDeadline,
    FlowInstance,
    FlowOpinion,
    FlowTask,
    FlowToken,
    InstanceStatus,
    OpinionAction,
    TaskStatus,
    TokenState,
)
from bianzhi.workflow.rules.profile import Node, Process
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.standing import Standing

OPEN_TASKS = (TaskStatus.TODO, TaskStatus.QUEUED, TaskStatus.PAUSED)
LIVE_TOKENS = (TokenState.ACTIVE, TokenState.FORKED, TokenState.ARRIVED, TokenState.WAITING)
OPEN_CLOCKS = (DeadlineState.RUNNING, DeadlineState.SUSPENDED)
OWN_NAME = Standing(ok=True)
SAVED = ("rev", "status", "stage", "facts", "opinion_count", "opinion_head", "ended_at", "version")
TASK_FACTS = ("status", "stands")
TOKEN_FACTS = ("node_id", "pass_no", "state", "resume_node", "resume_task_id")


@dataclass
class Journal:
    """What an act changed: rows made, what changed rows were before, and how it left them (tokens, status of tasks)."""

    tokens: dict[str, list[Any]] = field(default_factory=dict)
    tasks: dict[str, list[Any]] = field(default_factory=dict)
    clocks: dict[str, str] = field(default_factory=dict)
    new_tokens: list[int] = field(default_factory=list)
    new_tasks: list[int] = field(default_factory=list)
    new_clocks: list[int] = field(default_factory=list)
    executions: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    called: list[int] = field(default_factory=list)
    outcomes: dict[str, str | None] = field(default_factory=dict)
    gone_over: list[int] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    handed_on: dict[str, int | None] = field(default_factory=dict)

    def as_json(self, after: Mapping[str, list[Any]]) -> dict[str, Any]:
        """What is stored with the task; parts that are empty are left out."""
        whole = {**vars(self), "after": dict(after)}
        return {name: value for name, value in whole.items() if value}


@dataclass
class CaseAct:
    """Who acts on which case on which day, and everything that comes of it."""

    actor: Actor
    today: date
    instance: FlowInstance
    process: Process
    standing: Standing = OWN_NAME
    now: datetime = field(default_factory=timezone.now)
    journal: Journal = field(default_factory=Journal)
    wrote: list[SealedModel] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    moves: int = 0
    has_ended: bool = False
    """Whether this act ended the case: what is done to an ended case later (已阅) tells of no end again."""
    _tokens: dict[int, FlowToken] = field(default_factory=dict)
    _outcomes: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def on(cls, instance: FlowInstance, *, actor: Actor, today: date, standing: Standing | None = None) -> "CaseAct":
        """An act on a locked case; its facts are asked of the domain anew."""
        act = cls(actor, today, instance, process_of(instance.version), standing or OWN_NAME)
        handler = registries.handler_of(instance.subject_kind)
        kept = {name: value for name, value in instance.facts.items() if name.endswith("_outcome") or name == "recused"}
        instance.facts = {**handler.facts(instance), **kept}
        act._outcomes = kept
        return act

    def inner(self, instance: FlowInstance) -> "CaseAct":
        """The same act going on in a case this one called, or in the case that called this one."""
        other = CaseAct.on(instance, actor=self.actor, today=self.today)
        other.wrote, other.cancelled, other.now = self.wrote, self.cancelled, self.now
        return other

    # tokens

    def token(self, token_id: int) -> FlowToken:
        """A token of the case, one object for each row."""
        if token_id not in self._tokens:
            self._tokens[token_id] = FlowToken.objects.get(pk=token_id)
        return self._tokens[token_id]

    def know(self, token: FlowToken) -> FlowToken:
        """The one object of a token's row."""
        return self._tokens.setdefault(token.pk, token)

    def new_token(self, *, node_id: str, parent: FlowToken | None = None) -> FlowToken:
        """A token more, at a node."""
        token = FlowToken.objects.create(instance=self.instance, node_id=node_id, parent=parent)
        self.journal.new_tokens.append(token.pk)
        return self.know(token)

    def set_token(self, token: FlowToken, **changes: Any) -> None:
        """Change a token, keeping what it was."""
        token = self.know(token)
        if token.pk not in self.journal.new_tokens:
            self.journal.tokens.setdefault(str(token.pk), [getattr(token, name) for name in TOKEN_FACTS])
        for name, value in changes.items():
            setattr(token, name, value)
        token.save(update_fields=list(changes))

    # tasks

    def new_task(self, **facts: Any) -> FlowTask:
        """A task more."""
        task = FlowTask.objects.create(instance=self.instance, created_at=self.now, **facts)
        self.journal.new_tasks.append(task.pk)
        return task

    def set_task(self, task: FlowTask, **changes: Any) -> None:
        """Change a task, keeping what it was."""
        if task.pk not in self.journal.new_tasks:
            self.journal.tasks.setdefault(str(task.pk), [getattr(task, name) for name in TASK_FACTS])
            if changes.get("stands") is False:
                self.journal.gone_over.append(task.pk)
            if "added_by_id" in changes:
                self.journal.handed_on.setdefault(str(task.pk), task.added_by_id)
        for name, value in changes.items():
            setattr(task, name, value)
        task.save(update_fields=list(changes))
        if str(task.pk) in self.journal.tasks:
            self.journal.left[str(task.pk)] = task.status

    def cancel_tasks(self, tasks: list[FlowTask]) -> None:
        """Nobody needs to do these any longer."""
        for task in tasks:
            self.set_task(task, status=TaskStatus.CANCELLED)
            self.cancelled.append(task.pk)
        self.stop_task_clocks(tasks, DeadlineState.CANCELLED)

    def finish_task(self, task: FlowTask, status: TaskStatus, verdict: str = "") -> None:
        """Close the task of the one who acts."""
        self.set_task(
            task,
            status=status,
            verdict=verdict,
            done_at=self.now,
            done_by_id=self.actor.pk,
            done_for_id=self.standing.on_behalf_of.pk if self.standing.on_behalf_of else None,
        )
        self.stop_task_clocks([task], DeadlineState.MET)

    # clocks

    def stop_task_clocks(self, tasks: list[FlowTask], state: DeadlineState) -> None:
        """End the clocks of tasks; one without a due day has none."""
        timed = [task.pk for task in tasks if task.due_on is not None]
        if timed:
            self.stop_clocks(list(FlowDeadline.objects.filter(task__in=timed, state__in=OPEN_CLOCKS)), state)

    def stop_clocks(self, clocks: list[FlowDeadline], state: DeadlineState) -> None:
        """End clocks, keeping what they were."""
        for clock in clocks:
            self.journal.clocks.setdefault(str(clock.pk), clock.state)
            clock.state = state
            clock.save(update_fields=["state"])

    # words

    def opine(
        self,
        action: OpinionAction,
        *,
        task: FlowTask | None = None,
        node: Node | None = None,
        text: str = "",
        request_key: str = "",
        attachment: str = "",
        by_itself: bool = False,
    ) -> FlowOpinion:
        """Append what was said to the case's chain; `by_itself`: nobody did it, the flow is so."""
        principal = None if by_itself else self.standing.on_behalf_of
        opinion = FlowOpinion(
            instance=self.instance,
            number=self.instance.opinion_count + 1,
            task=task,
            node_id=task.node_id if task else node.id if node else "",
            node_name=task.node_name if task else node.name if node else "",
            pass_no=task.pass_no if task else 0,
            action=action,
            actor_id=None if by_itself else self.actor.pk,
            actor_name="系统" if by_itself else self.actor.display_name,
            on_behalf_of_id=principal.pk if principal else None,
            on_behalf_of_name=principal.display_name if principal else "",
            text=text.strip(),
            attachment=attachment,
            recorded_at=self.now,
            request_key=request_key or None,
            prev_hash=self.instance.opinion_head,
        )
        opinion.hash = sm3_hex(canonical_json(opinion.content()))
        opinion.save(force_insert=True)
        self.instance.opinion_count, self.instance.opinion_head = opinion.number, opinion.hash
        self.wrote.append(opinion)
        return opinion

    # the end

    def end(self, status: InstanceStatus, text: str = "") -> None:
        """End the case: nothing of it stays open. The domain hears of it in the same transaction."""
        live = list(FlowToken.objects.filter(instance=self.instance, state__in=LIVE_TOKENS).order_by("pk"))
        for token in live:
            self.set_token(self.know(token), state=TokenState.CANCELLED)
        self.cancel_tasks(list(self.instance.tasks.filter(status__in=OPEN_TASKS).exclude(kind="copy")))
        clocks = list(self.instance.deadlines.filter(state__in=OPEN_CLOCKS))
        self.stop_clocks(clocks, DeadlineState.CANCELLED)
        self.instance.status, self.instance.ended_at, self.has_ended = status, self.now, True
        self.opine(OpinionAction.END, text=text or InstanceStatus(status).label)
        if self.instance.parent_token_id is None:
            handler = registries.handler_of(self.instance.subject_kind)
            handler.on_ended(self.instance, actor=self.actor, today=self.today)

    def save_instance(self) -> None:
        """Write the case's own row, one revision further."""
        self.instance.rev += 1
        self.instance.save(update_fields=SAVED)

    def find_stage(self) -> None:
        """Read the stage off the tokens, where the case did not just arrive somewhere."""
        waiting = FlowToken.objects.filter(
            instance=self.instance, state__in=(TokenState.ACTIVE, TokenState.WAITING)
        ).values_list("node_id", flat=True)
        stages = [self.process.nodes[node_id].stage for node_id in waiting if node_id in self.process.nodes]
        self.instance.stage = next((stage for stage in stages if stage), self.instance.stage)

    def finish(self, action: str, *, task: FlowTask | None = None, **facts: Any) -> None:
        """Write the case's row, keep the journal with the task, record the act and tell of it."""
        self.save_instance()
        if task is not None:
            touched = [*map(int, self.journal.tokens), *self.journal.new_tokens]
            after = {str(pk): [getattr(self.token(pk), name) for name in TOKEN_FACTS] for pk in touched}
            self._note_outcomes()
            task.journal = self.journal.as_json(after)
            task.save(update_fields=["journal"])
        told = {"instance": self.instance.pk, "task": task.pk if task else None, **facts}
        record(action, actor=self.actor, subject=self.instance, facts=told, wrote=self.wrote)
        self._tell(action, task)

    def _note_outcomes(self) -> None:
        """What the outcomes of steps were before this act, where it changed them."""
        now = {name: value for name, value in self.instance.facts.items() if name.endswith("_outcome")}
        for name in {*now, *self._outcomes}:
            if name != "recused" and now.get(name) != self._outcomes.get(name):
                self.journal.outcomes[name] = self._outcomes.get(name)

    def _tell(self, action: str, task: FlowTask | None) -> None:
        payload = {
            "instance": self.instance.pk,
            "title": self.instance.title,
            "subject_kind": self.instance.subject_kind,
            "subject_id": self.instance.subject_id,
            "action": action,
            "task": task.pk if task else None,
            "actor": self.actor.pk,
            "actor_name": self.actor.display_name,
            "created": self.journal.new_tasks,
            "cancelled": self.cancelled,
            "ended": self.instance.status if self.has_ended else "",
        }
        outbox.put("workflow.moved", key=self.instance.pk, payload=payload)
