"""退回: to any step before, from inside 会签 and branches, rerun or straight back; what is undone and what stays."""

from __future__ import annotations

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.workflow.models import FlowOpinion, FlowTask
from bianzhi.workflow.selectors.integrity import cases_alive, opinions_chained, steps_manned
from bianzhi.workflow.selectors.returns import targets
from bianzhi.workflow.services.signers import add_signer
from tests.workflow.engine.flows import TODAY, begin_case, parallel, publish_flow, service, step
from tests.workflow.engine.hands import agree, names, send_back, status, submit, task_of, tasks_at, where

pytestmark = pytest.mark.django_db
THREE = ("ann", "bob", "cid")


def sound():
    return [*opinions_chained(), *cases_alive(), *steps_manned()]


@pytest.fixture
def signing(staff):
    publish_flow(
        "signing",
        step("apply", submit=True),
        step("head", role="unit_head", relation="own"),
        step("sign", users=THREE, mode="all"),
        step("ratify", role="office_director"),
    )
    case = begin_case(staff["clerk"], "signing")
    submit(staff["clerk"], case)
    agree(staff["head"], case, "head")
    return case


def test_a_case_returned_runs_every_step_again(signing, staff):
    agree(staff["ann"], signing, "sign")
    send_back(staff["bob"], signing, "sign", "apply")
    assert where(signing) == ["apply"]
    assert sound() == []
    submit(staff["clerk"], signing)
    assert where(signing) == ["head"]
    agree(staff["head"], signing, "head")
    assert len(tasks_at(signing, "sign")) == 3
    assert sound() == []


def test_opinions_stay_whatever_is_returned(signing, staff):
    agree(staff["ann"], signing, "sign", "我同意")
    send_back(staff["bob"], signing, "sign", "head")
    assert FlowOpinion.objects.filter(instance=signing, text="我同意").exists()
    assert not FlowTask.objects.get(opinions__text="我同意").stands


def test_straight_back_asks_only_the_returner_again_and_keeps_the_others(signing, staff):
    agree(staff["ann"], signing, "sign")
    send_back(staff["bob"], signing, "sign", "apply", way="direct")
    assert where(signing) == ["apply"]
    assert names(tasks_at(signing, "sign", status="paused")) == ["cid"]
    submit(staff["clerk"], signing)
    assert sorted(names(tasks_at(signing, "sign"))) == ["bob", "cid"]
    agree(staff["bob"], signing, "sign")
    agree(staff["cid"], signing, "sign")
    assert where(signing) == ["ratify"]
    assert sound() == []


def test_returned_work_goes_to_whoever_did_it(staff):
    publish_flow(
        "again", step("apply", submit=True), step("review", role="office_deputy"), step("end2", role="office_director")
    )
    case = begin_case(staff["clerk"], "again")
    submit(staff["clerk"], case)
    agree(staff["bob"], case, "review")
    send_back(staff["director"], case, "end2", "review")
    assert task_of(staff["bob"], case, "review").assignee == staff["bob"]


def test_steps_a_return_went_back_over_are_no_targets(signing, staff):
    for name in THREE:
        agree(staff[name], signing, "sign")
    send_back(staff["director"], signing, "ratify", "head")
    found = [target.node_id for target in targets(task_of(staff["head"], signing, "head"))]
    assert found == ["apply"]


def test_a_return_needs_a_reason_and_a_step_that_was_done(signing, staff):
    with pytest.raises(Refused) as refused:
        send_back(staff["ann"], signing, "sign", "head", text="  ")
    assert refused.value.codes == ["L4"]
    with pytest.raises(Refused) as refused:
        send_back(staff["ann"], signing, "sign", "ratify")
    assert refused.value.codes == ["L8"]
    assert where(signing) == ["sign"]


def test_a_step_may_allow_only_the_one_before_or_the_applicant(staff):
    publish_flow(
        "limits",
        step("apply", submit=True),
        step("first", role="office_deputy"),
        step("second", role="office_deputy", to="previous"),
        step("third", role="office_director", to="initiator"),
    )
    case = begin_case(staff["clerk"], "limits")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "first")
    assert [each.node_id for each in targets(task_of(staff["bob"], case, "second"))] == ["first"]
    agree(staff["bob"], case, "second")
    assert [each.node_id for each in targets(task_of(staff["director"], case, "third"))] == ["apply"]


@pytest.fixture
def branching(staff):
    publish_flow(
        "branching",
        step("apply", submit=True),
        step("accept", role="office_deputy"),
        parallel(
            "both",
            [step("left1", role="office_deputy"), step("left2", role="office_deputy")],
            [step("right1", role="liaison_hr"), step("right2", role="liaison_hr")],
        ),
        step("ratify", role="office_director"),
    )
    case = begin_case(staff["clerk"], "branching")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "accept")
    return case


def test_branches_run_beside_each_other_and_meet(branching, staff):
    assert where(branching) == ["left1", "right1"]
    agree(staff["bob"], branching, "left1")
    agree(staff["bob"], branching, "left2")
    assert where(branching) == ["right1"]
    agree(staff["hrman"], branching, "right1")
    agree(staff["hrman"], branching, "right2")
    assert where(branching) == ["ratify"]
    assert sound() == []


def test_a_return_within_a_branch_leaves_the_other_alone(branching, staff):
    agree(staff["bob"], branching, "left1")
    agree(staff["hrman"], branching, "right1")
    send_back(staff["cid"], branching, "left2", "left1")
    assert where(branching) == ["left1", "right2"]
    assert sound() == []


def test_a_return_to_before_the_split_cancels_every_branch(branching, staff):
    agree(staff["bob"], branching, "left1")
    agree(staff["hrman"], branching, "right1")
    send_back(staff["hrman"], branching, "right2", "accept")
    assert where(branching) == ["accept"]
    assert sound() == []
    agree(staff["ann"], branching, "accept")
    assert where(branching) == ["left1", "right1"]


def test_a_branch_cannot_be_returned_into_the_other(branching, staff):
    agree(staff["hrman"], branching, "right1")
    agree(staff["bob"], branching, "left1")
    with pytest.raises(Refused):
        send_back(staff["bob"], branching, "left2", "right1")
    found = {target.node_id: target.ways for target in targets(task_of(staff["bob"], branching, "left2"))}
    assert set(found) == {"left1", "accept", "apply"}
    assert [way.value for way in found["accept"]] == ["step"]
    assert len(found["left1"]) == 2


def test_after_the_branches_met_a_return_goes_to_before_the_split(branching, staff):
    for who, node in (("bob", "left1"), ("bob", "left2"), ("hrman", "right1"), ("hrman", "right2")):
        agree(staff[who], branching, node)
    assert {target.node_id for target in targets(task_of(staff["director"], branching, "ratify"))} == {
        "accept",
        "apply",
    }
    send_back(staff["director"], branching, "ratify", "accept")
    assert where(branching) == ["accept"]
    assert sound() == []


def carried_out(staff, command):
    publish_flow(
        command.replace(".", "-"),
        step("apply", submit=True),
        step("review", role="office_deputy"),
        service("effect", command),
        step("check", role="office_director"),
    )
    case = begin_case(staff["clerk"], command.replace(".", "-"))
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "review")
    return case


def test_a_command_that_cannot_be_undone_is_never_returned_over(staff, final):
    case = carried_out(staff, "tests.final")
    with pytest.raises(Refused) as refused:
        send_back(staff["director"], case, "check", "review")
    assert refused.value.codes == ["L7"]
    assert (where(case), final.standing) == (["check"], 1)


def test_a_command_is_undone_and_carried_out_anew(staff, undoable):
    case = carried_out(staff, "tests.undoable")
    send_back(staff["director"], case, "check", "review")
    assert (where(case), undoable.standing) == (["review"], 0)
    agree(staff["ann"], case, "review")
    assert (where(case), undoable.standing) == (["check"], 1)
    assert [each[2] for each in undoable.applied] == [1, 2]
    agree(staff["director"], case, "check")
    assert status(case) == "completed"
    assert sound() == []


def test_straight_back_is_closed_where_something_took_effect_since(staff, undoable):
    case = carried_out(staff, "tests.undoable")
    with pytest.raises(Refused) as refused:
        send_back(staff["director"], case, "check", "review", way="direct")
    assert refused.value.codes == ["L8"]


def test_returns_one_after_the_other_step_back_one_by_one(signing, staff):
    send_back(staff["ann"], signing, "sign", "head")
    send_back(staff["head"], signing, "head", "apply")
    assert where(signing) == ["apply"]
    submit(staff["clerk"], signing)
    agree(staff["head"], signing, "head")
    assert where(signing) == ["sign"]
    assert sound() == []


def test_a_return_while_one_is_pending_straight_back_forgets_that(signing, staff):
    agree(staff["ann"], signing, "sign")
    send_back(staff["bob"], signing, "sign", "head", way="direct")
    send_back(staff["head"], signing, "head", "apply")
    submit(staff["clerk"], signing)
    assert where(signing) == ["head"]
    agree(staff["head"], signing, "head")
    assert len(tasks_at(signing, "sign")) == 3
    assert sound() == []


def test_a_step_decided_by_an_added_signer_alone_can_be_returned_to(staff):
    publish_flow(
        "added",
        step("apply", submit=True),
        step("sign", users=THREE, mode="any"),
        step("ratify", role="office_director"),
    )
    case = begin_case(staff["clerk"], "added")
    submit(staff["clerk"], case)
    task = task_of(staff["ann"], case, "sign")
    add_signer(actor=staff["ann"], task_id=task.pk, user_id=staff["head"].pk, position="beside", text="", today=TODAY)
    agree(staff["head"], case, "sign")
    send_back(staff["director"], case, "ratify", "sign")
    assert len(tasks_at(case, "sign")) == 3
    assert sound() == []
