"""撤回: exactly undone, while nobody has seen it; and the applicant's own case taken back."""

from __future__ import annotations

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.workflow.models import FlowTask
from bianzhi.workflow.selectors.integrity import cases_alive, opinions_chained, steps_manned
from bianzhi.workflow.services.interventions import resume, skip, suspend
from bianzhi.workflow.services.opening import open_task
from bianzhi.workflow.services.signers import add_signer
from bianzhi.workflow.services.withdrawing import withdraw, withdraw_case
from tests.workflow.engine.flows import TODAY, begin_case, parallel, publish_flow, service, step
from tests.workflow.engine.hands import agree, disagree, names, status, submit, task_of, tasks_at, where

pytestmark = pytest.mark.django_db
STEP_AFTER = step("after", role="office_director")


def sound():
    return [*opinions_chained(), *cases_alive(), *steps_manned()]


def last_of(user):
    return FlowTask.objects.filter(done_by_id=user.pk).exclude(status="withdrawn").order_by("-done_at")[0]


def take_back(user):
    return withdraw(actor=user, task_id=last_of(user).pk, text="填错了", today=TODAY)


@pytest.fixture
def case(staff):
    publish_flow(
        "split",
        step("apply", submit=True),
        step("review", role="office_deputy"),
        parallel("both", [step("left", role="office_deputy")], [step("right", role="liaison_hr")]),
        service("effect", "tests.undoable"),
        step("check", role="office_director"),
    )
    case = begin_case(staff["clerk"], "split")
    submit(staff["clerk"], case)
    return case


def test_an_opinion_is_taken_back_with_all_it_brought_about(case, staff):
    agree(staff["ann"], case, "review")
    assert where(case) == ["left", "right"]
    take_back(staff["ann"])
    assert where(case) == ["review"]
    assert task_of(staff["ann"], case, "review").assignee == staff["ann"]
    assert sound() == []
    agree(staff["ann"], case, "review")
    assert where(case) == ["left", "right"]


def test_nothing_of_a_suspended_case_is_taken_back(case, staff):
    agree(staff["ann"], case, "review")
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=TODAY)
    with pytest.raises(Refused) as refused:
        take_back(staff["ann"])
    assert refused.value.codes == ["L2"]
    assert where(case) == ["left", "right"]
    resume(actor=staff["director"], instance_id=case.pk, text="已答复", today=TODAY)
    take_back(staff["ann"])
    assert where(case) == ["review"]


def test_a_step_skipped_by_the_director_is_taken_back_by_the_director(case, staff):
    skip(actor=staff["director"], task_id=task_of(staff["ann"], case, "review").pk, text="已会前沟通", today=TODAY)
    take_back(staff["director"])
    assert where(case) == ["review"]


def test_once_somebody_has_opened_what_followed_it_stands(case, staff):
    agree(staff["ann"], case, "review")
    open_task(actor=staff["hrman"], task_id=task_of(staff["hrman"], case, "right").pk, today=TODAY)
    with pytest.raises(Refused) as refused:
        take_back(staff["ann"])
    assert refused.value.codes == ["L2"]
    assert where(case) == ["left", "right"]


def test_a_look_by_somebody_else_opens_nothing(case, staff):
    agree(staff["ann"], case, "review")
    open_task(actor=staff["outsider"], task_id=task_of(staff["hrman"], case, "right").pk, today=TODAY)
    take_back(staff["ann"])


def test_whoever_signed_earlier_cannot_take_it_back_once_the_last_signer_has_let_the_case_go_on(staff):
    publish_flow("both", step("apply", submit=True), step("sign", users=("ann", "bob"), mode="all"), STEP_AFTER)
    case = begin_case(staff["clerk"], "both")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "sign")
    agree(staff["bob"], case, "sign")
    with pytest.raises(Refused) as refused:
        take_back(staff["ann"])
    assert refused.value.codes == ["L2"]
    assert where(case) == ["after"]
    take_back(staff["bob"])
    take_back(staff["ann"])
    assert names(tasks_at(case, "sign")) == ["ann", "bob"]
    assert sound() == []


def test_one_asked_after_has_acted_even_when_they_took_it_back(staff):
    publish_flow("advised", step("apply", submit=True), step("sign", users=("ann", "bob"), mode="all"))
    case = begin_case(staff["clerk"], "advised")
    submit(staff["clerk"], case)
    task = task_of(staff["ann"], case, "sign")
    add_signer(
        actor=staff["ann"], task_id=task.pk, user_id=staff["director"].pk, position="after", text="", today=TODAY
    )
    agree(staff["ann"], case, "sign")
    agree(staff["director"], case, "sign")
    take_back(staff["director"])
    with pytest.raises(Refused) as refused:
        take_back(staff["ann"])
    assert refused.value.codes == ["L2"]
    assert sorted(names(tasks_at(case, "sign"))) == ["bob", "director"]


def test_once_somebody_has_decided_what_followed_it_stands(case, staff):
    agree(staff["ann"], case, "review")
    agree(staff["hrman"], case, "right")
    with pytest.raises(Refused):
        take_back(staff["ann"])


def test_only_one_s_own_opinion(case, staff):
    agree(staff["ann"], case, "review")
    with pytest.raises(Refused) as refused:
        withdraw(actor=staff["bob"], task_id=last_of(staff["ann"]).pk, text="", today=TODAY)
    assert refused.value.codes == ["L1"]


def test_the_last_branch_taken_back_splits_the_case_again_and_undoes_its_command(case, staff, undoable):
    agree(staff["ann"], case, "review")
    agree(staff["bob"], case, "left")
    agree(staff["hrman"], case, "right")
    assert (where(case), undoable.standing) == (["check"], 1)
    take_back(staff["hrman"])
    assert (where(case), undoable.standing) == (["right"], 0)
    assert sound() == []
    agree(staff["hrman"], case, "right")
    assert (where(case), undoable.standing) == (["check"], 1)


def test_the_first_branch_is_taken_back_while_the_other_goes_on(case, staff):
    agree(staff["ann"], case, "review")
    agree(staff["bob"], case, "left")
    take_back(staff["bob"])
    assert where(case) == ["left", "right"]
    assert sound() == []


def test_a_refusal_that_ended_the_case_stands(case, staff):
    disagree(staff["ann"], case, "review")
    with pytest.raises(Refused):
        take_back(staff["ann"])


def test_one_vote_of_a_countersign_is_taken_back(staff):
    publish_flow("votes", step("apply", submit=True), step("sign", users=("ann", "bob", "cid"), mode="any"))
    case = begin_case(staff["clerk"], "votes")
    submit(staff["clerk"], case)
    disagree(staff["ann"], case, "sign")
    take_back(staff["ann"])
    agree(staff["ann"], case, "sign")
    assert status(case) == "completed"


def test_a_decided_countersign_is_taken_back_and_the_others_are_asked_again(staff):
    publish_flow(
        "votes2",
        step("apply", submit=True),
        step("sign", users=("ann", "bob"), mode="any"),
        step("after", role="office_director"),
    )
    case = begin_case(staff["clerk"], "votes2")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "sign")
    take_back(staff["ann"])
    assert sorted(names(case.tasks.filter(status="todo"))) == ["ann", "bob"]
    assert sound() == []


def test_the_applicant_takes_the_whole_case_back(case, staff, domain, undoable):
    agree(staff["ann"], case, "review")
    agree(staff["bob"], case, "left")
    agree(staff["hrman"], case, "right")
    with pytest.raises(Refused):
        withdraw_case(actor=staff["head"], instance_id=case.pk, text="不办了", today=TODAY)
    withdraw_case(actor=staff["clerk"], instance_id=case.pk, text="不办了", today=TODAY)
    assert (status(case), where(case), undoable.standing) == ("withdrawn", [], 0)
    assert domain.ended == [(1, "withdrawn")]
    assert sound() == []


def test_a_case_whose_effect_cannot_be_undone_is_not_taken_back(staff, final):
    publish_flow("final", step("apply", submit=True), service("effect"), step("check", role="office_director"))
    case = begin_case(staff["clerk"], "final")
    submit(staff["clerk"], case)
    with pytest.raises(Refused) as refused:
        withdraw_case(actor=staff["clerk"], instance_id=case.pk, text="不办了", today=TODAY)
    assert refused.value.codes == ["L7"]
    assert (status(case), final.standing) == ("running", 1)
