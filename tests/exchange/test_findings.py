"""A finding is handled by two persons; every act leaves a line, an entry in the audit, and news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.exchange.models import Finding, FindingState
from bianzhi.exchange.rules.actions import Action
from bianzhi.exchange.services.batches import BatchAct, Outcome, handle_batch
from bianzhi.exchange.services.findings import (
    assign_finding,
    propose_finding,
    report_finding,
    settle_finding,
    take_back_finding,
)
from bianzhi.exchange.services.noting import note_step
from bianzhi.kernel.objections import Refused
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(hub):
    hub.run("2026-01", findings=[hub.finding(hub.cast.member(hub.cast.bureau))])
    return Finding.objects.get()


@pytest.fixture
def propose(hub, finding):
    def act(verdict="confirm", by=None):
        return propose_finding(
            actor=by or hub.people.office_clerk, finding_id=finding.pk, verdict=verdict, reason="已核对工资册原件"
        )

    return act


def state_of(finding):
    finding.refresh_from_db()
    return finding.state


def lines(finding):
    return list(finding.steps.values_list("action", flat=True))


def test_it_is_assigned_with_a_day_and_its_assignee_reports(hub, finding):
    clerk = hub.people.liaison_finance
    due_on = TODAY + timedelta(days=10)
    assign_finding(
        actor=hub.people.office_clerk, finding_id=finding.pk, assignee_id=clerk.pk, due_on=due_on, today=TODAY
    )
    report_finding(actor=clerk, finding_id=finding.pk, text="确有此人，2025 年 12 月起发放")
    finding.refresh_from_db()
    assert (finding.state, finding.assignee, finding.due_on) == (FindingState.ASSIGNED, clerk, due_on)
    assert lines(finding) == [Action.FOUND, Action.ASSIGNED, Action.REPORTED]
    entries = AuditEntry.objects.filter(action="exchange.finding_noted", subject_id=str(finding.pk))
    assert entries.count() == 2
    assert OutboxMessage.objects.filter(topic="exchange.finding_noted").count() == 2


def test_it_is_not_given_to_somebody_who_does_not_see_it(hub, finding):
    with pytest.raises(Refused) as refused:
        assign_finding(
            actor=hub.people.office_clerk,
            finding_id=finding.pk,
            assignee_id=hub.people.liaison_hr.pk,
            due_on=TODAY,
            today=TODAY,
        )
    assert refused.value.codes == ["X05"]
    assert "看不到" in str(refused.value)
    assert state_of(finding) == FindingState.OPEN


def test_nobody_else_reports_on_it(hub, finding):
    with pytest.raises(Denied):
        report_finding(actor=hub.people.liaison_hr, finding_id=finding.pk, text="与我无关")
    assert lines(finding) == [Action.FOUND]


def test_a_day_that_has_passed_and_a_closed_account_are_refused(hub, finding):
    hub.people.liaison_hr.is_active = False
    hub.people.liaison_hr.save()
    with pytest.raises(Refused) as refused:
        assign_finding(
            actor=hub.people.office_clerk, finding_id=finding.pk, assignee_id=hub.people.liaison_hr.pk,
            due_on=TODAY - timedelta(days=1), today=TODAY,
        )  # fmt: skip
    assert refused.value.codes == ["X03", "X05"]


def test_a_second_person_confirms_what_the_first_proposed(hub, finding, propose):
    propose()
    settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)
    assert state_of(finding) == FindingState.CONFIRMED
    assert lines(finding) == [Action.FOUND, Action.PROPOSED_CONFIRM, Action.CONFIRMED]


def test_the_proposer_never_confirms_and_the_refusal_names_both(hub, finding, propose):
    propose()
    with pytest.raises(Refused, match=r"由 .*office_clerk.* 提出，复核人 .*office_clerk.* 与提出人为同一人") as refused:
        settle_finding(actor=hub.people.office_clerk, finding_id=finding.pk, agree=True, today=TODAY)
    assert refused.value.codes == ["R25"]
    assert state_of(finding) == FindingState.PROPOSED


def test_the_proposer_does_not_turn_the_own_proposal_down_either(hub, finding, propose):
    propose()
    with pytest.raises(Refused) as refused:
        settle_finding(actor=hub.people.office_clerk, finding_id=finding.pk, agree=False, reason="看错了", today=TODAY)
    assert refused.value.codes == ["R25"]


def test_what_is_turned_down_is_open_again_with_the_reason(hub, finding, propose):
    propose("dismiss")
    with pytest.raises(Refused) as refused:
        settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=False, today=TODAY)
    assert refused.value.codes == ["X02"]
    settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=False, reason="依据不足", today=TODAY)
    assert state_of(finding) == FindingState.OPEN
    assert finding.proposed_by is None


def test_a_dismissal_agreed_to_settles_it_on_the_day(hub, finding, propose):
    propose("dismiss")
    settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)
    assert state_of(finding) == FindingState.DISMISSED
    assert finding.closed_on == TODAY


@pytest.mark.parametrize(("verdict", "reason", "code"), [("confirm", " ", "X02"), ("perhaps", "不好说", "X05")])
def test_a_proposal_says_what_and_why(hub, finding, verdict, reason, code):
    with pytest.raises(Refused) as refused:
        propose_finding(actor=hub.people.office_clerk, finding_id=finding.pk, verdict=verdict, reason=reason)
    assert refused.value.codes == [code]
    assert lines(finding) == [Action.FOUND]


def test_nothing_is_settled_that_nobody_has_proposed(hub, finding):
    with pytest.raises(Refused, match="待核，不能复核") as refused:
        settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)
    assert refused.value.codes == ["X01"]


def test_liaisons_neither_propose_nor_settle(hub, finding, propose):
    with pytest.raises(Denied):
        propose(by=hub.people.liaison_finance)
    propose()
    with pytest.raises(Denied):
        settle_finding(actor=hub.people.liaison_finance, finding_id=finding.pk, agree=True, today=TODAY)


def test_a_proposal_is_taken_back_with_a_reason(hub, finding, propose):
    propose()
    with pytest.raises(Refused):
        take_back_finding(actor=hub.people.office_clerk, finding_id=finding.pk, reason="")
    take_back_finding(actor=hub.people.office_clerk, finding_id=finding.pk, reason="还要再核")
    assert state_of(finding) == FindingState.OPEN
    assert lines(finding)[-1] == Action.TAKEN_BACK


def test_a_line_too_long_for_the_history_is_refused(hub, finding):
    with pytest.raises(Refused):
        note_step(actor=hub.people.office_clerk, finding=finding, action=Action.REPORTED, text="长" * 501)


def test_a_batch_does_what_it_can_and_says_why_not_of_the_rest(hub):
    members = hub.cast.fill(hub.cast.bureau, "A1", 3)
    hub.run("2026-01", findings=[hub.finding(each) for each in members])
    first, second, third = Finding.objects.order_by("pk").values_list("pk", flat=True)
    act = BatchAct("propose", verdict="dismiss", reason="已补办入编")
    propose_finding(actor=hub.people.deputy, finding_id=second, verdict="confirm", reason="属实")
    outcomes = handle_batch(
        actor=hub.people.office_clerk, finding_ids=[first, second, third, 10**9], act=act, today=TODAY
    )
    assert [(outcome.pk, outcome.ok) for outcome in outcomes] == [
        (first, True), (second, False), (third, True), (10**9, False),
    ]  # fmt: skip
    assert "待复核，不能提出处理意见" in outcomes[1].message
    assert outcomes[3] == Outcome(10**9, ok=False, message="没有这条差异。")
    settled = handle_batch(
        actor=hub.people.office_clerk, finding_ids=[first, second], act=BatchAct("settle"), today=TODAY
    )
    assert [outcome.ok for outcome in settled] == [False, True], "only what somebody else proposed"


def test_a_batch_of_none_or_of_another_act_is_refused(hub, finding):
    for ids, act in (([], "propose"), ([finding.pk], "burn"), (range(501), "propose")):
        with pytest.raises(Refused) as refused:
            handle_batch(actor=hub.people.office_clerk, finding_ids=list(ids), act=BatchAct(act), today=TODAY)
        assert refused.value.codes == ["X05"]
