"""Going forward: one step after the other, who may decide, and what happens when somebody was quicker."""

from __future__ import annotations

import pytest

from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import CommandExecution, FlowOpinion, FlowTask
from bianzhi.workflow.selectors.integrity import cases_alive, opinions_chained, steps_manned
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.titling import retitle
from tests.workflow.engine.flows import TODAY, begin_case, exclusive, publish_flow, service, step
from tests.workflow.engine.hands import agree, disagree, status, submit, task_of, where

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain(staff):
    publish_flow(
        "plain",
        step("apply", submit=True, stage="申请"),
        step("review", role="office_deputy", separate="decision", stage="审批"),
        step("ratify", role="office_director", separate="decision", stage="核准"),
        service("effect"),
    )
    return begin_case(staff["clerk"], "plain")


def sound():
    return [*opinions_chained(), *cases_alive(), *steps_manned()]


def test_a_case_goes_from_hand_to_hand_to_its_end(plain, staff, final, domain):
    assert where(plain) == ["apply"]
    submit(staff["clerk"], plain)
    assert where(plain) == ["review"]
    agree(staff["ann"], plain, "review")
    plain.refresh_from_db()
    assert (where(plain), plain.stage) == (["ratify"], "核准")
    agree(staff["director"], plain, "ratify")
    assert status(plain) == "completed"
    assert final.applied == [(plain.pk, "effect", 1)]
    assert domain.ended == [(1, "completed")]
    assert sound() == []


def test_every_act_leaves_its_record_and_its_news(plain, staff):
    before = AuditEntry.objects.count(), OutboxMessage.objects.count()
    submit(staff["clerk"], plain)
    entry = AuditEntry.objects.order_by("-seq")[0]
    assert (entry.action, entry.actor_id) == ("workflow.decided", staff["clerk"].pk)
    news = OutboxMessage.objects.order_by("-id")[0]
    assert news.topic == "workflow.moved"
    assert FlowTask.objects.get(pk=news.payload["created"][0]).node_id == "review"
    assert (AuditEntry.objects.count(), OutboxMessage.objects.count()) == (before[0] + 1, before[1] + 1)


def test_a_task_of_a_role_is_for_its_holders_only(plain, staff):
    submit(staff["clerk"], plain)
    with pytest.raises(Refused) as refused:
        agree(staff["outsider"], plain, "review")
    assert refused.value.codes == ["L1"]
    assert where(plain) == ["review"]


def test_the_second_to_decide_is_told_who_was_first_and_when(plain, staff):
    submit(staff["clerk"], plain)
    task = task_of(staff["ann"], plain, "review")
    agree(staff["ann"], plain, "review")
    with pytest.raises(Refused) as refused:
        decide(actor=staff["bob"], task_id=task.pk, verdict="agree", text="", today=TODAY)
    assert refused.value.codes == ["L2"]
    assert "人员ann" in str(refused.value)
    assert where(plain) == ["ratify"]


def test_the_same_form_sent_twice_decides_once(plain, staff):
    submit(staff["clerk"], plain)
    task = task_of(staff["ann"], plain, "review")
    once = {"actor": staff["ann"], "task_id": task.pk, "verdict": "agree", "text": "", "today": TODAY}
    first = decide(**once, request_key="form-1")
    again = decide(**once, request_key="form-1")
    assert (first.repeated, again.repeated) == (False, True)
    assert FlowOpinion.objects.filter(task=task).count() == 1
    assert where(plain) == ["ratify"]


def test_whoever_reviewed_may_not_ratify(staff):
    publish_flow(
        "two",
        step("apply", submit=True),
        step("review", role="office_deputy", separate="decision"),
        step("ratify", role="office_deputy", separate="decision"),
    )
    case = begin_case(staff["clerk"], "two")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "review")
    with pytest.raises(Refused) as refused:
        agree(staff["ann"], case, "ratify")
    assert refused.value.codes == ["R25"]
    agree(staff["bob"], case, "ratify")
    assert status(case) == "completed"


def test_nobody_decides_an_own_application(staff):
    publish_flow("own", step("apply", submit=True), step("review", role="office_deputy"))
    case = begin_case(staff["ann"], "own", unit_id=None)
    submit(staff["ann"], case)
    with pytest.raises(Refused) as refused:
        agree(staff["ann"], case, "review")
    assert refused.value.codes == ["R25"]


def test_somebody_with_an_interest_stands_back(plain, staff, domain):
    submit(staff["clerk"], plain)
    domain.barred = {staff["ann"].pk}
    with pytest.raises(Refused) as refused:
        agree(staff["ann"], plain, "review")
    assert refused.value.codes == ["R25"]
    agree(staff["bob"], plain, "review")


def test_a_refusal_needs_a_reason_and_ends_the_case(plain, staff, final, domain):
    submit(staff["clerk"], plain)
    with pytest.raises(Refused):
        disagree(staff["ann"], plain, "review", text=" ")
    disagree(staff["ann"], plain, "review")
    assert status(plain) == "rejected"
    assert (final.applied, domain.ended) == ([], [(1, "rejected")])
    assert sound() == []


def test_a_command_that_refuses_leaves_the_case_where_it_was(plain, staff, final):
    submit(staff["clerk"], plain)
    agree(staff["ann"], plain, "review")
    final.against = [Objection("R02", "编制不足")]
    said = FlowOpinion.objects.count()
    with pytest.raises(Refused) as refused:
        agree(staff["director"], plain, "ratify")
    assert refused.value.codes == ["R02"]
    assert (status(plain), where(plain)) == ("running", ["ratify"])
    assert FlowOpinion.objects.count() == said
    assert not CommandExecution.objects.exists()
    final.against = []
    agree(staff["director"], plain, "ratify")
    assert status(plain) == "completed"


def test_what_the_domain_objects_to_stops_a_decision(plain, staff, domain):
    domain.against = [Objection("D2", "缺少必填项")]
    with pytest.raises(Refused) as refused:
        submit(staff["clerk"], plain)
    assert refused.value.codes == ["D2"]


def test_an_approver_cannot_submit_nor_an_applicant_agree(plain, staff):
    with pytest.raises(Refused) as refused:
        agree(staff["clerk"], plain, "apply")
    assert refused.value.codes == ["L4"]
    submit(staff["clerk"], plain)
    with pytest.raises(Refused):
        submit(staff["ann"], plain, "review")


def test_a_condition_chooses_the_way(staff, domain):
    publish_flow(
        "levels",
        step("apply", submit=True),
        exclusive(
            "level",
            ('level == "commission"', [step("commission", role="office_director")]),
            ("", [step("office", role="office_deputy")]),
        ),
    )
    domain.facts_of = {"level": "commission"}
    high = begin_case(staff["clerk"], "levels")
    submit(staff["clerk"], high)
    domain.facts_of = {"level": "office"}
    low = begin_case(staff["clerk"], "levels", subject_id=2)
    submit(staff["clerk"], low)
    assert (where(high), where(low)) == (["commission"], ["office"])


def test_a_step_whose_unit_does_not_exist_is_passed_over(staff):
    publish_flow(
        "none",
        step("apply", submit=True),
        step("superior", role="supervising_reviewer", relation="tests.nowhere"),
        step("review", role="office_deputy"),
    )
    case = begin_case(staff["clerk"], "none")
    submit(staff["clerk"], case)
    assert where(case) == ["review"]
    assert case.opinions.get(action="skip", node_id="superior").actor_name == "系统"


def test_a_role_over_a_unit_is_not_held_over_another(staff):
    publish_flow("units", step("apply", submit=True), step("head", role="unit_head", relation="own"))
    case = begin_case(staff["clerk"], "units")
    submit(staff["clerk"], case)
    with pytest.raises(Refused):
        agree(staff["stranger"], case, "head")
    agree(staff["head"], case, "head")
    assert status(case) == "completed"


def test_a_case_takes_the_title_of_its_corrected_form_until_it_ends(plain, staff):
    retitle(actor=staff["clerk"], instance_id=plain.pk, title="更正后的标题")
    plain.refresh_from_db()
    assert plain.title == "更正后的标题"
    submit(staff["clerk"], plain)
    disagree(staff["ann"], plain, "review")
    assert retitle(actor=staff["clerk"], instance_id=plain.pk, title="结束以后").title == "更正后的标题"


def test_whoever_reports_what_was_done_has_nothing_to_refuse(staff):
    own = '<bb:assign initiator="true"/>'
    publish_flow("report", step("apply", submit=True), step("report", extra=own, actions="transfer copy"))
    case = begin_case(staff["clerk"], "report")
    submit(staff["clerk"], case)
    with pytest.raises(Refused) as refused:
        disagree(staff["clerk"], case, "report")
    assert refused.value.codes == ["L4"]
    agree(staff["clerk"], case, "report")
    assert status(case) == "completed"
