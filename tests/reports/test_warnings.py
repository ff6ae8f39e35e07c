"""Warnings of the cast: each anomaly is found once, carried on, resolved, and recorded."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.ledger.services import allot
from bianzhi.personnel.models import Appointment
from bianzhi.reports.models import StandingWarning
from bianzhi.reports.selectors.warning_facts import findings
from bianzhi.reports.services.warnings import compute_warnings
from tests.cast import TODAY, Cast, make_document, seat

NIGHTLY = System("每日预警")


def found(code: str, day: date = TODAY) -> list[str]:
    return [each.message for each in findings(day) if each.code == code]


def test_one_too_many_is_over_in_its_type_though_others_are_vacant(cast: Cast):
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    assert found("W01") == ["测试区财政局机关工勤编制核定 2 名，实有 3 名，超编 1 名"]


def test_institution_quota_in_an_organ_is_misuse(cast: Cast):
    seat(cast, cast.bureau, "B5", over_quota=True)
    assert found("W02") == ["测试区财政局有 1 人占用中小学教职工编制，与机构类别不符，属于混编"]
    assert found("W02", date(2019, 12, 31)) == []


def test_leaders_beyond_their_posts_and_ranks_without_a_document_are_found(cast: Cast):
    for position in ("局长", "局长（待消化）"):
        person = seat(cast, cast.bureau, "A1").person
        Appointment.objects.create(
            person=person, organization=cast.bureau, position=position, post_level="org_chief", document=cast.document,
            valid_from=date(2025, 1, 1), is_high_rank=position == "局长", exceeds_posts=position != "局长",
        )  # fmt: skip
    messages = found("W03")
    assert len(messages) == 2
    assert "核定 1 名，实配 2 名，超配 1 名" in messages[0]
    assert "未登记高配依据文件" in messages[1]


def test_a_full_unit_is_told_so(cast: Cast):
    cast.fill(cast.audit_office, "A1", 4)
    assert found("W04") == ["测试区审计局行政编制核定 4 名，已满编"]


def test_vacancy_is_long_only_after_twelve_whole_months(cast: Cast):
    first = cast.fill(cast.audit_office, "A1", 4, on=date(2024, 1, 8))
    cast.leave(first[0], on=date(2025, 3, 2), today=date(2025, 3, 2))
    audit_office = "测试区审计局行政编制核定 4 名，实有 3 名，空编 1 名，空编率连续 12 个月高于 20%"
    assert audit_office not in found("W05", date(2026, 3, 2))
    assert audit_office in found("W05", date(2026, 3, 3))


def test_somebody_past_retirement_is_red_and_his_exit_overdue_after_ten_working_days(cast: Cast):
    # Born 1965-09: retires in 2025-12 (60 years and 3 months), off quota from 2026-01-01.
    seat(cast, cast.bureau, "A1", cast.facts("李到龄", born=date(1965, 9, 10)))
    assert "李到龄（测试区财政局）本月到龄退休" in found("W06", date(2025, 12, 31))
    assert "李到龄（测试区财政局）应于 2025年12月 退休，仍在编" in found("W06", date(2026, 1, 1))
    overdue = [day for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(30)) if found("W07", day)]
    clock_ran_out = overdue[0] - timedelta(days=1)
    assert date(2026, 1, 14) <= clock_ran_out <= date(2026, 1, 16)


def test_an_approval_near_its_end_is_named_with_the_slots_left(cast: Cast):
    approval = cast.approve(cast.bureau, "A1", 3, valid_until=TODAY + timedelta(days=60)).approval
    cast.enlist(approval.slots.order_by("number")[0])
    assert [message for message in found("W08") if "有 2 个名额未用" in message]
    assert found("W08", TODAY - timedelta(days=1)) == []


def test_a_borrowed_quota_warns_before_its_term_ends(cast: Cast):
    cast.member(cast.school, "D1", term_until=TODAY + timedelta(days=91))
    assert found("W11") == []
    assert len(found("W11", TODAY + timedelta(days=1))) == 1


def test_blanks_and_improper_document_numbers_are_found(cast: Cast):
    seat(cast, cast.school, "B5")
    assert any(message.startswith("测试区第一小学有 1 人的必填信息不全：民族 1 人") for message in found("W12"))
    assert not any("台账" in message for message in found("W12"))
    cast.document = make_document(actor=cast.office, doc_no="会议纪要第三次")
    allot(actor=cast.office, basis=cast.basis(), organization_id=cast.bureau.pk, amounts={"A1": 1})
    assert any("文号“会议纪要第三次”写法不规范" in message for message in found("W12"))


def test_a_total_nearly_used_up_warns_for_its_tier_only(cast: Cast):
    assert found("W14") == []
    allot(actor=cast.office, basis=cast.basis(), organization_id=cast.township.pk, amounts={"A1": 34})
    assert found("W14") == ["乡镇街道行政编制总量 40 名，已核给单位 40 名，占 100.0%"]


def test_the_number_of_queries_does_not_grow_with_the_people(cast: Cast):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            findings(TODAY)
        return len(captured)

    seat(cast, cast.bureau, "A1", cast.facts(born=date(1965, 1, 1)))
    few = cost()
    for _ in range(5):
        seat(cast, cast.bureau, "A1", cast.facts(born=date(1965, 1, 1)))
    cast.fill(cast.school, "B5", 3)
    assert cost() == few


def test_a_warning_is_opened_carried_on_and_resolved(cast: Cast):
    people = cast.fill(cast.audit_office, "A1", 4)
    first = compute_warnings(actor=NIGHTLY, today=TODAY)
    assert first.by_code["W04"] == 1
    warning = StandingWarning.objects.get(code="W04")
    assert (warning.first_seen_on, warning.resolved_on, warning.organization) == (TODAY, None, cast.audit_office)
    next_day = TODAY + timedelta(days=1)
    again = compute_warnings(actor=NIGHTLY, today=next_day)
    assert (again.opened, again.resolved) == (0, 0)
    warning.refresh_from_db()
    assert (warning.first_seen_on, warning.last_seen_on) == (TODAY, next_day)
    cast.leave(people[0], on=next_day, today=next_day)
    later = next_day + timedelta(days=1)
    assert compute_warnings(actor=NIGHTLY, today=later).resolved >= 1
    warning.refresh_from_db()
    assert warning.resolved_on == later
    cast.fill(cast.audit_office, "A1", 1, on=later)
    compute_warnings(actor=NIGHTLY, today=later)
    assert StandingWarning.objects.filter(code="W04").count() == 2


def test_warnings_of_a_past_day_are_those_that_stood_then(cast: Cast):
    cast.fill(cast.audit_office, "A1", 4)
    compute_warnings(actor=NIGHTLY, today=TODAY)
    StandingWarning.objects.update(resolved_on=TODAY + timedelta(days=3))
    standing = StandingWarning.objects.filter(code="W04")
    assert not standing.standing_on(TODAY - timedelta(days=1)).exists()
    assert standing.standing_on(TODAY).exists()
    assert standing.standing_on(TODAY + timedelta(days=2)).exists()
    assert not standing.standing_on(TODAY + timedelta(days=3)).exists()


def test_the_computation_is_recorded_and_needs_its_permission(cast: Cast):
    with pytest.raises(Denied):
        compute_warnings(actor=cast.outsider, today=TODAY)
    assert not StandingWarning.objects.exists()
    compute_warnings(actor=NIGHTLY, today=TODAY)
    entry = AuditEntry.objects.filter(action="reports.warnings_computed").get()
    assert json.loads(entry.facts)["opened"] == StandingWarning.objects.count()


def test_the_most_pressing_come_first(cast: Cast):
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    cast.fill(cast.audit_office, "A1", 4)
    compute_warnings(actor=NIGHTLY, today=TODAY)
    levels = [warning.level for warning in StandingWarning.objects.all().most_pressing_first()]
    assert levels == sorted(levels, key=["red", "orange", "yellow", "blue"].index)
    assert levels[0] == "red"


def test_the_command_prints_one_json_object(cast: Cast, capsys: pytest.CaptureFixture[str]):
    cast.fill(cast.audit_office, "A1", 4)
    call_command("warnings", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["by_code"]["W04"] == 1
    assert answer["standing"] == StandingWarning.objects.open().count()
