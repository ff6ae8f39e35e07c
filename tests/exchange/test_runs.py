"""Asking for a comparison, stopping it, taking it up again; and the job that carries it out."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services.parameters import set_parameter
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.common.models import Job, JobState, OutboxMessage
from bianzhi.exchange.jobs import running
from bianzhi.exchange.models import Delivery, DeliveryState, Finding, Run, RunState
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.services.runs import cancel_run, note_failure, note_running, resume_run, start_run
from bianzhi.exchange.services.taking_in import take_in
from bianzhi.kernel.objections import Refused
from tests.cast import TODAY
from tests.exchange.hub import HUB, silent, write

pytestmark = pytest.mark.django_db


def start(hub, period="2026-02", **asked):
    return start_run(actor=hub.people.office_clerk, period=period, today=TODAY, **asked)


def test_a_run_names_what_it_works_on_and_waits_as_a_job(hub):
    hub.run("2026-01")
    hub.deliver("2026-02")
    run = start(hub)
    assert run.state == RunState.WAITING
    assert run.previous == Run.objects.get(period="2026-01")
    assert run.inputs["departments"] == ["establishment", "finance", "hr", "organization"]
    assert run.deliveries.count() == 4
    assert run.job.params == {"run": run.pk}
    assert AuditEntry.objects.filter(action="exchange.run_started", subject_id=str(run.pk)).exists()
    assert OutboxMessage.objects.filter(topic="exchange.run_started").exists()


def test_departments_without_an_accepted_delivery_are_named(hub):
    hub.deliver("2026-02", ["establishment", "finance", "hr"])
    Delivery.objects.filter(source__code="hr").update(state=DeliveryState.HELD)
    with pytest.raises(Refused, match="2026-02 缺组织部、人社局的报送") as refused:
        start(hub)
    assert refused.value.codes == ["X13"]
    assert not Run.objects.exists()
    assert not Job.objects.exists()
    assert start(hub, allow_missing=True).inputs["departments"] == ["establishment", "finance"]


def test_one_department_alone_is_never_compared(hub):
    hub.deliver("2026-02", ["finance"])
    with pytest.raises(Refused, match="至少两个部门"):
        start(hub, allow_missing=True)


def test_a_delivery_in_parts_is_awaited_whole(hub):
    hub.deliver("2026-02", [code for code in hub.sources if code != "hr"])
    hub.deliver("2026-02", ["hr"], part=2, parts=3)
    with pytest.raises(Refused, match="共 3 部分，第 1、3 部分尚未接收") as refused:
        start(hub)
    assert refused.value.codes == ["X13", "X14"]


@pytest.mark.parametrize("period", ["2026-13", "202602", "2026-04", ""])
def test_a_month_is_one_that_has_begun(hub, period):
    hub.deliver("2026-02")
    with pytest.raises(Refused) as refused:
        start(hub, period)
    assert "X10" in refused.value.codes


def test_one_run_at_a_time(hub):
    hub.deliver("2026-02")
    start(hub)
    with pytest.raises(Refused, match="尚未结束") as refused:
        start(hub)
    assert refused.value.codes == ["X11"]


def test_no_month_before_one_that_is_settled(hub):
    hub.run("2026-02")
    hub.deliver("2026-01")
    with pytest.raises(Refused, match="不能再核对更早的 2026-01") as refused:
        start(hub, "2026-01")
    assert refused.value.codes == ["X12"]


def test_only_who_may_run_starts_one(hub):
    hub.deliver("2026-02")
    for person in (hub.people.clerk, hub.people.liaison_hr, hub.people.system_admin):
        with pytest.raises(Denied):
            start_run(actor=person, period="2026-02", today=TODAY)


def test_a_cancelled_run_can_be_taken_up_again(hub):
    hub.deliver("2026-02")
    run = start(hub)
    run = cancel_run(actor=hub.people.deputy, run_id=run.pk)
    assert (run.state, Job.objects.get().state) == (RunState.CANCELLED, JobState.CANCELLED)
    with pytest.raises(Refused) as refused:
        cancel_run(actor=hub.people.deputy, run_id=run.pk)
    assert refused.value.codes == ["X15"]
    run = resume_run(actor=hub.people.deputy, run_id=run.pk)
    assert (run.state, Job.objects.get().state) == (RunState.WAITING, JobState.WAITING)
    with pytest.raises(Refused):
        resume_run(actor=hub.people.deputy, run_id=run.pk)


def test_a_run_is_not_taken_up_after_a_newer_one_of_its_month(hub):
    hub.deliver("2026-02")
    older = start(hub)
    cancel_run(actor=hub.people.deputy, run_id=older.pk)
    newer = hub.run("2026-02")
    with pytest.raises(Refused, match=f"{newer}已完成") as refused:
        resume_run(actor=hub.people.deputy, run_id=older.pk)
    assert refused.value.codes == ["X15"]
    Run.objects.filter(pk=older.pk).update(state=RunState.RUNNING)
    with pytest.raises(Refused, match=f"{newer}已完成"):
        hub.take(older, findings=[])
    assert not AuditEntry.objects.filter(action="exchange.run_done", subject_id=str(older.pk)).exists()


def test_a_run_is_not_taken_up_with_files_that_were_replaced(hub):
    hub.deliver("2026-02")
    run = start(hub)
    cancel_run(actor=hub.people.deputy, run_id=run.pk)
    Delivery.objects.filter(source__code="hr").update(state=DeliveryState.SUPERSEDED)
    with pytest.raises(Refused, match="人社局的报送已被替换或退回") as refused:
        resume_run(actor=hub.people.deputy, run_id=run.pk)
    assert refused.value.codes == ["X15"]
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_failure_is_kept_with_its_reason(hub):
    hub.deliver("2026-02")
    run = start(hub)
    note_running(actor=HUB, run_id=run.pk)
    note_failure(actor=HUB, run_id=run.pk, error="磁盘已满")
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.FAILED, "磁盘已满")
    assert note_running(actor=HUB, run_id=run.pk) is None


def test_a_run_whose_worker_is_gone_for_good_stands_in_nobodys_way(hub):
    hub.deliver("2026-02")
    lost = start(hub)
    Job.objects.filter(pk=lost.job_id).update(state=JobState.FAILED, error="后台进程中断", finished_at=timezone.now())
    start(hub)
    lost.refresh_from_db()
    assert (lost.state, lost.error) == (RunState.FAILED, "后台进程中断")
    assert AuditEntry.objects.get(action="exchange.run_failed").subject_id == str(lost.pk)


# --- the job -------------------------------------------------------------------------------------------------------


@pytest.fixture
def computing(hub, monkeypatch):
    """What stands for the stages: called with (run, context)."""

    def use(compute):
        monkeypatch.setattr(running, "import_string", lambda path: compute)

    return use


def test_the_job_computes_and_takes_in(hub, computing, tmp_path):
    member = hub.cast.member(hub.cast.bureau)
    hub.deliver("2026-02")
    run = start(hub)

    def compute(run, context, today):
        context.progress(1, 2, "正在比对")
        write(tmp_path / "findings.parquet", [hub.finding(member)])
        take_in(
            actor=HUB, run_id=run.pk, folder=tmp_path, today=TODAY, progress=context.progress, finish=context.complete
        )
        return {}

    computing(compute)
    jobs.run_waiting()
    run.refresh_from_db()
    assert (run.state, Job.objects.get().state) == (RunState.DONE, JobState.DONE)
    assert Finding.objects.get().last_run == run


def test_a_refusal_fails_the_run_with_its_words(hub, computing):
    hub.deliver("2026-02")
    run = start(hub)

    def compute(run, context, today):
        raise jobs.JobFailed("财政局名册已损坏")

    computing(compute)
    jobs.run_waiting()
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.FAILED, "财政局名册已损坏")
    assert Job.objects.get().error == "财政局名册已损坏"


def test_a_fault_of_the_program_fails_the_run_without_its_details(hub, computing):
    hub.deliver("2026-02")
    run = start(hub)

    def compute(run, context, today):
        raise ZeroDivisionError("330699199001010011")

    computing(compute)
    jobs.run_waiting()
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "330699" not in run.error


def test_a_killed_worker_s_run_goes_on_with_the_next(hub, computing, tmp_path):
    """The first attempt dies without a word; the job is put back, and the run is still wanted."""
    hub.deliver("2026-02")
    run = start(hub)
    note_running(actor=HUB, run_id=run.pk)
    seen = []

    def compute(run, context, today):
        seen.append(run.state)
        take_in(actor=HUB, run_id=run.pk, folder=tmp_path, today=TODAY, progress=silent, finish=context.complete)
        return {}

    computing(compute)
    jobs.run_waiting()
    run.refresh_from_db()
    assert (seen, run.state) == ([RunState.RUNNING], RunState.DONE)


# --- every month ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "period"), [(date(2026, 3, 2), "2026-02"), (date(2026, 1, 31), "2025-12"), (date(2026, 12, 1), "2026-11")]
)
def test_the_month_before(day, period):
    assert month_before(day) == period


def test_the_monthly_run_starts_on_its_day_and_once(hub):
    hub.deliver("2026-02")
    assert running.start_monthly_run(TODAY) is None, "not enabled"
    for key, value in (("exchange.monthly", "1"), ("exchange.monthly_day", "3")):
        set_parameter(actor=System("测试"), key=key, text=value, basis="测试")
    assert running.start_monthly_run(TODAY) is None, "the day has not come"
    day = date(2026, 3, 3)
    assert (running.start_monthly_run(day) or {})["run"] == Run.objects.get().pk
    assert running.start_monthly_run(day) == {"period": "2026-02", "started": False}


def test_what_stands_against_the_monthly_run_is_told(hub):
    set_parameter(actor=System("测试"), key="exchange.monthly", text="1", basis="测试")
    told = running.start_monthly_run(date(2026, 3, 20)) or {}
    assert "X13" not in told["refused"]
    assert "2026-02 只有 0 个部门" in told["refused"]
