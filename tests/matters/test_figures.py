"""Cases in figures (T16), and what `./bianzhi check` proves of them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from bianzhi.common.integrity import findings
from bianzhi.kernel import clock
from bianzhi.matters import files
from bianzhi.matters.models import Case
from bianzhi.matters.rules.punctuality import Course, average, days_taken, is_late
from bianzhi.matters.selectors.statistics import by_matter, by_office
from bianzhi.matters.services.feedback import give_feedback
from bianzhi.workflow.models import FlowInstance, FlowTask
from bianzhi.workflow.selectors.returns import targets
from bianzhi.workflow.services.returning import return_task
from bianzhi.workflow.services.withdrawing import withdraw_case
from tests.cast import TODAY
from tests.matters.test_exit_case import resignation

MATTERS = ("P05",)
CHECKS = (
    "matters.flows",
    "matters.numbers",
    "matters.submissions",
    "matters.files",
    "matters.effects",
    "matters.papers",
)


def between(first: date, last: date) -> int:
    return (last - first).days


MONDAY = date(2026, 3, 2)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("decided", "away", "taken"),
    [
        (day(3), (), 3),
        (None, (), 9),
        (day(8), ((day(2), day(5)),), 5),
        (day(8), ((day(2), None),), 2),
        (day(1), ((day(2), day(5)),), 1),
    ],
)
def test_days_with_the_applicant_are_not_the_offices(decided, away, taken):
    course = Course(MONDAY, decided, 5, away)
    assert days_taken(course, day(9), between) == taken
    assert is_late(course, day(9), between) == (taken > 5)


def test_an_average_has_one_decimal_and_nothing_has_none():
    assert average([1, 2, 2]) == Decimal("1.7")
    assert average([]) is None


@pytest.fixture
def lived(matters):
    """Three cases: one done and rated, one refused, one waiting for the office."""
    done, refused, waiting = (
        matters.apply("P05", resignation(matters.cast.member(matters.cast.bureau))) for _ in range(3)
    )
    matters.pass_on(done, matters.head, matters.office_clerk, matters.deputy, matters.director)
    give_feedback(actor=matters.clerk, case_id=done.pk, score=5, today=TODAY)
    matters.pass_on(refused, matters.head, matters.office_clerk)
    matters.decide(refused, matters.deputy, "disagree", "材料不实")
    matters.agree(waiting, matters.head)
    return matters


def test_a_matter_is_counted_by_how_its_cases_stand(lived):
    now = clock.now().date()
    (row,) = by_matter(lived.director, now, now, now)
    assert (row.matter, row.received, row.decided, row.refused, row.running) == ("P05", 3, 2, 1, 1)
    assert (row.in_time, row.late, row.average_days) == (2, 0, Decimal("0.0"))


def test_what_waits_too_long_is_late(lived):
    now = clock.now().date()
    (row,) = by_matter(lived.director, now, now, now + timedelta(days=60))
    assert (row.in_time, row.late) == (2, 1)


def test_what_its_applicant_took_back_is_nobodys_delay(lived):
    now = clock.now().date()
    waiting = Case.objects.get(instance__status="running")
    withdraw_case(actor=lived.clerk, instance_id=waiting.instance_id or 0, text="计划有变", today=TODAY)
    (row,) = by_matter(lived.director, now, now, now + timedelta(days=60))
    assert (row.received, row.withdrawn, row.running) == (3, 1, 0)
    assert (row.in_time, row.late) == (2, 0)


def test_a_step_that_sent_the_case_back_too_late_was_done_late(lived):
    now = clock.now().date()
    waiting = Case.objects.get(instance__status="running")
    task = lived.task(waiting, lived.office_clerk)
    FlowTask.objects.update(due_on=now)
    FlowTask.objects.filter(pk=task.pk).update(due_on=now - timedelta(days=3))
    node = targets(task)[-1].node_id
    told = {"actor": lived.office_clerk, "task_id": task.pk, "to_node": node, "way": "step", "today": TODAY}
    return_task(**told, text="请补充材料")
    rows = {row.role: row for row in by_office(lived.director, now, now, now)}
    clerk = rows["office_clerk"]
    assert (clerk.done, clerk.in_time, clerk.late, clerk.waiting) == (3, 2, 1, 0)


def test_a_user_counts_only_what_they_may_see(lived):
    now = clock.now().date()
    assert by_matter(lived.outsider, now, now, now) == []
    assert by_matter(lived.director, now - timedelta(days=9), now - timedelta(days=2), now) == []


def test_offices_are_counted_by_their_steps(lived):
    now = clock.now().date()
    rows = {row.role: row for row in by_office(lived.director, now, now, now)}
    assert (rows["office_clerk"].done, rows["office_clerk"].waiting) == (2, 1)
    assert (rows["office_deputy"].done, rows["office_director"].done) == (2, 1)
    assert rows["unit_head"].title == "单位负责人"


def test_the_figures_take_a_fixed_number_of_queries(lived, django_assert_max_num_queries):
    now = clock.now().date()
    with django_assert_max_num_queries(8):
        by_matter(lived.director, now, now, now)


def test_what_the_services_left_is_proved_sound(lived):
    assert findings(CHECKS) == []


def test_a_case_completed_without_its_effect_is_found(lived):
    refused = Case.objects.get(instance__status="rejected")
    FlowInstance.objects.filter(case=refused).update(status="completed")
    assert [finding.what for finding in findings(["matters.effects"])] == ["已办结，却没有办理结果"]


def test_what_was_done_behind_their_back_is_found(lived):
    case = Case.objects.order_by("pk").first()
    assert case is not None
    attachment = case.attachments.first()
    assert attachment is not None
    files.path_of(attachment.sha256).write_bytes(b"forged")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matters_case SET number = 'P05-2026-000009' WHERE id = %s", [case.pk])
    found = [finding.what for finding in findings(CHECKS)]
    files.path_of(attachment.sha256).unlink()
    assert any("摘要不符" in what for what in found)
    assert any("缺 6 个号" in what for what in found)
    assert any("不在数据目录中" in finding.what for finding in findings(CHECKS))
