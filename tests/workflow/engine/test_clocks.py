"""Clocks: limits with their ladder of reminders, waits and boundary timers in working days, days that do not count."""

from __future__ import annotations

from datetime import date

import pytest

from bianzhi.common.models import CalendarDay, OutboxMessage
from bianzhi.kernel.objections import Objection
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import FlowDeadline
from bianzhi.workflow.selectors.inbox import supervised
from bianzhi.workflow.services.clocks import fire, recompute, remind, resume_clock, suspend_clock
from bianzhi.workflow.services.interventions import resume, suspend
from tests.workflow.engine.flows import OFFICE, TODAY, begin_case, boundary, publish_flow, service, step, wait
from tests.workflow.engine.hands import agree, status, submit, tasks_at, where

pytestmark = pytest.mark.django_db
MONDAY = TODAY


def test_a_limit_runs_in_working_days_and_climbs_its_ladder(staff):
    publish_flow("limit", step("apply", submit=True), step("review", role="office_deputy", days=5))
    case = begin_case(staff["clerk"], "limit")
    submit(staff["clerk"], case)
    clock = FlowDeadline.objects.get(kind="limit")
    assert (clock.due_on, tasks_at(case, "review")[0].due_on) == (date(2026, 3, 9), date(2026, 3, 9))
    told = []
    for day in (3, 5, 6, 9, 9, 10, 11, 12, 16, 17):
        before = OutboxMessage.objects.filter(topic="workflow.deadline").count()
        run_clocks(date(2026, 3, day))
        after = OutboxMessage.objects.filter(topic="workflow.deadline")
        told.append(after.order_by("-id")[0].payload["step"] if after.count() > before else "")
    assert told == ["", "warn", "", "due", "", "overdue", "overdue", "yellow", "red", "red"]
    assert [task.node_id for task in supervised(staff["director"], date(2026, 3, 10))] == ["review"]


def test_a_task_done_in_time_is_reminded_of_no_more(staff):
    publish_flow("intime", step("apply", submit=True), step("review", role="office_deputy", days=5))
    case = begin_case(staff["clerk"], "intime")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "review")
    assert FlowDeadline.objects.get().state == "met"
    assert run_clocks(date(2026, 4, 1))["reminded"] == 0


@pytest.fixture
def published(staff):
    publish_flow("public", step("apply", submit=True), wait("publish", 5), service("effect"))
    case = begin_case(staff["clerk"], "public")
    submit(staff["clerk"], case)
    return case


def test_a_wait_lasts_to_the_end_of_its_last_day(published, final):
    run_clocks(date(2026, 3, 9))
    assert status(published) == "running"
    run_clocks(date(2026, 3, 10))
    assert (status(published), final.standing) == ("completed", 1)


def test_a_timer_fires_once(published, final):
    clock = FlowDeadline.objects.get()
    assert fire(actor=OFFICE, deadline_id=clock.pk, today=date(2026, 3, 10)) is True
    assert fire(actor=OFFICE, deadline_id=clock.pk, today=date(2026, 3, 10)) is False
    assert final.standing == 1


def test_a_timer_whose_command_refuses_is_tried_again(published, final):
    final.against = [Objection("R02", "编制不足")]
    run_clocks(date(2026, 3, 10))
    assert (status(published), FlowDeadline.objects.get().state) == ("running", "running")
    final.against = []
    run_clocks(date(2026, 3, 11))
    assert status(published) == "completed"


def test_a_case_whose_command_fails_in_any_way_stops_no_other(published, staff, final, monkeypatch):
    other = begin_case(staff["clerk"], "public", subject_id=2)
    submit(staff["clerk"], other)
    apply = final.apply

    def fails_for_the_first(context):
        if context.instance.pk == published.pk:
            raise KeyError("gone")
        return apply(context)

    monkeypatch.setattr(final, "apply", fails_for_the_first)
    assert run_clocks(date(2026, 3, 10))["fired"] == 1
    assert (status(published), status(other)) == ("running", "completed")
    monkeypatch.undo()
    run_clocks(date(2026, 3, 11))
    assert status(published) == "completed"


def test_days_under_objection_do_not_count(published):
    assert suspend_clock(actor=OFFICE, instance_id=published.pk, node_id="publish", today=date(2026, 3, 4)) == 1
    run_clocks(date(2026, 3, 20))
    assert status(published) == "running"
    resume_clock(actor=OFFICE, instance_id=published.pk, node_id="publish", today=date(2026, 3, 9))
    assert FlowDeadline.objects.get().due_on == date(2026, 3, 12)


def stopped(case, on):
    return suspend_clock(actor=OFFICE, instance_id=case.pk, node_id="publish", today=on)


def run_on(case, on):
    return resume_clock(actor=OFFICE, instance_id=case.pk, node_id="publish", today=on)


def case_stopped(case, staff, on):
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=on)


def case_resumed(case, staff, on):
    resume(actor=staff["director"], instance_id=case.pk, text="已答复", today=on)


def test_a_case_resumed_leaves_the_clock_of_an_open_objection_standing(published, staff):
    stopped(published, date(2026, 3, 4))
    case_stopped(published, staff, date(2026, 3, 5))
    case_resumed(published, staff, date(2026, 3, 6))
    assert FlowDeadline.objects.get().state == "suspended"
    assert run_on(published, date(2026, 3, 9)) == 1
    clock = FlowDeadline.objects.get()
    assert (clock.state, clock.due_on) == ("running", date(2026, 3, 12))


def test_an_objection_answered_while_the_case_stands_still_starts_no_clock(published, staff):
    case_stopped(published, staff, date(2026, 3, 4))
    assert stopped(published, date(2026, 3, 5)) == 1
    assert stopped(published, date(2026, 3, 5)) == 0
    run_on(published, date(2026, 3, 6))
    assert FlowDeadline.objects.get().state == "suspended"
    case_resumed(published, staff, date(2026, 3, 9))
    clock = FlowDeadline.objects.get()
    assert (clock.state, clock.due_on) == ("running", date(2026, 3, 12))


def test_the_domain_hears_when_a_wait_ends_another_day(published, staff, domain):
    stopped(published, date(2026, 3, 4))
    run_on(published, date(2026, 3, 4))
    assert domain.waits == []
    case_stopped(published, staff, date(2026, 3, 4))
    case_resumed(published, staff, date(2026, 3, 9))
    assert domain.waits == [("publish", date(2026, 3, 12))]


def test_days_of_two_reasons_that_overlap_are_left_out_once(published, staff):
    stopped(published, date(2026, 3, 3))
    case_stopped(published, staff, date(2026, 3, 4))
    run_on(published, date(2026, 3, 6))
    case_resumed(published, staff, date(2026, 3, 9))
    assert FlowDeadline.objects.get().due_on == date(2026, 3, 13)


def test_a_clock_stopped_before_reasons_were_kept_runs_on_with_either(published):
    stopped(published, date(2026, 3, 4))
    FlowDeadline.objects.update(suspensions=[["2026-03-04", None]])
    run_on(published, date(2026, 3, 9))
    clock = FlowDeadline.objects.get()
    assert (clock.state, clock.due_on) == ("running", date(2026, 3, 12))


def test_a_suspended_case_stands_still_with_its_clocks(staff):
    publish_flow("still", step("apply", submit=True), step("review", role="office_deputy", days=5))
    case = begin_case(staff["clerk"], "still")
    submit(staff["clerk"], case)
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=date(2026, 3, 3))
    assert run_clocks(date(2026, 3, 30))["reminded"] == 0
    resume(actor=staff["director"], instance_id=case.pk, text="已答复", today=date(2026, 3, 10))
    assert FlowDeadline.objects.get().due_on == date(2026, 3, 16)


def test_nobody_is_reminded_of_a_suspended_case_whatever_its_clock_says(staff):
    publish_flow("quiet", step("apply", submit=True), step("review", role="office_deputy", days=5))
    case = begin_case(staff["clerk"], "quiet")
    submit(staff["clerk"], case)
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=date(2026, 3, 3))
    FlowDeadline.objects.update(state="running")
    assert run_clocks(date(2026, 3, 30))["reminded"] == 0


def test_an_interrupting_timer_takes_its_own_way(staff):
    publish_flow(
        "interrupt",
        step("apply", submit=True),
        step("review", role="office_deputy"),
        also=boundary("review", 3, interrupting=True),
    )
    case = begin_case(staff["clerk"], "interrupt")
    submit(staff["clerk"], case)
    run_clocks(date(2026, 3, 6))
    assert where(case) == ["escalate"]


def test_a_timer_beside_the_step_leaves_it_open(staff):
    publish_flow(
        "beside",
        step("apply", submit=True),
        step("review", role="office_deputy"),
        also=boundary("review", 3, interrupting=False),
    )
    case = begin_case(staff["clerk"], "beside")
    submit(staff["clerk"], case)
    run_clocks(date(2026, 3, 6))
    assert where(case) == ["escalate", "review"]
    agree(staff["ann"], case, "review")
    assert status(case) == "running"
    agree(staff["director"], case, "escalate")
    assert status(case) == "completed"


def test_a_provisional_day_is_counted_anew_when_the_year_is_announced(staff):
    publish_flow("later", step("apply", submit=True), wait("publish", 230))
    case = begin_case(staff["clerk"], "later")
    submit(staff["clerk"], case)
    clock = FlowDeadline.objects.get()
    assert clock.provisional
    assert recompute(actor=OFFICE, deadline_id=clock.pk, today=TODAY) is False
    for day in range(1, 32):
        CalendarDay.objects.create(day=date(2027, 1, day), is_working=day > 10, source="通知")
    assert run_clocks(TODAY)["recomputed"] == 1
    assert FlowDeadline.objects.get().due_on > clock.due_on


def test_a_reminder_is_told_once(staff):
    publish_flow("once", step("apply", submit=True), step("review", role="office_deputy", days=1))
    submit(staff["clerk"], begin_case(staff["clerk"], "once"))
    clock = FlowDeadline.objects.get()
    assert remind(actor=OFFICE, deadline_id=clock.pk, today=date(2026, 3, 3)) is True
    assert remind(actor=OFFICE, deadline_id=clock.pk, today=date(2026, 3, 3)) is False
