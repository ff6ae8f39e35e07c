"""Who is told what when a case moves, and that nobody is told twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bianzhi.accounts.models import User
from bianzhi.common.models import OutboxMessage
from bianzhi.office import handlers, jobs
from bianzhi.office.models import Message, MessageKind
from bianzhi.office.rules.wording import Words
from bianzhi.office.selectors.messages import unread_count
from bianzhi.office.selectors.people import holders, superiors
from bianzhi.office.services.messages import (
    News,
    read_all_messages,
    read_messages,
    remove_old_messages,
    settle_tasks,
    tell,
)
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.services.copying import copy_to, mark_read
from bianzhi.workflow.services.delegations import delegate, end_delegation
from bianzhi.workflow.services.interventions import terminate
from bianzhi.workflow.services.reassigning import claim, transfer_task
from bianzhi.workflow.services.urging import urge
from tests.accounts.people import CONSOLE
from tests.cast import TODAY
from tests.office.conftest import Staff, deliver
from tests.workflow.engine.flows import begin_case, call, parallel, publish_flow, step
from tests.workflow.engine.hands import agree, disagree, send_back, submit, tasks_at

pytestmark = pytest.mark.django_db


def told(user: User) -> list[tuple[str, str]]:
    """(kind, title) of everything the user was told, in order."""
    return list(Message.objects.filter(recipient=user).order_by("pk").values_list("kind", "title"))


def unread(user: User) -> list[str]:
    return list(Message.objects.unread().filter(recipient=user).order_by("pk").values_list("kind", flat=True))


def applied(staff: Staff, key: str, *elements: Any) -> FlowInstance:
    """A case of the bureau's clerk, sent in; the messages of that are delivered."""
    publish_flow(key, step("apply", submit=True), *elements)
    case = begin_case(staff.bureau_clerk, key, unit_id=staff.cast.bureau.pk)
    submit(staff.bureau_clerk, case)
    deliver()
    return case


def test_everybody_who_may_take_a_task_is_told_and_once_only(staff):
    case = applied(staff, "review", step("review", role="office_deputy", days=5))
    news = [("task", "请办理：review 1")]
    assert told(staff.deputy) == told(staff.other_deputy) == news
    assert told(staff.bureau_clerk) == told(staff.director) == []
    message = Message.objects.get(recipient=staff.deputy)
    assert message.text == "“review”环节，赵敏 送来，请于 2026-03-09 前办理。"
    assert message.link == "/tests/1/"
    for row in OutboxMessage.objects.filter(topic="workflow.moved"):
        handlers.case_moved(row)
    assert told(staff.deputy) == news
    assert case.is_live


def test_the_bell_forgets_a_task_when_somebody_has_taken_or_done_it(staff):
    case = applied(staff, "pool", step("review", role="office_deputy"), step("ratify", role="office_director"))
    assert unread_count(staff.deputy) == unread_count(staff.other_deputy) == 1
    claim(actor=staff.deputy, task_id=tasks_at(case, "review")[0].pk, today=TODAY)
    deliver()
    assert (unread_count(staff.deputy), unread_count(staff.other_deputy)) == (1, 0)
    agree(staff.deputy, case, "review")
    deliver()
    assert unread_count(staff.deputy) == 0
    assert told(staff.director) == [("task", "请办理：pool 1")]


def test_signers_one_after_another_are_told_when_it_is_their_turn(staff):
    users = (staff.deputy.username, staff.other_deputy.username)
    case = applied(staff, "turns", step("sign", users=users, mode="all", sequential=True))
    assert told(staff.deputy) != []
    assert told(staff.other_deputy) == []
    agree(staff.deputy, case, "sign")
    deliver()
    assert told(staff.other_deputy) == [("task", "请办理：turns 1")]


def test_a_return_tells_the_applicant_and_those_whose_tasks_it_cancels(staff):
    sides = parallel(
        "sides",
        [step("left", users=(staff.deputy.username,))],
        [step("right", users=(staff.other_deputy.username,))],
    )
    case = applied(staff, "sides", sides)
    send_back(staff.deputy, case, "left", "apply", text="请补正")
    deliver()
    assert told(staff.bureau_clerk) == [("returned", "陈国平 退回：sides 1")]
    assert told(staff.other_deputy)[-1] == ("cancelled", "不再需要您办理：sides 1")
    assert unread(staff.other_deputy) == ["cancelled"], "the task itself asks for nothing any more"
    assert unread(staff.deputy) == []


@pytest.mark.parametrize(("act", "title"), [(agree, "已办结：end 1"), (disagree, "不予同意：end 1")])
def test_the_applicant_hears_how_the_case_ended(staff, act, title):
    case = applied(staff, "end", step("review", role="office_deputy", reject="stop"))
    act(staff.deputy, case, "review")
    deliver()
    assert told(staff.bureau_clerk) == [("ended", title)]


def test_a_copy_read_after_the_end_does_not_tell_of_the_end_again(staff):
    case = applied(staff, "read", step("review", role="office_deputy"))
    copies = copy_to(
        actor=staff.deputy, instance_id=case.pk, user_ids=[staff.audit_clerk.pk, staff.other_deputy.pk], text="",
        today=TODAY,
    )  # fmt: skip
    agree(staff.deputy, case, "review")
    deliver()
    for copy in copies:
        assert copy.assignee is not None
        mark_read(actor=copy.assignee, task_id=copy.pk, today=TODAY)
    copy_to(actor=staff.deputy, instance_id=case.pk, user_ids=[staff.director.pk], text="", today=TODAY)
    deliver()
    assert told(staff.bureau_clerk) == [("ended", "已办结：read 1")]
    ends = [row.payload["ended"] for row in OutboxMessage.objects.filter(topic="workflow.moved").order_by("pk")]
    assert ends[-4:] == ["completed", "", "", ""]


def test_the_end_of_a_called_case_is_not_the_end_of_the_case(staff):
    publish_flow("inner", step("inside", users=(staff.deputy.username,)))
    case = applied(staff, "outer", call("sub", "inner"), step("ratify", role="office_director"))
    assert told(staff.deputy) == [("task", "请办理：outer 1")]
    agree(staff.deputy, FlowInstance.objects.get(root=case), "inside")
    deliver()
    assert told(staff.bureau_clerk) == []
    assert unread(staff.deputy) == []
    agree(staff.director, case, "ratify")
    deliver()
    assert told(staff.bureau_clerk) == [("ended", "已办结：outer 1")]


def test_a_terminated_case_is_told_to_its_applicant(staff):
    case = applied(staff, "over", step("review", users=(staff.deputy.username,)))
    terminate(actor=staff.director, instance_id=case.pk, text="申请单位已撤销", today=TODAY)
    deliver()
    assert told(staff.bureau_clerk) == [("ended", "已终止：over 1")]
    assert told(staff.deputy)[-1] == ("cancelled", "不再需要您办理：over 1")


def test_a_task_handed_on_is_told_to_whoever_gets_it(staff):
    case = applied(staff, "handed", step("review", users=(staff.deputy.username,), actions="transfer"))
    task = tasks_at(case, "review")[0]
    transfer_task(actor=staff.deputy, task_id=task.pk, to_user_id=staff.other_deputy.pk, text="请代办", today=TODAY)
    deliver()
    assert told(staff.other_deputy) == [("task", "请办理：handed 1")]
    assert unread(staff.deputy) == []
    transfer_task(actor=staff.other_deputy, task_id=task.pk, to_user_id=staff.deputy.pk, text="还是您办", today=TODAY)
    deliver()
    assert unread(staff.deputy) == ["task"]


def test_copies_and_urging_are_told_with_their_words(staff):
    case = applied(staff, "copy", step("review", role="office_deputy"))
    copy_to(actor=staff.deputy, instance_id=case.pk, user_ids=[staff.bureau_head.pk], text="请知悉", today=TODAY)
    urge(
        actor=staff.bureau_clerk, task_id=tasks_at(case, "review")[0].pk, text="请尽快，330699199001010011", today=TODAY
    )
    deliver()
    assert told(staff.bureau_head) == [("copied", "请阅知：copy 1")]
    assert told(staff.other_deputy)[-1] == ("urged", "赵敏 催办：copy 1")
    text = Message.objects.filter(recipient=staff.other_deputy, kind=MessageKind.URGED).get().text
    assert "330699199001010011" not in text
    assert text.startswith("“review”环节。请尽快")


def test_a_substitute_is_told_for_whom(staff):
    delegate(
        actor=staff.deputy,
        delegator_id=staff.deputy.pk,
        delegate_id=staff.clerk.pk,
        flows=[],
        valid_from=TODAY,
        valid_until=date(2026, 3, 6),
        reason="出差",
        today=TODAY,
    )
    deliver()
    assert told(staff.clerk) == [("delegated", "陈国平 委托您代为办理")]
    applied(staff, "away", step("review", users=(staff.deputy.username,)))
    assert told(staff.clerk)[-1] == ("delegated", "请办理（代 陈国平）：away 1")
    row = staff.deputy.delegations_given.get()
    end_delegation(actor=staff.deputy, delegation_id=row.pk, today=TODAY)
    deliver()
    assert told(staff.clerk)[-1] == ("delegated", "陈国平 的委托已终止")


def climb(days: list[int]) -> None:
    for day in days:
        run_clocks(date(2026, 3, day))
    deliver()


def test_the_ladder_reminds_the_holder_and_from_overdue_on_the_leader_too(staff):
    applied(staff, "late", step("review", users=(staff.deputy.username,), days=5))
    climb([5, 9])
    assert [title for _, title in told(staff.deputy)[1:]] == ["将于 2026-03-09 到期：late 1", "今天到期：late 1"]
    assert told(staff.director) == []
    climb([10, 12, 16])
    assert [title for _, title in told(staff.director)] == [
        "已超期 1 个工作日：late 1",
        "黄牌 · 已超期 3 个工作日：late 1",
        "红牌 · 已超期 5 个工作日：late 1",
    ]
    assert "承办人：陈国平" in Message.objects.filter(recipient=staff.director).latest("pk").text
    assert [kind for kind, _ in told(staff.deputy)] == ["task", "reminder", "reminder", "overdue", "overdue", "overdue"]
    assert told(staff.bureau_head) == []


def test_a_units_late_task_is_told_to_the_head_of_that_unit(staff):
    publish_flow("own", step("apply", submit=True, days=5), step("review", role="office_deputy"))
    begin_case(staff.bureau_clerk, "own", unit_id=staff.cast.bureau.pk)
    climb([10])
    assert told(staff.bureau_head) == [("overdue", "已超期 1 个工作日：own 1")]
    assert told(staff.director) == []
    begin_case(staff.audit_clerk, "own", unit_id=staff.cast.audit_office.pk, subject_id=2)
    climb([11])
    assert ("overdue", "已超期 2 个工作日：own 2") in told(staff.director), "a unit without a head"


def test_roles_over_a_unit_reach_down_by_supervision_and_parent(staff):
    assert superiors(staff.primary.pk, TODAY) == {staff.primary.pk, staff.education.pk}
    assert holders("supervising_reviewer", staff.primary.pk, TODAY) == {staff.reviewer.pk}
    assert holders("unit_clerk", staff.primary.pk, TODAY) == {staff.primary_clerk.pk}
    assert holders("unit_clerk", None, TODAY) >= {staff.bureau_clerk.pk, staff.audit_clerk.pk}
    assert holders("supervising_reviewer", staff.cast.bureau.pk, TODAY) == set()


def test_messages_are_read_by_their_own_reader_only(staff):
    readers, words = (staff.bureau_clerk, staff.audit_clerk), Words("已办结：一件事")
    news = [News(user.pk, MessageKind.ENDED, words) for user in readers]
    written = tell(actor=CONSOLE, event="test:1", news=news)
    assert tell(actor=CONSOLE, event="test:1", news=news) == []
    assert read_messages(actor=staff.audit_clerk, message_ids=[message.pk for message in written]) == 1
    assert (unread_count(staff.bureau_clerk), unread_count(staff.audit_clerk)) == (1, 0)
    assert read_all_messages(actor=staff.bureau_clerk) == 1
    assert settle_tasks(actor=CONSOLE, instance_id=1) == 0


def test_messages_read_long_ago_are_removed_and_unread_ones_stay(staff):
    tell(actor=CONSOLE, event="test:1", news=[News(staff.clerk.pk, MessageKind.ENDED, Words("一"))])
    tell(actor=CONSOLE, event="test:2", news=[News(staff.clerk.pk, MessageKind.ENDED, Words("二"))])
    read_messages(actor=staff.clerk, message_ids=[Message.objects.get(title="一").pk])
    assert remove_old_messages(actor=CONSOLE, today=date(2026, 12, 1)) == 0
    assert remove_old_messages(actor=CONSOLE, today=date(2028, 1, 1)) == 1
    assert Message.objects.get().title == "二"


def test_news_of_a_case_that_is_gone_on_meanwhile_says_nothing_stale(staff):
    review, ratify = step("review", role="office_deputy"), step("ratify", role="office_director")
    publish_flow("fast", step("apply", submit=True), review, ratify)
    case = begin_case(staff.bureau_clerk, "fast", unit_id=staff.cast.bureau.pk)
    submit(staff.bureau_clerk, case)
    agree(staff.deputy, case, "review")
    assert FlowTask.objects.filter(instance=case).count() == 3
    deliver()
    assert told(staff.other_deputy) == []
    assert told(staff.director) == [("task", "请办理：fast 1")]


def test_the_daily_work_completes_audiences_and_tidies(staff):
    assert jobs.complete(TODAY) == {"added": 0}
    assert jobs.tidy(TODAY) == {"removed": 0}


def test_the_bell_is_one_query(staff, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert unread_count(staff.clerk) == 0
