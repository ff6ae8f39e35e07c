"""The five lists: who finds what in them, in how many queries, and several tasks decided at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.kernel.objections import Objection
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.services.clocks import remind
from bianzhi.workflow.services.copying import copy_to
from bianzhi.workflow.services.delegations import delegate
from tests.workflow.engine.flows import OFFICE, TODAY, Domain, begin_case
from tests.workflow.engine.hands import agree, submit, tasks_at
from tests.workflow.web.conftest import rows_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflow.web.urls")]
LISTS = ("todo", "to_read", "done", "started", "supervised")
Desk = Callable[[str], Client]


def many(staff: dict[str, User], count: int, first: int = 10) -> list[FlowInstance]:
    """So many cases more that wait for a deputy."""
    found = [begin_case(staff["clerk"], "plain", subject_id=first + number) for number in range(count)]
    for each in found:
        submit(staff["clerk"], each)
    return found


def shown(client: Client, name: str, query: str = "") -> str:
    answer = client.get(f"{reverse(f'workflow:{name}')}{query}")
    assert answer.status_code == 200
    return rows_of(text_of(answer))


def test_a_deputy_finds_the_case_with_step_unit_time_left_and_a_link(at_desk: Desk, case: FlowInstance) -> None:
    rows = shown(at_desk("ann"), "todo")
    assert "/tests/1/" in rows
    assert "review" in rows
    assert "剩 5 天" in rows
    assert "待领取" in rows
    assert rows_of(text_of(at_desk("director").get(reverse("workflow:todo")))) == ""


def test_what_came_by_a_delegation_says_for_whom(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    for principal in ("ann", "bob"):
        delegate(
            actor=staff[principal], delegator_id=staff[principal].pk, delegate_id=staff["hrman"].pk, flows=[],
            valid_from=TODAY, valid_until=TODAY, reason="出差", today=TODAY,
        )  # fmt: skip
    rows = shown(at_desk("hrman"), "todo")
    assert "代人员ann、人员bob" in rows
    assert "待领取" not in rows
    assert "待领取" in shown(at_desk("ann"), "todo")


def test_what_is_late_is_flagged_with_its_card(
    at_desk: Desk, case: FlowInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = case.deadlines.get()
    late = TODAY + timedelta(days=21)
    assert remind(actor=OFFICE, deadline_id=clock.pk, today=late)
    monkeypatch.setenv("BIANZHI_TODAY", late.isoformat())
    rows = shown(at_desk("ann"), "todo")
    assert "超期 10 天" in rows
    assert "红牌" in rows
    assert "is-flagged" in rows
    assert "红牌" in shown(at_desk("director"), "supervised")


def test_filters_narrow_by_flow_stage_and_time(at_desk: Desk, case: FlowInstance) -> None:
    ann = at_desk("ann")
    assert "plain 1" in shown(ann, "todo", "?q=plain&time=")
    assert "plain 1" in shown(ann, "todo", "?flow=plain&stage=审批")
    assert shown(ann, "todo", "?stage=核准") == ""
    assert shown(ann, "todo", "?time=overdue") == ""
    assert "没有这一项" in text_of(ann.get(reverse("workflow:todo"), {"time": "whenever"}))
    assert shown(at_desk("clerk"), "started", "?time=none") == ""
    assert "plain 1" in shown(at_desk("clerk"), "started", "?state=running")


def test_each_list_shows_its_own(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    agree(staff["ann"], case, "review", "材料齐全")
    copy_to(actor=staff["ann"], instance_id=case.pk, user_ids=[staff["hrman"].pk], text="", today=TODAY)
    assert "同意" in shown(at_desk("ann"), "done")
    assert "plain 1" in shown(at_desk("hrman"), "to_read")
    started = shown(at_desk("clerk"), "started")
    assert "ratify" in started
    assert "编办主任" in started
    assert shown(at_desk("stranger"), "started") == ""


@pytest.mark.parametrize("name", LISTS)
def test_more_rows_take_no_more_queries(
    name: str, at_desk: Desk, case: FlowInstance, staff: dict[str, User], django_assert_max_num_queries: Any
) -> None:
    who = {"started": "clerk", "to_read": "hrman", "supervised": "director"}.get(name, "ann")
    monday = many(staff, 1)
    _spread(staff, [case, *monday], name)
    few = _queries(at_desk(who), name)
    _spread(staff, many(staff, 6, 40), name)
    assert _queries(at_desk(who), name) == few
    assert few <= 30


def _spread(staff: dict[str, User], cases: list[FlowInstance], name: str) -> None:
    """Put the cases where the list finds them."""
    for each in cases:
        if name == "done":
            agree(staff["ann"], each, "review")
        if name == "to_read":
            copy_to(actor=staff["ann"], instance_id=each.pk, user_ids=[staff["hrman"].pk], text="", today=TODAY)
        if name == "supervised":
            FlowTask.objects.filter(instance=each).update(due_on=TODAY - timedelta(days=3))


def _queries(client: Client, name: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse(f"workflow:{name}")).status_code == 200
    return len(seen)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_closed_to_those_without_the_permission(name: str, at_desk: Desk, client: Client) -> None:
    assert at_desk("outsider").get(reverse(f"workflow:{name}")).status_code == 403
    assert client.get(reverse(f"workflow:{name}")).status_code == 302


@pytest.mark.parametrize("name", LISTS)
def test_a_list_can_be_taken_away(name: str, at_desk: Desk, case: FlowInstance) -> None:
    answer = at_desk("director").get(reverse(f"workflow:{name}"), {"export": "csv"})
    assert answer.status_code == 200
    assert "标题" in b"".join(answer).decode("utf-8-sig")


def test_several_are_agreed_to_with_one_opinion(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    cases = [case, *many(staff, 2)]
    tasks = [tasks_at(each, "review")[0].pk for each in cases]
    ann = at_desk("ann")
    page = text_of(ann.post(reverse("workflow:batch_agree"), {"selected": tasks}))
    assert "批量同意" in page
    assert tasks_at(case, "review"), "the first page only asks"
    sent = {"selected": tasks, "go": "1", "text": "均符合规定，同意。", "token": "a" * 32}
    done = text_of(ann.post(reverse("workflow:batch_agree"), sent))
    assert "已办理 3 件" in done
    assert not tasks_at(case, "review")
    assert case.opinions.filter(text="均符合规定，同意。").count() == 1
    again = text_of(ann.post(reverse("workflow:batch_agree"), sent))
    assert "没有重复办理" in again
    assert case.opinions.filter(text="均符合规定，同意。").count() == 1


def test_what_cannot_be_done_is_named_and_the_rest_is_done(
    at_desk: Desk, case: FlowInstance, staff: dict[str, User], domain: Domain
) -> None:
    other = many(staff, 1)[0]
    tasks = [tasks_at(each, "review")[0].pk for each in (case, other)]
    agree(staff["bob"], case, "review")
    sent = {"selected": tasks, "go": "1", "text": "同意", "token": "b" * 32}
    page = text_of(at_desk("ann").post(reverse("workflow:batch_agree"), sent))
    assert "1 件没有办成" in page
    assert "已由人员bob于" in page
    assert "已办理 1 件" in page
    third = many(staff, 1, 70)[0]
    domain.against = [Objection("R02", "编制不足。")]
    sent["selected"] = [tasks_at(third, "review")[0].pk]
    assert "编制不足" in text_of(at_desk("ann").post(reverse("workflow:batch_agree"), sent))
    assert tasks_at(third, "review")


def test_nothing_chosen_leads_back(at_desk: Desk, case: FlowInstance) -> None:
    ann = at_desk("ann")
    assert ann.post(reverse("workflow:batch_agree"), {"selected": ["x", "999"]}).status_code == 302
    assert ann.post(reverse("workflow:batch_read"), {}).status_code == 302
    stranger = {"selected": [tasks_at(case, "review")[0].pk], "go": "1", "text": "同意"}
    page = text_of(at_desk("stranger").post(reverse("workflow:batch_agree"), stranger))
    assert "plain 1" not in page
    assert tasks_at(case, "review")


def test_several_copies_are_read_at_once(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    copies = copy_to(actor=staff["ann"], instance_id=case.pk, user_ids=[staff["hrman"].pk], text="", today=TODAY)
    hrman = at_desk("hrman")
    answer = hrman.post(reverse("workflow:batch_read"), {"selected": [task.pk for task in copies]}, follow=True)
    assert "已阅 1 件" in text_of(answer)
    assert shown(hrman, "to_read") == ""


def test_whoever_is_late_is_hurried_once(at_desk: Desk, case: FlowInstance) -> None:
    FlowTask.objects.filter(instance=case).update(due_on=TODAY - timedelta(days=3))
    director = at_desk("director")
    assert director.post(reverse("workflow:batch_urge"), {}).status_code == 302
    sent = {"selected": [tasks_at(case, "review")[0].pk]}
    assert "已办理 1 件" in text_of(director.post(reverse("workflow:batch_urge"), sent))
    assert "4 小时内不能重复催办" in text_of(director.post(reverse("workflow:batch_urge"), sent))
    assert at_desk("outsider").post(reverse("workflow:batch_urge"), sent).status_code == 403
