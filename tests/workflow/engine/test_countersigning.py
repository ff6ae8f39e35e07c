"""会签: all, any, a share; at once or in turn; what a refusal does; signers added and removed."""

from __future__ import annotations

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.interventions import skip, suspend
from bianzhi.workflow.services.signers import add_signer, remove_signer
from tests.workflow.engine.flows import TODAY, begin_case, exclusive, publish_flow, step
from tests.workflow.engine.hands import agree, disagree, names, send_back, status, submit, task_of, tasks_at, where

pytestmark = pytest.mark.django_db
THREE = ("ann", "bob", "cid")


def countersigned(staff, **facts):
    """A case that has arrived at a 会签 of three, with a step of the director behind it."""
    key = f"sign{len(facts)}{facts.get('mode')}{facts.get('reject')}{facts.get('sequential')}"
    facts.setdefault("users", THREE)
    publish_flow(key, step("apply", submit=True), step("sign", **facts), step("after", role="office_director"))
    case = begin_case(staff["clerk"], key)
    submit(staff["clerk"], case)
    return case


def test_all_must_agree(staff):
    case = countersigned(staff, mode="all")
    agree(staff["cid"], case, "sign")
    agree(staff["ann"], case, "sign")
    assert where(case) == ["sign"]
    agree(staff["bob"], case, "sign")
    assert where(case) == ["after"]


def test_one_refusal_stops_where_all_must_agree(staff):
    case = countersigned(staff, mode="all", reject="stop")
    agree(staff["ann"], case, "sign")
    disagree(staff["bob"], case, "sign")
    assert status(case) == "rejected"
    assert where(case) == []


def test_one_agreement_is_enough_in_any(staff):
    case = countersigned(staff, mode="any")
    disagree(staff["ann"], case, "sign")
    assert where(case) == ["sign"]
    agree(staff["bob"], case, "sign")
    assert where(case) == ["after"]
    assert names(tasks_at(case, "sign", status="cancelled")) == ["cid"]


def test_a_share_decides_as_soon_as_it_is_certain(staff):
    case = countersigned(staff, mode="ratio", ratio=60)
    agree(staff["ann"], case, "sign")
    assert where(case) == ["sign"]
    agree(staff["bob"], case, "sign")
    assert where(case) == ["after"]


def test_a_share_that_cannot_be_reached_refuses(staff):
    case = countersigned(staff, mode="ratio", ratio=60)
    disagree(staff["ann"], case, "sign")
    disagree(staff["bob"], case, "sign")
    assert status(case) == "rejected"


def test_in_turn_the_second_is_asked_after_the_first(staff):
    case = countersigned(staff, mode="all", sequential=True)
    assert names(tasks_at(case, "sign")) == ["ann"]
    queued = tasks_at(case, "sign", status="queued")[0]
    with pytest.raises(Refused):
        decide(actor=staff["bob"], task_id=queued.pk, verdict="agree", text="", today=TODAY)
    agree(staff["ann"], case, "sign")
    assert names(tasks_at(case, "sign")) == ["bob"]
    agree(staff["bob"], case, "sign")
    agree(staff["cid"], case, "sign")
    assert where(case) == ["after"]


def test_a_refusal_may_send_the_case_back_to_the_applicant(staff):
    case = countersigned(staff, mode="all", reject="return")
    agree(staff["ann"], case, "sign")
    disagree(staff["bob"], case, "sign")
    assert (status(case), where(case)) == ("running", ["apply"])
    submit(staff["clerk"], case)
    assert len(tasks_at(case, "sign")) == 3


def test_collected_refusals_are_read_by_the_gateway(staff):
    publish_flow(
        "collect",
        step("apply", submit=True),
        step("sign", users=THREE, mode="all", reject="collect"),
        exclusive(
            "agreed",
            ('sign_outcome == "agree"', [step("go", role="office_director")]),
            ("", [step("talk", role="office_director")]),
        ),
    )
    case = begin_case(staff["clerk"], "collect")
    submit(staff["clerk"], case)
    disagree(staff["ann"], case, "sign")
    assert where(case) == ["sign"]
    agree(staff["bob"], case, "sign")
    agree(staff["cid"], case, "sign")
    assert where(case) == ["talk"]


def test_several_offices_sign_each_by_whoever_is_there(staff):
    publish_flow(
        "offices", step("apply", submit=True), step("sign", roles=("liaison_hr", "liaison_finance"), mode="all")
    )
    case = begin_case(staff["clerk"], "offices")
    submit(staff["clerk"], case)
    by_role = {task.pool_role: task for task in tasks_at(case, "sign")}
    with pytest.raises(Refused):
        decide(actor=staff["hrman"], task_id=by_role["liaison_finance"].pk, verdict="agree", text="", today=TODAY)
    decide(actor=staff["hrman"], task_id=by_role["liaison_hr"].pk, verdict="agree", text="", today=TODAY)
    decide(actor=staff["finance"], task_id=by_role["liaison_finance"].pk, verdict="agree", text="", today=TODAY)
    assert status(case) == "completed"


def add(staff, case, who, whom, position, node_id="sign"):
    task = task_of(staff[who], case, node_id)
    return add_signer(
        actor=staff[who], task_id=task.pk, user_id=staff[whom].pk, position=position, text="请把关", today=TODAY
    )


def test_one_asked_before_decides_first_and_then_the_signer(staff):
    case = countersigned(staff, mode="all")
    add(staff, case, "ann", "director", "before")
    queued = tasks_at(case, "sign", status="queued")[0]
    with pytest.raises(Refused):
        decide(actor=staff["ann"], task_id=queued.pk, verdict="agree", text="", today=TODAY)
    agree(staff["director"], case, "sign")
    for name in THREE:
        agree(staff[name], case, "sign")
    assert where(case) == ["after"]


def test_a_signer_waits_for_whomever_their_adviser_asked_in_turn(staff):
    case = countersigned(staff, mode="all")
    add(staff, case, "ann", "director", "before")
    add(staff, case, "director", "hrman", "after")
    agree(staff["director"], case, "sign")
    assert names(tasks_at(case, "sign", status="queued")) == ["ann"]
    agree(staff["hrman"], case, "sign")
    assert "ann" in names(tasks_at(case, "sign"))


def test_taking_an_adviser_back_does_not_silence_whom_they_had_asked(staff):
    case = countersigned(staff, mode="all", users=("ann",))
    adviser = add(staff, case, "ann", "director", "before")
    add(staff, case, "director", "hrman", "before")
    remove_signer(actor=staff["ann"], task_id=adviser.pk, text="", today=TODAY)
    assert names(tasks_at(case, "sign")) == ["hrman"]
    agree(staff["hrman"], case, "sign")
    assert names(tasks_at(case, "sign")) == ["ann"]


def test_a_signer_taken_back_while_the_case_is_corrected_elsewhere_moves_nothing(staff):
    case = countersigned(staff, mode="all", users=("ann", "bob"))
    added = add(staff, case, "ann", "director", "beside")
    agree(staff["ann"], case, "sign")
    send_back(staff["bob"], case, "sign", "apply", way="direct")
    remove_signer(actor=staff["ann"], task_id=added.pk, text="", today=TODAY)
    assert where(case) == ["apply"]
    submit(staff["clerk"], case)
    assert names(tasks_at(case, "sign")) == ["bob"]


def test_after_a_straight_return_those_whose_turn_had_not_come_still_wait(staff):
    case = countersigned(staff, mode="all", sequential=True)
    send_back(staff["ann"], case, "sign", "apply", way="direct")
    submit(staff["clerk"], case)
    assert names(tasks_at(case, "sign")) == ["ann"]
    assert names(tasks_at(case, "sign", status="queued")) == ["bob", "cid"]


def test_one_asked_after_holds_the_step_until_they_answer(staff):
    case = countersigned(staff, mode="any")
    add(staff, case, "ann", "director", "after")
    agree(staff["ann"], case, "sign")
    assert where(case) == ["sign"]
    agree(staff["director"], case, "sign")
    assert where(case) == ["after"]


def test_one_asked_beside_counts_where_all_must_agree(staff):
    case = countersigned(staff, mode="all")
    add(staff, case, "ann", "director", "beside")
    for name in THREE:
        agree(staff[name], case, "sign")
    assert where(case) == ["sign"]
    disagree(staff["director"], case, "sign")
    assert status(case) == "rejected"


def test_a_signer_is_asked_once(staff):
    case = countersigned(staff, mode="all")
    with pytest.raises(Refused) as refused:
        add(staff, case, "ann", "bob", "beside")
    assert refused.value.codes == ["L5"]
    with pytest.raises(Refused):
        add(staff, case, "ann", "ann", "before")


def test_whoever_was_added_before_a_correction_may_be_added_again(staff):
    case = countersigned(staff, mode="all", users=("ann",))
    add(staff, case, "ann", "director", "beside")
    agree(staff["ann"], case, "sign")
    agree(staff["director"], case, "sign")
    send_back(staff["director"], case, "after", "sign", way="direct")
    add(staff, case, "ann", "director", "beside")
    assert names(tasks_at(case, "sign")) == ["ann", "director"]


def test_an_added_signer_may_be_taken_back_by_who_added_them(staff):
    case = countersigned(staff, mode="all")
    added = add(staff, case, "ann", "director", "before")
    with pytest.raises(Refused):
        remove_signer(actor=staff["bob"], task_id=added.pk, text="", today=TODAY)
    remove_signer(actor=staff["ann"], task_id=added.pk, text="", today=TODAY)
    for name in THREE:
        agree(staff[name], case, "sign")
    assert where(case) == ["after"]


def test_taking_back_the_last_open_signer_lets_the_step_go_on(staff):
    case = countersigned(staff, mode="all")
    added = add(staff, case, "ann", "director", "beside")
    for name in THREE:
        agree(staff[name], case, "sign")
    remove_signer(actor=staff["ann"], task_id=added.pk, text="", today=TODAY)
    assert where(case) == ["after"]


def test_a_signer_is_not_taken_back_from_a_suspended_case(staff):
    case = countersigned(staff, mode="all", users=("ann",))
    added = add(staff, case, "ann", "director", "after")
    agree(staff["ann"], case, "sign")
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=TODAY)
    with pytest.raises(Refused) as refused:
        remove_signer(actor=staff["ann"], task_id=added.pk, text="", today=TODAY)
    assert refused.value.codes == ["L2"]
    assert where(case) == ["sign"]


def test_a_signer_who_never_answers_may_be_skipped(staff):
    case = countersigned(staff, mode="all")
    agree(staff["ann"], case, "sign")
    agree(staff["bob"], case, "sign")
    task = task_of(staff["cid"], case, "sign")
    with pytest.raises(Refused):
        skip(actor=staff["director"], task_id=task.pk, text=" ", today=TODAY)
    skip(actor=staff["director"], task_id=task.pk, text="出差无法办理", today=TODAY)
    assert where(case) == ["after"]
