"""Who has a task in hand: 领取, 转办, 回避, 委托, 抄送, 催办, and people who have left."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.kernel.objections import Refused
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import FlowOpinion, FlowTask
from bianzhi.workflow.selectors.inbox import done, started, supervised, to_read, todo, todo_count
from bianzhi.workflow.services.clocks import free_orphan
from bianzhi.workflow.services.copying import copy_to, mark_read
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.delegations import delegate, end_delegation
from bianzhi.workflow.services.reassigning import claim, recuse, release, transfer_task
from bianzhi.workflow.services.urging import urge
from bianzhi.workflow.services.withdrawing import withdraw
from bianzhi.workflow.web.reach import may_see
from tests.workflow.engine.conftest import grant_over
from tests.workflow.engine.flows import OFFICE, TODAY, begin_case, publish_flow, step
from tests.workflow.engine.hands import agree, status, submit, task_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(staff):
    publish_flow("simple", step("apply", submit=True), step("review", role="office_deputy"))
    case = begin_case(staff["clerk"], "simple")
    submit(staff["clerk"], case)
    return case


def again(user):
    return User.objects.get(pk=user.pk)


def handed(staff, case, who, whom):
    task = task_of(staff[who], case, "review")
    return transfer_task(actor=staff[who], task_id=task.pk, to_user_id=staff[whom].pk, text="请办理", today=TODAY)


def test_a_task_of_a_role_waits_for_all_its_holders_until_one_takes_it(case, staff):
    assert [todo_count(staff[name], TODAY) for name in ("ann", "bob", "director", "clerk")] == [1, 1, 0, 0]
    claim(actor=staff["ann"], task_id=task_of(staff["ann"], case, "review").pk, today=TODAY)
    assert [todo_count(staff[name], TODAY) for name in ("ann", "bob")] == [1, 0]
    with pytest.raises(Refused) as refused:
        agree(staff["bob"], case, "review")
    assert "人员ann" in str(refused.value)
    release(actor=staff["ann"], task_id=task_of(staff["ann"], case, "review").pk, today=TODAY)
    assert todo_count(staff["bob"], TODAY) == 1


def test_a_task_handed_over_is_the_other_s_alone(case, staff):
    handed(staff, case, "ann", "bob")
    with pytest.raises(Refused):
        agree(staff["ann"], case, "review")
    agree(staff["bob"], case, "review")
    assert status(case) == "completed"


def test_a_task_goes_only_to_somebody_who_holds_its_role(case, staff):
    with pytest.raises(Refused) as refused:
        handed(staff, case, "ann", "outsider")
    assert refused.value.codes == ["L5"]


def test_whoever_left_the_office_keeps_nothing(case, staff):
    claim(actor=staff["ann"], task_id=task_of(staff["ann"], case, "review").pk, today=TODAY)
    RoleGrant.objects.filter(user=staff["ann"]).update(revoked_at=timezone.now())
    ann = again(staff["ann"])
    assert todo_count(ann, TODAY) == 0
    with pytest.raises(Refused) as refused:
        agree(ann, case, "review")
    assert "不担任" in str(refused.value)
    assert run_clocks(TODAY)["released"] == 1
    assert todo_count(staff["bob"], TODAY) == 1
    agree(staff["bob"], case, "review")


def test_a_task_in_good_hands_is_not_freed(case, staff):
    task = task_of(staff["ann"], case, "review")
    claim(actor=staff["ann"], task_id=task.pk, today=TODAY)
    assert free_orphan(actor=OFFICE, task_id=task.pk, today=TODAY) is False


def test_one_who_steps_back_is_asked_no_more_in_this_case(case, staff):
    recuse(actor=staff["ann"], task_id=task_of(staff["ann"], case, "review").pk, text="亲属事项", today=TODAY)
    with pytest.raises(Refused) as refused:
        agree(staff["ann"], case, "review")
    assert refused.value.codes == ["R25"]
    agree(staff["bob"], case, "review")


def lent(staff, who="ann", whom="outsider", *, begin=TODAY, end=TODAY, flows=()):
    return delegate(
        actor=staff[who],
        delegator_id=staff[who].pk,
        delegate_id=staff[whom].pk,
        flows=flows,
        valid_from=begin,
        valid_until=end,
        reason="出差",
        today=TODAY,
    )


def test_a_delegate_decides_in_both_names(case, staff):
    lent(staff)
    assert [task.node_id for task in todo(staff["outsider"], TODAY)] == ["review"]
    agree(staff["outsider"], case, "review")
    opinion = FlowOpinion.objects.get(action="agree")
    assert opinion.actor_label == "人员outsider（代人员ann）"
    assert FlowTask.objects.get(node_id="review").done_for_id == staff["ann"].pk


def test_a_delegation_holds_only_on_its_days_and_for_its_flows(case, staff):
    lent(staff, begin=TODAY + timedelta(days=1), end=TODAY + timedelta(days=3))
    assert todo_count(staff["outsider"], TODAY) == 0
    assert todo_count(staff["outsider"], TODAY + timedelta(days=3)) == 1
    assert todo_count(staff["outsider"], TODAY + timedelta(days=4)) == 0
    publish_flow("other", step("apply", submit=True))
    lent(staff, who="bob", flows=["other"])
    assert todo_count(staff["outsider"], TODAY) == 0


def test_a_delegation_ended_early_holds_no_longer(case, staff):
    row = lent(staff)
    with pytest.raises(Refused):
        end_delegation(actor=staff["bob"], delegation_id=row.pk, today=TODAY)
    end_delegation(actor=staff["ann"], delegation_id=row.pk, today=TODAY)
    with pytest.raises(Refused):
        agree(staff["outsider"], case, "review")


@pytest.fixture
def by_name(staff):
    """A case at a step of ann's by name, which somebody decides for her while she is away."""
    publish_flow(
        "named", step("apply", submit=True), step("advise", users=("ann",)), step("after", role="office_deputy")
    )
    case = begin_case(staff["clerk"], "named")
    submit(staff["clerk"], case)
    lent(staff, whom="stranger")
    agree(staff["stranger"], case, "advise")
    return case


def asked(user: User, today: date) -> Any:
    """A request, as far as the question who may see a case needs it."""
    return SimpleNamespace(user=user, today=today)


def test_what_one_decided_for_another_by_name_is_kept_while_the_delegation_lasts(by_name, staff):
    assert [task.node_id for task in done(staff["stranger"], TODAY)] == ["advise"]
    assert list(done(staff["stranger"], TODAY + timedelta(days=1))) == []
    assert may_see(asked(staff["stranger"], TODAY), by_name)
    assert not may_see(asked(staff["stranger"], TODAY + timedelta(days=1)), by_name)


def test_a_delegation_for_other_flows_keeps_nothing(by_name, staff):
    publish_flow("other", step("apply", submit=True))
    later = TODAY + timedelta(days=1)
    lent(staff, whom="stranger", begin=later, end=later, flows=["other"])
    assert list(done(staff["stranger"], later)) == []


def test_a_former_delegate_takes_nothing_back(by_name, staff):
    task = FlowTask.objects.get(node_id="advise")
    with pytest.raises(Refused) as refused:
        withdraw(actor=staff["stranger"], task_id=task.pk, text="", today=TODAY + timedelta(days=1))
    assert refused.value.codes == ["L1"]
    again = withdraw(actor=staff["stranger"], task_id=task.pk, text="", today=TODAY)
    assert again.assignee_id == staff["ann"].pk


def test_whoever_left_the_office_takes_nothing_back(staff):
    publish_flow(
        "left", step("apply", submit=True), step("review", role="office_deputy"), step("after", users=("bob",))
    )
    case = begin_case(staff["clerk"], "left")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "review")
    RoleGrant.objects.filter(user=staff["ann"]).update(revoked_at=timezone.now())
    with pytest.raises(Refused) as refused:
        withdraw(actor=again(staff["ann"]), task_id=FlowTask.objects.get(node_id="review").pk, text="", today=TODAY)
    assert refused.value.codes == ["L1"]


def test_the_applicant_cannot_decide_as_somebody_s_delegate(case, staff):
    lent(staff, whom="clerk")
    with pytest.raises(Refused) as refused:
        agree(staff["clerk"], case, "review")
    assert refused.value.codes == ["R25"]


def test_delegations_out_of_order_are_refused(staff):
    for facts in ({"whom": "ann"}, {"end": TODAY - timedelta(days=1)}, {"flows": ["nothing"]}):
        with pytest.raises(Refused):
            lent(staff, **facts)
    lent(staff)
    with pytest.raises(Refused) as refused:
        lent(staff)
    assert refused.value.codes == ["L10"]
    with pytest.raises(Refused):
        delegate(
            actor=staff["bob"], delegator_id=staff["ann"].pk, delegate_id=staff["bob"].pk, flows=[],
            valid_from=TODAY, valid_until=TODAY, reason="代办", today=TODAY,
        )  # fmt: skip


def test_copies_are_read_and_ask_for_nothing(case, staff):
    copies = copy_to(
        actor=staff["director"], instance_id=case.pk, user_ids=[staff["outsider"].pk], text="请知悉", today=TODAY
    )
    assert (todo_count(staff["outsider"], TODAY), len(to_read(staff["outsider"], TODAY))) == (0, 1)
    with pytest.raises(Refused):
        decide(actor=staff["outsider"], task_id=copies[0].pk, verdict="agree", text="", today=TODAY)
    with pytest.raises(Refused):
        mark_read(actor=staff["bob"], task_id=copies[0].pk, today=TODAY)
    mark_read(actor=staff["outsider"], task_id=copies[0].pk, today=TODAY)
    assert len(to_read(staff["outsider"], TODAY)) == 0
    agree(staff["ann"], case, "review")
    assert status(case) == "completed"


def test_who_may_not_see_a_case_cannot_send_it_round(case, staff):
    with pytest.raises(Refused) as refused:
        copy_to(actor=staff["stranger"], instance_id=case.pk, user_ids=[staff["bob"].pk], text="", today=TODAY)
    assert refused.value.codes == ["L1"]


def test_urging_is_told_and_not_repeated_at_once(case, staff):
    task = task_of(staff["ann"], case, "review")
    urge(actor=staff["director"], task_id=task.pk, text="请尽快", today=TODAY)
    with pytest.raises(Refused) as refused:
        urge(actor=staff["director"], task_id=task.pk, text="请尽快", today=TODAY)
    assert refused.value.codes == ["L9"]


def test_the_lists_show_each_what_is_theirs(case, staff):
    agree(staff["ann"], case, "review")
    assert [row.pk for row in started(staff["clerk"], TODAY)] == [case.pk]
    assert [task.node_id for task in done(staff["ann"], TODAY)] == ["review"]
    assert list(done(staff["bob"], TODAY)) == []


def test_an_applicant_who_left_the_unit_keeps_not_even_the_own_cases(staff):
    publish_flow("mine", step("apply", submit=True), step("review", role="office_deputy"))
    case = begin_case(staff["clerk"], "mine")
    assert (todo_count(staff["clerk"], TODAY), len(started(staff["clerk"], TODAY))) == (1, 1)
    RoleGrant.objects.filter(user=staff["clerk"]).update(revoked_at=timezone.now())
    moved = grant_over(actor=OFFICE, user=staff["clerk"], role="unit_clerk", unit_id=202)
    assert (todo_count(moved, TODAY), len(started(moved, TODAY))) == (0, 0)
    with pytest.raises(Refused) as refused:
        submit(moved, case)
    assert refused.value.codes == ["L1"]


def test_an_applicant_who_left_the_unit_does_not_watch_over_the_cases_begun_there(case, staff):
    late = TODAY + timedelta(days=30)
    general = begin_case(staff["clerk"], "simple", unit_id=None, subject_id=2)
    submit(staff["clerk"], general)
    FlowTask.objects.filter(instance__in=[case, general], node_id="review").update(due_on=TODAY)
    watched = supervised(staff["clerk"], late).values_list("instance_id", flat=True)
    assert set(watched) == {case.pk, general.pk}
    RoleGrant.objects.filter(user=staff["clerk"]).update(revoked_at=timezone.now())
    moved = grant_over(actor=OFFICE, user=staff["clerk"], role="unit_clerk", unit_id=202)
    assert [task.instance_id for task in supervised(moved, late)] == [general.pk]


def test_what_was_decided_in_an_office_one_left_is_no_longer_listed(case, staff):
    agree(staff["ann"], case, "review")
    RoleGrant.objects.filter(user=staff["ann"]).update(revoked_at=timezone.now())
    assert list(done(again(staff["ann"]), TODAY)) == []
