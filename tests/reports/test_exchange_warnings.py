"""W07, W10 and W12 as the comparison gives them: when they come, how pressing they are, and when they go."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from bianzhi.common.db.row_scope import acting
from bianzhi.config.row_scope import scope_of
from bianzhi.exchange.models import Change, ChangeState, Finding, FindingState
from bianzhi.exchange.services.changes import dismiss_change, open_change_case
from bianzhi.exchange.services.findings import propose_finding, settle_finding
from bianzhi.kernel.objections import Refused
from bianzhi.matters.rules.evidence import asked_for, evidence_from_json
from bianzhi.matters.services.attachments import attach
from bianzhi.matters.services.drafting import save_draft, token_of
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.services.duty import set_duty_state
from bianzhi.reports.definitions.links import Links
from bianzhi.reports.models import StandingWarning
from bianzhi.reports.rules import exchange as rules
from bianzhi.reports.rules.catalogue import KINDS, Level
from bianzhi.reports.rules.deadlines import Member
from bianzhi.reports.services.warnings import compute_warnings
from bianzhi.reports.web.warnings import subject_url
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.workflow.services.interventions import terminate
from tests.cast import TODAY
from tests.exchange.hub import Hub, assemble_hub
from tests.matters.people import People
from tests.matters.staffing import paper
from tests.small_papers import small_pdf

MATTERS = ("P05",)
OVERDUE = date(2026, 3, 9)
"""The clock of an exit told to have happened on 3 February has run out, 春节 included."""


@pytest.fixture
def hub(people: People, tmp_path: Path) -> Hub:
    return assemble_hub(people, tmp_path)


def standing(hub, code, day=TODAY):
    compute_warnings(actor=hub.cast.office, today=day)
    return list(StandingWarning.objects.open().filter(code=code))


def difference(**told):
    usual = {"id": 3, "name": "吴名", "label": "领取工资未列编", "department": "财政局", "organization_id": 7,
             "unit": "财政局", "state": "待核", "is_certain": True, "found_on": TODAY}  # fmt: skip
    return rules.Difference(**{**usual, **told})


@pytest.mark.parametrize(("is_certain", "level"), [(True, Level.RED), (False, Level.ORANGE)])
def test_a_suspicion_is_red_only_where_it_is_certain(is_certain, level):
    found = rules.payroll_suspected(difference(is_certain=is_certain), TODAY + timedelta(days=12))
    assert (found.code, found.level, found.figures["已历天数"]) == ("W10", level, 12)
    assert "责任部门财政局" in found.message


def test_an_identity_told_differently_is_yellow():
    found = rules.identity_told_differently(difference(unit=""), TODAY)
    assert (found.code, found.level, found.facet) == ("W12", Level.YELLOW, "exchange")
    assert "单位不明" in found.message


def test_an_absence_names_its_days():
    found = rules.absent_long(Member(1, "吴名", 7, "财政局"), date(2025, 8, 1), 6, TODAY)
    assert found.figures["天数"] == 213
    assert KINDS[found.code].label == "空饷疑似"


@pytest.mark.django_db
def test_ghosts_and_the_retired_are_w10_until_they_are_settled(hub):
    first, second = hub.cast.fill(hub.cast.bureau, "A1", 2)
    hub.run("2026-01", findings=[hub.finding(first), hub.finding(second, "retired_paid", "review")])
    warnings = {warning.level: warning for warning in standing(hub, "W10")}
    assert set(warnings) == {"red", "orange"}
    red = warnings["red"]
    finding = Finding.objects.get(kind="ghost_payroll")
    assert red.organization == hub.cast.bureau
    assert subject_url(red, Links(TODAY, TODAY)) == f"/exchange/findings/{finding.pk}/"
    propose_finding(actor=hub.people.office_clerk, finding_id=finding.pk, verdict="dismiss", reason="已补办")
    settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)
    assert [warning.level for warning in standing(hub, "W10")] == ["orange"]


@pytest.mark.django_db
def test_confirmed_by_two_it_is_red(hub):
    hub.run("2026-01", findings=[hub.finding(hub.cast.member(hub.cast.bureau), "dead_paid", "review")])
    Finding.objects.update(state=FindingState.CONFIRMED)
    assert [warning.level for warning in standing(hub, "W10")] == ["red"]


@pytest.mark.django_db
def test_conflicts_of_identity_are_w12_and_others_are_not(hub):
    first, second = hub.cast.fill(hub.cast.bureau, "A1", 2)
    hub.run("2026-01", findings=[hub.finding(first, "birth_conflict"), hub.finding(second, "funding_mismatch")])
    found = [warning for warning in standing(hub, "W12") if warning.facet == "exchange"]
    assert [warning.subject_kind for warning in found] == ["finding"]
    assert standing(hub, "W10") == []


@pytest.mark.django_db
@pytest.mark.parametrize(("since", "count"), [(date(2025, 9, 2), 0), (date(2025, 9, 1), 1)])
def test_off_duty_for_more_than_six_months_is_w10(hub, since, count):
    member = hub.cast.member(hub.cast.bureau, on=date(2025, 1, 6))
    set_duty_state(
        actor=hub.cast.office, person_id=member.person_id, state="on_quota_off_duty",
        effective_on=since, reason="long_sick_leave",
    )  # fmt: skip
    assert len(standing(hub, "W10")) == count


def away(hub, member, since, reason="long_sick_leave", state="on_quota_off_duty"):
    """The person's state from a day on."""
    set_duty_state(actor=hub.cast.office, person_id=member.person_id, state=state, effective_on=since, reason=reason)


@pytest.mark.django_db
def test_an_absence_goes_on_under_another_reason(hub):
    member = hub.cast.member(hub.cast.bureau, on=date(2025, 1, 6))
    for since, reason in ((date(2025, 8, 4), "long_sick_leave"), (date(2025, 12, 1), "awaiting_post"),
                          (date(2026, 2, 2), "long_sick_leave")):  # fmt: skip
        away(hub, member, since, reason)
    (warning,) = standing(hub, "W10")
    assert "自 2025-08-04 在编不在岗" in warning.message


@pytest.mark.django_db
def test_an_absence_after_a_return_begins_anew(hub):
    member = hub.cast.member(hub.cast.bureau, on=date(2025, 1, 6))
    away(hub, member, date(2025, 8, 4))
    away(hub, member, date(2025, 12, 1), "", "on_quota_on_duty")
    away(hub, member, date(2025, 12, 2))
    assert standing(hub, "W10") == []


@pytest.mark.django_db
def test_an_exit_a_department_has_decided_is_w07_after_ten_working_days(hub):
    member = hub.cast.member(hub.cast.bureau, on=date(2026, 1, 5))
    number = member.person.id_number
    hub.run("2026-01", events=[hub.event("exit", member.person.name, id_number=number, happened_on="2026-02-03")])
    last = date(2026, 2, 17)
    days = [day for day in (last + timedelta(days=step) for step in range(21)) if standing(hub, "W07", day)]
    assert days, "it comes"
    assert days[0] > date(2026, 2, 16), "not before ten working days are over"
    warning = StandingWarning.objects.open().get(code="W07")
    assert "2026-02-03 出编（部门数据识别）" in warning.message
    Change.objects.update(state=ChangeState.DISMISSED)
    assert standing(hub, "W07", days[-1]) == []


def told_to_have_left(hub):
    """Somebody of 财政局 of whom 人社局 says that the exit was on 3 February."""
    member = hub.cast.member(hub.cast.bureau, on=date(2026, 1, 5))
    told = {"id_number": member.person.id_number, "happened_on": "2026-02-03", "from_unit": "测试区财政局"}
    hub.run("2026-01", events=[hub.event("exit", member.person.name, **told)])
    return Change.objects.get()


def sent_in(hub, change):
    """The case of the exit, begun by the office and sent in by the unit."""
    case = open_change_case(actor=hub.people.office_clerk, change_id=change.pk, today=TODAY)
    clerk, form = hub.people.clerk, {**case.form, "exit_mode": "O07", "event_on": "2026-02-03", "document": paper()}
    case = save_draft(actor=clerk, case_id=case.pk, form=form, saved_at=token_of(case), today=TODAY).case
    for spec in asked_for(evidence_from_json(case.version.evidence), form):
        attach(actor=clerk, case_id=case.pk, name="p.pdf", data=small_pdf("p"), evidence=spec.code, today=TODAY)
    return submit_case(actor=clerk, case_id=case.pk, today=TODAY).case


def owed(hub, day=OVERDUE):
    """Whether the exit gives warning, and whether it locks its unit: never one without the other (R13)."""
    warned, locked = bool(standing(hub, "W07", day)), bool(locks_on(hub.cast.bureau.pk, day))
    assert warned == locked, day
    return warned


@pytest.mark.django_db
def test_an_exit_told_locks_its_unit_exactly_while_it_is_w07(hub):
    told_to_have_left(hub)
    days = [date(2026, 2, 18) + timedelta(days=step) for step in range(14)]
    assert [owed(hub, day) for day in days] == [day > date(2026, 2, 24) for day in days]
    (lock,) = locks_on(hub.cast.bureau.pk, OVERDUE)
    assert (lock.code, lock.figures) == ("R13", {"逾期未出编": 1})
    assert Change.objects.get().person_name in lock.message
    assert locks_on(hub.cast.audit_office.pk, OVERDUE) == []


@pytest.mark.django_db
def test_a_unit_that_owes_an_exit_told_gets_no_slots(hub):
    change = told_to_have_left(hub)
    with pytest.raises(Refused, match=change.person_name) as refused:
        hub.cast.approve(hub.cast.bureau, today=OVERDUE)
    assert refused.value.codes == ["R13"]
    dismiss_change(actor=hub.people.office_clerk, change_id=change.pk, reason="人社局已撤回该决定")
    assert not owed(hub)
    hub.cast.approve(hub.cast.bureau, today=OVERDUE)


@pytest.mark.django_db
def test_whoever_retires_by_age_waits_for_that_clock_alone(hub):
    member = hub.cast.member(hub.cast.bureau, on=date(2024, 5, 6), facts=hub.cast.facts(born=date(1966, 2, 3)))
    told = {"id_number": member.person.id_number, "happened_on": "2026-06-20", "from_unit": "测试区财政局"}
    hub.run("2026-01", events=[hub.event("exit", member.person.name, **told)])
    assert not owed(hub, date(2026, 7, 14))
    assert owed(hub, date(2026, 7, 15))
    assert "退休" in StandingWarning.objects.open().get(code="W07").message


@pytest.mark.django_db
def test_the_lock_of_a_change_without_a_unit_holds_for_the_unit_itself(hub, behind_the_wall):
    told_to_have_left(hub)
    Change.objects.update(from_organization=None)
    with acting(scope_of(hub.people.clerk)):
        assert not Change.objects.exists()
        assert [lock.code for lock in locks_on(hub.cast.bureau.pk, OVERDUE)] == ["R13"]


@pytest.mark.django_db
def test_an_exit_filed_is_no_w07_and_filed_in_vain_it_is_one_again(hub, matters):
    change = told_to_have_left(hub)
    assert owed(hub)
    case = sent_in(hub, change)
    assert not owed(hub)
    terminate(actor=hub.people.director, instance_id=case.instance_id, text="单位撤回", today=TODAY)
    hub.news()
    change.refresh_from_db()
    assert (change.state, change.case) == (ChangeState.CANDIDATE, case)
    assert owed(hub)
