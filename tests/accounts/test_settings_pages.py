"""Parameters, working calendar and jobs: the system administrator's pages."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services import calendar, parameters
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.common.jobs.channel import channel
from bianzhi.common.models import CalendarDay, Job, JobState, ParameterValue
from bianzhi.common.parameters import DATA_IS_SYNTHETIC, PARAMETERS, SLOT_VALIDITY_MONTHS, declare
from bianzhi.common.working_days import load
from bianzhi.kernel.objections import Refused
from tests.accounts.people import CONSOLE, account, signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
KEY = SLOT_VALIDITY_MONTHS.key


@pytest.fixture
def admin():
    return account("sysadmin", "system_admin")


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/parameters/",
        f"/accounts/parameters/{KEY}/",
        "/accounts/calendar/",
        "/accounts/calendar/2024/",
        "/jobs/",
    ],
)
def test_the_pages_open_for_the_system_administrator_and_nobody_else(admin, path):
    assert signed_in(admin).get(path).status_code == 200
    assert signed_in(account("secadmin", "security_admin")).get(path).status_code == 403
    assert signed_in(account("director", "office_director")).get(path).status_code == 403


# --- parameters --------------------------------------------------------------------------------------------------


def test_a_parameter_set_on_the_page_counts_at_once_and_is_on_record(admin):
    response = signed_in(admin).post(f"/accounts/parameters/{KEY}/", {"value": "１８", "basis": "虞编〔2026〕9号"})
    assert response.status_code == 302
    assert SLOT_VALIDITY_MONTHS.number == 18
    facts = json.loads(AuditEntry.objects.get(action="system.parameter_changed").facts)
    assert facts == {"before": 12, "after": 18, "basis": "虞编〔2026〕9号"}
    assert "虞编〔2026〕9号" in signed_in(admin).get("/accounts/parameters/").content.decode()


@pytest.mark.parametrize(
    ("value", "basis", "words"),
    [
        ("很久", "文", "应为 1 至 120 的整数"),
        ("-1", "文", "负数"),
        ("", "文", "不能为空"),
        ("0", "文", "应为 1 至 120 的整数，填写的是 0"),
        ("9999999", "文", "应为 1 至 120 的整数，填写的是 9999999"),
        ("5", "", "依据"),
    ],
)
def test_a_value_that_is_no_number_within_the_bounds_or_has_no_basis_is_refused(admin, value, basis, words):
    response = signed_in(admin).post(f"/accounts/parameters/{KEY}/", {"value": value, "basis": basis})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ParameterValue.objects.exists()


def test_a_parameter_goes_back_to_its_default(admin):
    parameters.set_parameter(actor=CONSOLE, key=KEY, text="18", basis="文")
    signed_in(admin).post(f"/accounts/parameters/{KEY}/reset/")
    assert SLOT_VALIDITY_MONTHS.number == SLOT_VALIDITY_MONTHS.default
    assert AuditEntry.objects.filter(action="system.parameter_reset").count() == 1


@pytest.mark.parametrize("key", [key for key, each in PARAMETERS.items() if isinstance(each.default, int)])
def test_every_number_takes_its_bounds_and_nothing_beyond(key):
    declared = PARAMETERS[key]
    for value in (declared.least, declared.most):
        parameters.set_parameter(actor=CONSOLE, key=key, text=str(value), basis="文")
        assert declared.number == value
    for value in {max(0, declared.least - 1), declared.most + 1, 10**14} - {declared.least}:
        with pytest.raises(Refused) as refused:
            parameters.set_parameter(actor=CONSOLE, key=key, text=str(value), basis="文")
        assert (refused.value.codes, declared.number) == (["S32"], declared.most)


def test_a_number_without_bounds_is_not_declared():
    with pytest.raises(ValueError, match="is not between"):
        declare("no.bounds", "没有范围", 5, "R00")
    assert "no.bounds" not in PARAMETERS


def test_whether_the_data_are_invented_is_said_by_no_page(admin):
    """Over real data it would let administrators in without a second factor."""
    key, browser = DATA_IS_SYNTHETIC.key, signed_in(admin)
    assert browser.post(f"/accounts/parameters/{key}/", {"value": "1", "basis": "文"}).status_code == 404
    assert browser.post(f"/accounts/parameters/{key}/reset/").status_code == 404
    for act in (
        lambda: parameters.set_parameter(actor=admin, key=key, text="1", basis="文"),
        lambda: parameters.reset_parameter(actor=admin, key=key),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.codes == ["S33"]
    assert f"/accounts/parameters/{key}/" not in browser.get("/accounts/parameters/").content.decode()
    parameters.set_parameter(actor=CONSOLE, key=key, text="1", basis="演示数据")
    assert DATA_IS_SYNTHETIC.number == 1


def test_a_parameter_nobody_declared_is_not_found_and_refused(admin):
    assert signed_in(admin).get("/accounts/parameters/no.such/").status_code == 404
    with pytest.raises(Refused):
        parameters.set_parameter(actor=CONSOLE, key="no.such", text="1", basis="文")


def test_who_does_not_manage_the_system_sets_nothing():
    clerk = account("clerk", "office_clerk")
    with pytest.raises(Denied):
        parameters.reset_parameter(actor=clerk, key=KEY)
    with pytest.raises(Denied):
        parameters.set_parameter(actor=clerk, key=KEY, text="1", basis="文")
    with pytest.raises(Denied):
        calendar.set_day(actor=clerk, day=TODAY, is_working=False, name="", source="文")


def test_every_declared_parameter_is_on_the_page(admin):
    page = signed_in(admin).get("/accounts/parameters/").content.decode()
    assert all(parameter.label in page for parameter in PARAMETERS.values())


# --- working calendar --------------------------------------------------------------------------------------------


def test_without_a_table_the_national_holidays_hold():
    days = load(TODAY)
    assert not CalendarDay.objects.exists()
    assert not days.is_working_day(date(2026, 10, 1))
    assert days.is_working_day(TODAY)


def test_years_nobody_has_announced_are_provisional():
    days = load(TODAY)
    assert days.is_provisional(date(2029, 10, 1))


def test_a_day_put_right_counts_and_leaves_the_rest_of_the_year_as_it_was():
    before = load(TODAY)
    calendar.set_day(actor=CONSOLE, day=TODAY, is_working=False, name="临时放假", source="区府办通知")
    after = load(TODAY)
    assert not after.is_working_day(TODAY)
    for day in (date(2026, 10, 1), date(2026, 10, 8), date(2025, 1, 28), date(2027, 5, 1)):
        assert after.is_working_day(day) == before.is_working_day(day)
    assert AuditEntry.objects.filter(action="system.calendar_changed").count() == 1


def test_seeding_twice_changes_nothing():
    assert calendar.seed_calendar(actor=CONSOLE, first=2024, last=2028) > 100
    assert calendar.seed_calendar(actor=CONSOLE, first=2024, last=2028) == 0


def test_the_daily_work_fills_the_table_and_changes_no_answer():
    before = load(TODAY)
    assert calendar.keep_seeded(TODAY)["days"] > 500
    after = load(TODAY)
    days = [date(2004, 1, 1) + timedelta(days=number) for number in range(0, 9_000, 7)]
    assert [after.is_working_day(day) for day in days] == [before.is_working_day(day) for day in days]
    assert calendar.keep_seeded(TODAY) == {"days": 0}


def test_a_guessed_year_is_written_anew_once_its_notice_is_known():
    CalendarDay.objects.create(day=date(2025, 6, 2), is_working=False, name="推算", provisional=True, source="推算")
    assert calendar.seed_calendar(actor=CONSOLE, first=2025, last=2025) > 20
    assert CalendarDay.objects.filter(day__year=2025, name="推算").count() == 0


def test_a_year_the_office_has_settled_is_never_written_over():
    calendar.set_day(actor=CONSOLE, day=TODAY, is_working=False, name="临时放假", source="区府办通知")
    calendar.keep_seeded(TODAY)
    assert CalendarDay.objects.get(day=TODAY).name == "临时放假"


def test_a_year_that_was_confirmed_is_no_longer_provisional():
    calendar.seed_calendar(actor=CONSOLE, first=2029, last=2029)
    assert calendar.confirm_year(actor=CONSOLE, year=2029, source="国办发明电〔2028〕7号") > 0
    assert not load(TODAY).is_provisional(date(2029, 10, 1))


def test_years_the_libraries_do_not_know_are_refused():
    with pytest.raises(Refused):
        calendar.seed_calendar(actor=CONSOLE, first=1990, last=1991)


def test_a_day_is_changed_on_the_page_only_with_a_basis(admin, monkeypatch):
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    browser = signed_in(admin)
    data = {"day": "2026-12-05", "is_working": "1", "name": "补班", "source": ""}
    assert browser.post("/accounts/calendar/2026/", data).status_code == 422
    assert browser.post("/accounts/calendar/2026/", {**data, "source": "区府办通知"}).status_code == 302
    assert load(TODAY).is_working_day(date(2026, 12, 5))
    assert browser.get("/accounts/calendar/1999/").status_code == 404


# --- jobs --------------------------------------------------------------------------------------------------------


def test_a_job_is_seen_and_stopped_by_who_asked_and_by_the_administrator_of_jobs_only(admin):
    owner, stranger = account("owner", "office_clerk"), account("stranger", "office_clerk")
    job = jobs.enqueue("test.none", title="导入花名册", params={}, actor=owner)
    for user, status in ((owner, 200), (admin, 200), (stranger, 404)):
        assert signed_in(user).get(f"/jobs/{job.pk}/").status_code == status
    assert signed_in(stranger).post(f"/audit/jobs/{job.pk}/cancel/").status_code == 404
    assert signed_in(owner).post(f"/audit/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert signed_in(owner).post(f"/audit/jobs/{job.pk}/resume/").status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    assert "导入花名册" in signed_in(admin).get("/jobs/").content.decode()


def test_what_an_administrator_does_to_the_job_of_another_is_on_record(admin):
    owner = account("jingban", "office_clerk")
    job = jobs.enqueue("test.none", title="导入花名册", params={}, actor=owner)
    for act in ("cancel", "resume"):
        signed_in(admin).post(f"/audit/jobs/{job.pk}/{act}/")
    entries = AuditEntry.objects.filter(action__startswith="jobs.").order_by("seq")
    told = [(entry.action, entry.actor_name, entry.subject_label, json.loads(entry.facts)) for entry in entries]
    facts = {"kind": "test.none", "requested_by": owner.pk}
    assert told == [
        ("jobs.cancelled", admin.display_name, "导入花名册", facts),
        ("jobs.resumed", admin.display_name, "导入花名册", facts),
    ]


def test_a_running_job_hears_of_it_and_a_finished_one_is_left_alone_in_words(admin, settings, tmp_path):
    settings.HOME = tmp_path
    browser = signed_in(admin)
    job = jobs.enqueue("test.none", title="导入花名册", params={}, actor=account("jingban", "office_clerk"))
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    assert "已要求取消" in browser.post(f"/audit/jobs/{job.pk}/cancel/", follow=True).content.decode()
    assert channel().is_asked_to_cancel(job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE)
    for act, words in (("cancel", "已经结束，无需取消"), ("resume", "无需重新提交")):
        assert words in browser.post(f"/audit/jobs/{job.pk}/{act}/", follow=True).content.decode()
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="jobs.")] == ["jobs.cancelled"]
