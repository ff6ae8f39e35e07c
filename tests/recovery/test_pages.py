"""The page of backups and drills, the jobs behind it, and what comes round by itself."""

from __future__ import annotations

import json
import os
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.common.models import Job, JobState
from bianzhi.kernel.objections import Refused
from bianzhi.recovery import backing_up, drilling
from bianzhi.recovery import jobs as recovery_jobs
from bianzhi.recovery.models import Drill
from bianzhi.recovery.selectors.standing import standing
from bianzhi.recovery.services.noting import (
    DrillFacts,
    ask_for_backup,
    ask_for_drill,
    note_backup,
    note_drill,
    note_removed,
)
from bianzhi.recovery.sets import making, proofs
from bianzhi.recovery.sets.folders import sets_in
from bianzhi.recovery.sets.making import make
from bianzhi.recovery.sets.refusing import NoRoom
from bianzhi.recovery.sets.sealing import make_key
from bianzhi.recovery.sets.verifying import Verified, verify
from tests.accounts.people import account, signed_in
from tests.cast import Limited
from tests.recovery.conftest import Platform, flip

pytestmark = pytest.mark.django_db
ROOT = System("测试")


@pytest.fixture(autouse=True)
def no_memory():
    cache.clear()


@pytest.fixture
def admin(platform: Platform):
    return signed_in(account("xitong", "system_admin"))


def text(answer) -> str:
    return str(answer.content.decode())


def test_only_the_system_administrator_sees_backups(admin):
    assert admin.get("/recovery/").status_code == 200
    for role in ("security_admin", "audit_admin", "office_director"):
        client = signed_in(account(role.replace("_", "-"), role))
        assert client.get("/recovery/").status_code == 403
        assert client.post("/recovery/backup/").status_code == 403
        assert client.post("/recovery/drill/").status_code == 403


def test_without_a_folder_the_page_says_that_nothing_is_backed_up(admin, settings):
    settings.BACKUP_DIR = ""
    assert "没有设置备份目录" in text(admin.get("/recovery/"))
    assert "skipped" in recovery_jobs.daily_backup(date(2026, 11, 26))
    assert "skipped" in recovery_jobs.daily_drill(date(2026, 11, 26))


def test_a_folder_that_is_not_mounted_is_told_on_the_page_and_fails_the_backup_in_words(admin, settings, tmp_path):
    settings.BACKUP_DIR = str(tmp_path / "unplugged")
    assert "请插上备份盘" in text(admin.get("/recovery/"))
    admin.post("/recovery/backup/")
    jobs.run_waiting()
    job = Job.objects.get()
    assert (job.state, "不能使用" in job.error) == (JobState.FAILED, True)


def test_a_backup_asked_for_on_the_page_is_made_proved_and_recorded(admin, platform: Platform):
    answer = admin.post("/recovery/backup/", {"kind": "full"})
    job = Job.objects.get()
    assert answer["Location"] == reverse("common:job", args=[job.pk])
    jobs.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    made = sets_in(platform.backups)
    assert [one.state.is_good for one in made] == [True]
    page = text(admin.get("/recovery/"))
    assert made[0].name in page
    assert "完好" in page
    acts = set(AuditEntry.objects.filter(action__startswith="recovery.").values_list("action", flat=True))
    assert acts == {"recovery.backup_asked", "recovery.backed_up"}


def test_a_damaged_backup_is_shown_as_such_and_is_not_the_newest_usable_one(admin, platform: Platform):
    path, _ = make(platform.backups)
    flip(path / "label.json", 40)
    assert "不可用" in text(admin.get("/recovery/"))
    assert standing().newest is None
    assert any("还没有可用的备份" in warning for warning in standing().warnings)


def test_a_drill_restores_the_newest_backup_and_leaves_its_report_and_nothing_else(admin, platform: Platform, unproved):
    make(platform.backups)
    admin.post("/recovery/drill/")
    jobs.run_waiting()
    job, drill = Job.objects.get(), Drill.objects.get()
    assert (job.state, job.error) == (JobState.DONE, "")
    assert (drill.is_good, drill.problems, len(unproved)) == (True, [], 1)
    assert "通过" in text(admin.get(reverse("recovery:drill", args=[drill.pk])))
    assert list((platform.home / "recovery").glob("[!.]*")) == []
    assert admin.get(reverse("recovery:drill", args=[drill.pk + 1])).status_code == 404


def test_a_drill_that_finds_something_fails_loudly_and_keeps_its_report(admin, platform: Platform, monkeypatch):
    monkeypatch.setattr(proofs.Restored, "findings", lambda self: ["台账：第 7 行：不平"])
    make(platform.backups)
    admin.post("/recovery/drill/")
    jobs.run_waiting()
    assert Job.objects.get().state == JobState.FAILED
    drill = Drill.objects.get()
    assert (drill.is_good, drill.problems) == (False, ["台账：第 7 行：不平"])
    assert "不平" in text(admin.get(reverse("recovery:drill", args=[drill.pk])))
    assert any("没有通过" in warning for warning in standing().warnings)


def test_a_second_drill_is_refused_and_leaves_the_first_one_alone(admin, platform: Platform, monkeypatch):
    make(platform.backups)
    kept: list[bool] = []

    def second(self: proofs.Restored) -> list[str]:
        with pytest.raises(Refused, match="已有恢复演练在进行"):
            drilling.drill(platform.backups)
        kept.append(self.home.is_dir())
        return []

    monkeypatch.setattr(proofs.Restored, "findings", second)
    admin.post("/recovery/drill/")
    jobs.run_waiting()
    assert (Job.objects.get().state, kept) == (JobState.DONE, [True])
    assert Drill.objects.get().is_good


@pytest.mark.parametrize("error", [OSError(28, "full"), sqlite3.OperationalError("full"), psycopg.Error("gone")])
def test_a_drill_that_breaks_off_is_a_report_too(admin, platform: Platform, monkeypatch, error):
    monkeypatch.setattr(drilling, "restore", lambda order, progress: (_ for _ in ()).throw(error))
    make(platform.backups)
    admin.post("/recovery/drill/")
    jobs.run_waiting()
    assert Job.objects.get().state == JobState.FAILED
    assert "演练中断" in Drill.objects.get().problems[0]
    assert list((platform.home / "recovery").glob("[!.]*")) == []


def test_a_drill_without_a_backup_is_a_report_too(admin):
    admin.post("/recovery/drill/")
    jobs.run_waiting()
    assert "里没有备份" in Drill.objects.get().problems[0]


def test_what_a_killed_drill_left_is_cleared_by_the_next(admin, platform: Platform, unproved):
    make(platform.backups)
    left = platform.home / "recovery" / "drill-999999"
    (left / "home").mkdir(parents=True)
    (left / "database").write_text("postgres")  # no name a drill would use: nothing is dropped
    admin.post("/recovery/drill/")
    jobs.run_waiting()
    assert Drill.objects.get().is_good
    assert not left.exists()


def test_the_daily_backup_is_full_once_a_week_and_encrypted_with_the_offices_key(
    platform: Platform, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(backing_up, "retain", lambda folder, policy: [])
    settings.BACKUP_KEY_FILE = str(tmp_path / "key")
    make_key(tmp_path / "key")
    today = timezone.localdate()
    for day in (today, today + timedelta(days=1), today + timedelta(days=7)):
        recovery_jobs.daily_backup(day)
    labels = [one.label for one in reversed(sets_in(platform.backups)) if one.label]
    assert [label.kind for label in labels] == ["full", "incremental", "full"]
    assert all(label.encrypted_with for label in labels)


def test_the_daily_backup_removes_what_the_policy_no_longer_keeps(platform: Platform, settings):
    settings.BACKUP_KEEP = "1,0,0"
    settings.BACKUP_FULL_DAYS = 1
    make(platform.backups)
    result = recovery_jobs.daily_backup(timezone.localdate() + timedelta(days=1))
    assert len(result["removed"]) == 1
    assert len(sets_in(platform.backups)) == 1
    assert AuditEntry.objects.filter(action="recovery.backups_removed").exists()


def test_on_a_full_disk_the_daily_backup_first_removes_what_is_not_kept(platform: Platform, settings, monkeypatch):
    settings.BACKUP_KEEP = "1,0,0"
    settings.BACKUP_FULL_DAYS = 1
    make(platform.backups)
    make(platform.backups)

    def require_space(folder: Path, database: Path, home: Path | None) -> None:
        if len(sets_in(folder)) > 1:
            raise NoRoom("备份目录剩余 0 MB", "请换一块盘。")

    monkeypatch.setattr(making, "_require_space", require_space)
    result = recovery_jobs.daily_backup(timezone.localdate() + timedelta(days=1))
    assert len(result["removed"]) == 2
    assert AuditEntry.objects.filter(action="recovery.backups_removed").count() == 2


def test_a_disk_that_stays_full_fails_the_backup_in_words_and_keeps_the_last_one(platform: Platform, monkeypatch):
    make(platform.backups)
    monkeypatch.setattr(
        making, "_require_space", lambda *args: (_ for _ in ()).throw(NoRoom("备份目录剩余 0 MB", "请换一块盘。"))
    )
    with pytest.raises(Refused, match="剩余 0 MB"):
        recovery_jobs.daily_backup(timezone.localdate())
    assert len(sets_in(platform.backups)) == 1


def test_a_backup_found_damaged_right_after_it_was_made_is_on_record_as_such(platform: Platform, monkeypatch):
    def damaged(path: Path, **rest: object) -> Verified:
        flip(path / "database", 500)
        return verify(path)

    make(platform.backups)
    monkeypatch.setattr(backing_up, "verify", damaged)
    with pytest.raises(jobs.JobFailed, match="核验不通过"):
        recovery_jobs.daily_backup(timezone.localdate())
    entry = AuditEntry.objects.get(action="recovery.backed_up")
    facts = json.loads(entry.facts)
    assert not facts["is_good"]
    assert "database" in facts["problems"][0]
    assert "不可用" in entry.subject_label
    assert len(sets_in(platform.backups)) == 2


def test_the_drill_comes_round_after_its_days(platform: Platform, unproved, settings):
    settings.DRILL_DAYS = 7
    make(platform.backups)
    today = timezone.localdate()
    assert "drill" in recovery_jobs.daily_drill(today)
    assert "skipped" in recovery_jobs.daily_drill(today + timedelta(days=6))
    assert "drill" in recovery_jobs.daily_drill(today + timedelta(days=7))


def test_asking_needs_the_permission():
    nobody = Limited(frozenset())
    for ask in (lambda: ask_for_backup(actor=nobody, incremental=True), lambda: ask_for_drill(actor=nobody)):
        with pytest.raises(Denied):
            ask()


def test_the_services_put_what_happened_on_record(platform: Platform):
    _, label = make(platform.backups)
    note_backup(actor=ROOT, label=label, folder=str(platform.backups))
    note_removed(actor=ROOT, names=["old"], folder=str(platform.backups))
    drill = note_drill(actor=ROOT, facts=DrillFacts(timezone.now(), label, 3, 12, [("核对", "1.0 秒")]))
    assert (drill.is_good, drill.audit_seq, drill.seconds) == (True, label.audit_seq, 12)
    newest = AuditEntry.objects.latest("seq")
    assert (newest.action, newest.seals.count()) == ("recovery.drilled", 1)


@pytest.mark.parametrize(("age", "warned"), [(timedelta(hours=20), False), (timedelta(hours=30), True)])
def test_a_backup_that_is_too_old_is_warned_of(platform: Platform, age, warned):
    make(platform.backups)
    found = standing(timezone.now() + age).warnings
    assert any("小时之前" in warning for warning in found) is warned


def test_a_folder_on_the_disk_of_the_data_is_warned_of(platform: Platform):
    assert os.stat(platform.home).st_dev == os.stat(platform.backups).st_dev
    make(platform.backups)
    assert any("同一块盘" in warning for warning in standing().warnings)


def test_originals_in_an_object_store_are_said_to_be_in_no_backup(platform: Platform, settings):
    settings.ARCHIVE_S3 = {"bucket_name": "originals"}
    assert any("对象存储" in warning for warning in standing().warnings)
