"""A whole run on rosters: computed by the stages, taken in, and the next month's against it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bianzhi.common import jobs
from bianzhi.common.models import JobState
from bianzhi.exchange import files
from bianzhi.exchange.jobs import computing
from bianzhi.exchange.models import Change, Delivery, DeliveryState, Finding, FindingState, LinkReview, Run, RunState
from bianzhi.exchange.run_tables import open_table
from bianzhi.exchange.selectors.inputs import approved_quotas
from bianzhi.exchange.services.links import decide_link
from bianzhi.exchange.services.runs import resume_run, start_run
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.generate import GenerateOptions, write_rosters
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def rosters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four departments' files of a small place, two months, with their mistakes."""
    folder = tmp_path_factory.mktemp("rosters")
    write_rosters(folder, GenerateOptions(people=600, seed=11, noise=3.0, month="2026-01"))
    return folder


@pytest.fixture
def delivered(hub, rosters, tmp_path, settings):
    """Both months' rosters as accepted deliveries."""
    settings.MEDIA_ROOT = tmp_path / "files"
    for period in ("2026-01", "2026-02"):
        for code in DEPARTMENT_CODES:
            kept = files.keep(rosters / period / "canonical" / f"{code}.parquet")
            Delivery.objects.create(
                source=hub.sources[code], period=period, sha256=kept.sha256, sm3=kept.sm3, file_name=f"{code}.parquet",
                size=kept.size, roster=kept.sha256, rows=1, state=DeliveryState.ACCEPTED,
            )  # fmt: skip
    return hub


def ran(hub, period):
    run = start_run(actor=hub.people.office_clerk, period=period, today=TODAY)
    jobs.run_waiting()
    run.refresh_from_db()
    assert run.state == RunState.DONE, (run.error, run.job and run.job.error)
    return run


def test_two_months_leave_findings_changes_and_what_they_took(delivered):
    first = ran(delivered, "2026-01")
    assert sum(first.counts["kinds"].values()) == Finding.objects.count() > 0
    assert [stage["name"] for stage in first.stages][:2] == ["records", "links"]
    assert set(first.inputs) >= {"departments", "deliveries", "rules", "versions"}
    assert Path(computing.folder_of(first) / "identities.parquet").exists()
    before = dict(Finding.objects.values_list("key", "pk"))
    second = ran(delivered, "2026-02")
    assert second.previous == first
    again = Finding.objects.filter(last_run=second, first_run=first)
    assert again.exists()
    assert all(before[finding.key] == finding.pk for finding in again)
    assert Change.objects.filter(run=second).exists()
    gone = Finding.objects.filter(state=FindingState.CLOSED)
    assert gone.count() == second.counts["findings"]["gone"]


def test_the_same_month_again_finds_the_same(delivered):
    ran(delivered, "2026-01")
    before = set(Finding.objects.values_list("key", "state"))
    again = ran(delivered, "2026-01")
    assert set(Finding.objects.values_list("key", "state")) == before
    assert (again.counts["findings"]["new"], again.counts["findings"]["changed"]) == (0, 0)


def test_what_was_decided_of_a_pair_is_handed_to_the_next_run(delivered):
    """Two rows nobody would have linked are one person once an official says so."""
    run = ran(delivered, "2026-01")
    links = pq.read_table(open_table(computing.folder_of(run) / "links.parquet")).to_pylist()
    left = next(link for link in links if link["source"] == "hr")
    right = next(link for link in links if link["source"] == "finance" and link["cluster"] != left["cluster"])
    sides = {
        "left": {name: left[name] for name in ("source", "fingerprint")},
        "right": {name: right[name] for name in ("source", "fingerprint")},
    }
    review = LinkReview.objects.create(key="k", rule="FUZZY_REVIEW", score=0.9, first_run=run, last_run=run, **sides)
    decide_link(actor=delivered.people.office_clerk, review_id=review.pk, same=True)
    again = ran(delivered, "2026-01")
    links = pq.read_table(open_table(computing.folder_of(again) / "links.parquet")).to_pylist()
    told = {left["fingerprint"], right["fingerprint"]}
    assert len({link["cluster"] for link in links if link["fingerprint"] in told}) == 1


def test_a_stopped_run_goes_on_after_the_stage_that_was_through(delivered, monkeypatch):
    run = start_run(actor=delivered.people.office_clerk, period="2026-01", today=TODAY)
    real = vars(computing)["take_in"]

    def full(**told):
        raise jobs.JobFailed("磁盘已满")

    monkeypatch.setattr(computing, "take_in", full)
    jobs.run_waiting()
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.FAILED, "磁盘已满")
    written = (computing.folder_of(run) / "links.parquet").stat().st_mtime_ns
    monkeypatch.setattr(computing, "take_in", real)
    resume_run(actor=delivered.people.office_clerk, run_id=run.pk)
    jobs.run_waiting()
    run.refresh_from_db()
    assert (run.state, run.error) == (RunState.DONE, "")
    assert (computing.folder_of(run) / "links.parquet").stat().st_mtime_ns == written
    assert run.job is not None
    assert run.job.state == JobState.DONE


def test_a_roster_that_is_gone_fails_the_run_and_takes_nothing_in(delivered):
    run = start_run(actor=delivered.people.office_clerk, period="2026-01", today=TODAY)
    files.path_of(run.deliveries.get(source__code="hr").roster).unlink()
    jobs.run_waiting()
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert not Finding.objects.exists()


def test_without_the_office_s_own_roster_there_is_nothing_to_compare_with(delivered):
    Delivery.objects.filter(source__code="establishment").update(state=DeliveryState.REJECTED)
    with pytest.raises(Refused, match="缺编办实名制名册"):
        start_run(actor=delivered.people.office_clerk, period="2026-01", today=TODAY, allow_missing=True)
    assert not Run.objects.exists()


def test_approved_quotas_are_the_ledgers_by_unit_and_type(hub):
    found = {(unit, quota): number for unit, quota, number in approved_quotas(TODAY)}
    assert found["测试区财政局", "行政编制"] == 10
    assert not any("控制数" in quota for _, quota in found), "what is no 编制 is not counted"
