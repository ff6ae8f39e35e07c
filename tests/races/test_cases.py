"""Many people on the same cases at once: 同意、退回、加签、撤回 in whatever order the database lets them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

import pytest
from django.db.models import Count, Q

from bianzhi.accounts.models import User
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.workflow.models import CommandExecution, FlowInstance, FlowTask, FlowToken, TaskStatus
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.returning import return_task
from bianzhi.workflow.services.signers import add_signer
from bianzhi.workflow.services.withdrawing import withdraw
from tests.accounts.people import account
from tests.races.conftest import race
from tests.workflow.engine import flows
from tests.workflow.engine.flows import TODAY, parallel, service, step

pytestmark = [pytest.mark.race, pytest.mark.timeout(900)]

SIGNERS = ("sam", "tom", "una", "vic", "wes", "xia")
PROOFS = ("workflow.opinions", "workflow.cases", "workflow.steps", "audit.chain")
CASES = {"small": (4, 60, 8), "full": (20, 1200, 24)}
"""Cases, attempts and writers."""


@pytest.fixture(params=["small", pytest.param("full", marks=pytest.mark.slow)])
def amount(request: pytest.FixtureRequest) -> tuple[int, int, int]:
    return CASES[request.param]


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    flows.register_domain()
    flows.reset_domain()
    found = {name: account(name, "office_deputy") for name in SIGNERS}
    return found | {"clerk": account("clerk", "office_clerk"), "chief": account("chief", "office_director")}


def publish() -> None:
    flows.publish_flow(
        "race",
        step("apply", submit=True),
        step("sign", users=SIGNERS, mode="all"),
        parallel(
            "both",
            [step("left", role="office_deputy"), service("left_effect", "tests.undoable")],
            [step("right", role="office_deputy")],
        ),
        step("ratify", role="office_director"),
        service("effect", "tests.final"),
    )


def begin(people: dict[str, User], count: int) -> list[FlowInstance]:
    publish()
    cases = [flows.begin_case(people["clerk"], "race", subject_id=number + 1) for number in range(count)]
    for case in cases:
        submit(people["clerk"], case)
    return cases


def submit(clerk: User, case: FlowInstance) -> None:
    task = case.tasks.get(node_id="apply", status=TaskStatus.TODO)
    decide(actor=clerk, task_id=task.pk, verdict="submit", text="", today=TODAY)


def signed(people: dict[str, User], case: FlowInstance) -> None:
    for name in SIGNERS:
        task = case.tasks.get(node_id="sign", status=TaskStatus.TODO, assignee=people[name])
        decide(actor=people[name], task_id=task.pk, verdict="agree", text="", today=TODAY)


def proofs() -> list[str]:
    return [str(finding) for finding in findings(PROOFS)]


def test_two_who_decide_one_task_at_once_decide_it_once(people):
    publish_pool = flows.publish_flow("pool", step("apply", submit=True), step("review", role="office_deputy"))
    assert publish_pool.number == 1
    cases = [flows.begin_case(people["clerk"], "pool", subject_id=number) for number in range(1, 6)]
    attempts: list[Callable[[], object]] = []
    for case in cases:
        submit(people["clerk"], case)
        task = case.tasks.get(node_id="review")
        for name in SIGNERS:
            call = partial(decide, actor=people[name], task_id=task.pk, verdict="agree", text="", today=TODAY)
            attempts.append(call)
    outcomes = race(attempts, 6)
    assert outcomes == {"granted": 5, "L2": 25}
    assert proofs() == []


def test_the_last_signers_at_once_let_the_case_go_on_once(people):
    cases = begin(people, 3)
    attempts: list[Callable[[], object]] = []
    for case in cases:
        for name in SIGNERS:
            task = case.tasks.get(node_id="sign", status=TaskStatus.TODO, assignee=people[name])
            call = partial(decide, actor=people[name], task_id=task.pk, verdict="agree", text="", today=TODAY)
            attempts.append(call)
    outcomes = race(attempts, 6)
    assert outcomes == {"granted": 18}
    for case in cases:
        assert case.tasks.filter(node_id="left").count() == case.tasks.filter(node_id="right").count() == 1
    assert proofs() == []


def test_one_form_sent_by_many_threads_is_one_opinion(people):
    [case] = begin(people, 1)
    task = case.tasks.get(node_id="sign", assignee=people["sam"])
    once = partial(
        decide, actor=people["sam"], task_id=task.pk, verdict="agree", text="", today=TODAY, request_key="form-1"
    )
    assert race([once] * 8, 8) == {"granted": 8}
    assert task.opinions.count() == 1


def random_act(people: dict[str, User], case: FlowInstance, rng: Random) -> None:
    """Somebody does something to a case as they find it; refusals are what the others' haste costs."""
    rows = FlowTask.objects.filter(instance=case, status=TaskStatus.TODO).select_related("assignee")
    tasks = list(rows.exclude(kind="copy"))
    if not tasks:
        raise Refused([])
    task = rng.choice(tasks)
    actor = task.assignee or people["chief" if task.node_id == "ratify" else rng.choice(SIGNERS)]
    drawn = rng.random()
    if task.node_id == "apply":
        decide(actor=people["clerk"], task_id=task.pk, verdict="submit", text="", today=TODAY)
    elif drawn < 0.7:
        decide(actor=actor, task_id=task.pk, verdict="agree", text="", today=TODAY)
    elif drawn < 0.8:
        to_node = rng.choice(["apply", "sign"])
        way = rng.choice(["step", "direct"])
        return_task(actor=actor, task_id=task.pk, to_node=to_node, way=way, text="补正", today=TODAY)
    elif drawn < 0.9:
        other, place = people[rng.choice(SIGNERS)], rng.choice(["before", "after", "beside"])
        add_signer(actor=actor, task_id=task.pk, user_id=other.pk, position=place, text="", today=TODAY)
    else:
        done = FlowTask.objects.filter(instance=case, status=TaskStatus.DONE).order_by("-done_at").first()
        if done is not None and done.done_by_id is not None:
            withdraw(actor=User.objects.get(pk=done.done_by_id), task_id=done.pk, text="", today=TODAY)


def drive_to_the_end(people: dict[str, User], case: FlowInstance) -> None:
    for _ in range(200):
        case.refresh_from_db()
        if not case.is_live:
            return
        rows = case.tasks.filter(status=TaskStatus.TODO).exclude(kind="copy").select_related("assignee")
        task = rows.order_by("pk")[0]
        if task.node_id == "apply":
            submit(people["clerk"], case)
            continue
        actor = task.assignee or people["chief" if task.node_id == "ratify" else "sam"]
        decide(actor=actor, task_id=task.pk, verdict="agree", text="", today=TODAY)
    raise AssertionError(f"case {case.pk} never ends")


def test_whatever_many_do_at_once_no_case_dies_and_no_command_runs_twice(people, amount):
    count, tries, writers = amount
    cases = begin(people, count)
    attempts = [partial(random_act, people, cases[number % count], Random(number)) for number in range(tries)]
    race(attempts, writers)
    assert proofs() == []
    for case in cases:
        drive_to_the_end(people, case)
    assert proofs() == []
    finished = FlowInstance.objects.filter(status="completed")
    assert finished.count() == count
    assert CommandExecution.objects.filter(command="tests.final").count() == count
    standing = CommandExecution.objects.filter(command="tests.undoable", compensated_at__isnull=True)
    assert standing.count() == count
    twice = FlowToken.objects.values("parent", "node_id").annotate(n=Count("pk", filter=Q(state="active")))
    assert not twice.filter(n__gt=1).exists()
