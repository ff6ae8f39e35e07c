"""整改: the order, the unit's report, extension, verification, 销号, and taking a 销号 back."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox, working_days
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.organizations.scopes import require_organization
from bianzhi.supervision.models import (
    OrderState,
    Problem,
    ProblemState,
    RectificationOrder,
    RectificationStep,
    StepKind,
)
from bianzhi.supervision.parameters import LONGEST_DAYS, NOTICE_DAYS, USUAL_DAYS
from bianzhi.supervision.rules import rectifying as rules

MANAGE = "supervision.manage"
ANSWER = "supervision.answer"


@dataclass(frozen=True, slots=True)
class IssuedOrder:
    """The order, and what was remarked and let through."""

    order: RectificationOrder
    remarks: tuple[Objection, ...] = ()


@dataclass(slots=True)
class _Act:
    """One act upon one order: the step it writes, and the states it leaves."""

    actor: Actor
    today: date
    order: RectificationOrder
    wrote: list[Any] = field(default_factory=list)

    def step(self, kind: StepKind, text: str, **facts: Any) -> RectificationStep:
        """Write the step, signed and dated."""
        step = RectificationStep(
            order=self.order,
            kind=kind,
            text=text.strip(),
            happened_on=self.today,
            by_id=self.actor.pk,
            by_name=self.actor.display_name,
            **facts,
        )
        refuse_if(objections_to_lengths(step))
        step.save()
        self.wrote.append(step)
        return step

    def leave(self, state: OrderState, problem_state: ProblemState | None = None, due_on: date | None = None) -> None:
        """Bring the order and its problems into their new states."""
        self.order.state = state
        if due_on is not None:
            self.order.due_on = due_on
        self.order.save(update_fields=["state", "due_on"])
        self.wrote.append(self.order)
        for problem in self.order.problems.select_for_update() if problem_state else ():
            problem.state = problem_state or problem.state
            problem.closed_on = self.today if problem_state == ProblemState.CLOSED else None
            problem.save(update_fields=["state", "closed_on"])
            self.wrote.append(problem)

    def finish(self, action: str, **facts: Any) -> None:
        """Record the act and tell the rest of the system."""
        record(
            action, actor=self.actor, subject=self.order, facts={"order": self.order.number, **facts}, wrote=self.wrote
        )
        payload = {"order": self.order.pk, "organization": self.order.organization_id, "number": self.order.number}
        outbox.put(action, key=self.order.number, payload=payload)


@unit_of_work
def issue_order(
    *,
    actor: Actor,
    today: date,
    problem_ids: Collection[int],
    measures: str,
    due_on: date | None = None,
    instance_id: int | None = None,
) -> IssuedOrder:
    """Issue《整改通知书》for problems of one unit; without `due_on` the unit has the usual days.

    Raises Refused (P13 problems of several units or not waiting, more than the longest time; D2, D3). A late order is
    remarked. Denied without supervision.manage.
    """
    problems = list(Problem.objects.filter(pk__in=list(problem_ids)).order_by("pk").select_for_update())
    require_organization(actor, MANAGE, *{problem.organization_id for problem in problems})
    calendar = working_days.load(today)
    due = due_on or rules.usual_due_day(today, USUAL_DAYS.number, calendar)
    found = [
        *rules.objections_to_order(
            [_found(problem) for problem in problems], today=today, notice_days=NOTICE_DAYS.number, calendar=calendar
        ),
        *rules.wanted(整改要求=measures),
        *rules.objections_to_due_day(due, today, today=today, longest_days=LONGEST_DAYS.number),
    ]
    remarks = refuse_if(found)
    order = RectificationOrder(
        number=f"整改〔{today.year}〕{next_numbers(f'rectification-{today.year}')[0]:04d}号",
        organization_id=problems[0].organization_id,
        measures=measures.strip(),
        issued_on=today,
        first_due_on=due,
        due_on=due,
        instance_id=instance_id,
    )
    refuse_if(objections_to_lengths(order))
    order.save()
    act = _Act(actor, today, order)
    for problem in problems:
        problem.order = order
        problem.save(update_fields=["order"])
    act.step(StepKind.ISSUED, measures, due_on=due)
    act.leave(OrderState.ISSUED, ProblemState.RECTIFYING)
    numbers = [problem.number for problem in problems]
    act.finish("supervision.order_issued", problems=numbers, due_on=due, remarks=[str(each) for each in remarks])
    return IssuedOrder(order, tuple(remarks))


@unit_of_work
def report_rectification(*, actor: Actor, today: date, order_id: int, text: str) -> RectificationOrder:
    """The unit says what it has done; the office verifies. Only units within the actor's scope.

    Raises Refused (P13 not waiting for a report, D2 nothing written). Denied without supervision.answer.
    """
    act = _begin(actor, today, order_id, "report", ANSWER, 整改情况=text)
    act.step(StepKind.REPORTED, text)
    act.leave(OrderState.REPORTED)
    act.finish("supervision.rectification_reported")
    return act.order


@unit_of_work
def extend_order(*, actor: Actor, today: date, order_id: int, due_on: date, reason: str) -> RectificationOrder:
    """Give the unit more time, within the longest time from the order on, or from the day its 销号 was taken back.

    Raises Refused (P13 not with the unit or too long, D2 no reason, D3 no later day). Denied without
    supervision.manage.
    """
    act = _begin(actor, today, order_id, "extend", MANAGE, 延期原因=reason)
    refuse_if(
        [
            *rules.objections_to_extension(due_on, act.order.due_on),
            *rules.objections_to_due_day(due_on, _begun_on(act.order), today=today, longest_days=LONGEST_DAYS.number),
        ]
    )
    act.step(StepKind.EXTENDED, reason, due_on=due_on)
    act.leave(OrderState.ISSUED, due_on=due_on)
    act.finish("supervision.order_extended", due_on=due_on)
    return act.order


@unit_of_work
def verify_order(*, actor: Actor, today: date, order_id: int, passed: bool, text: str) -> RectificationOrder:
    """Say whether the rectification holds; if not it goes back to the unit with its day as it is.

    Raises Refused (P13 nothing reported, D2 nothing written). Denied without supervision.manage.
    """
    act = _begin(actor, today, order_id, "verify", MANAGE, 核查情况=text)
    if passed:
        act.step(StepKind.ACCEPTED, text)
        act.leave(OrderState.VERIFIED, ProblemState.VERIFIED)
    else:
        act.step(StepKind.REFUSED, text)
        act.leave(OrderState.ISSUED)
    act.finish("supervision.rectification_verified", passed=passed)
    return act.order


@unit_of_work
def close_order(*, actor: Actor, today: date, order_id: int, text: str) -> RectificationOrder:
    """销号: the problems are settled and lock the unit no longer; gives the numbered《销号单》.

    Raises Refused (P13 not verified, D2 nothing written). Denied without supervision.manage.
    """
    act = _begin(actor, today, order_id, "close", MANAGE, 销号意见=text)
    number = f"销号〔{today.year}〕{next_numbers(f'closing-{today.year}')[0]:04d}号"
    act.step(StepKind.CLOSED, text, number=number)
    act.leave(OrderState.CLOSED, ProblemState.CLOSED)
    act.finish("supervision.order_closed", number=number)
    return act.order


@unit_of_work
def reopen_order(
    *, actor: Actor, today: date, order_id: int, reason: str, due_on: date | None = None
) -> RectificationOrder:
    """Take a 销号 back by a reversing step: the problems are to be rectified again, and lock again (R26).

    Raises Refused (P13 not 销号, D2 no reason, D3 the new day is past). Denied without supervision.manage.
    """
    act = _begin(actor, today, order_id, "reopen", MANAGE, 撤销原因=reason)
    due = due_on or rules.usual_due_day(today, USUAL_DAYS.number, working_days.load(today))
    refuse_if(rules.objections_to_due_day(due, today, today=today, longest_days=LONGEST_DAYS.number))
    closing = act.order.steps.filter(kind=StepKind.CLOSED, reversed_by__isnull=True).get()
    act.step(StepKind.REOPENED, reason, due_on=due, reverses=closing)
    act.leave(OrderState.ISSUED, ProblemState.RECTIFYING, due_on=due)
    act.finish("supervision.order_reopened", reverses=closing.number, due_on=due)
    return act.order


def _begin(actor: Actor, today: date, order_id: int, act: str, permission: str, **texts: str) -> _Act:
    order = RectificationOrder.objects.select_for_update().get(pk=order_id)
    require_organization(actor, permission, order.organization_id)
    refuse_if([*rules.objections_to_act(act, order.state, order.number), *rules.wanted(**texts)])
    return _Act(actor, today, order)


def _begun_on(order: RectificationOrder) -> date:
    """The day the rectification that is under way began: the order's, or that of the last reversal of its 销号."""
    reopened = order.steps.filter(kind=StepKind.REOPENED).order_by("-pk").first()
    return order.issued_on if reopened is None else reopened.happened_on


def _found(problem: Problem) -> rules.Found:
    return rules.Found(
        problem.number, problem.organization_id, problem.state, problem.get_state_display(), problem.found_on
    )
