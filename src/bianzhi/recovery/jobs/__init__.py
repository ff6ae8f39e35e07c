"""Backup and drill as jobs: asked for on the page, or come round by themselves."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor, System
from bianzhi.common import jobs
from bianzhi.recovery.backing_up import Order, back_up
from bianzhi.recovery.drilling import drill
from bianzhi.recovery.models import Drill
from bianzhi.recovery.rules.retention import Policy
from bianzhi.recovery.selectors.standing import folder
from bianzhi.recovery.services.noting import BACKUP_JOB, DRILL_JOB, MANAGE, note_drill
from bianzhi.recovery.sets.folders import sets_in
from bianzhi.recovery.sets.making import Progress, quiet
from bianzhi.recovery.sets.sealing import office_key

SCHEDULE: Final = System("定时备份")


@jobs.job(BACKUP_JOB)
def backup(context: jobs.JobContext) -> Mapping[str, Any]:
    """The backup somebody asked for; begun again from the start when the worker was killed."""
    return _backup(_actor(context), incremental=bool(context.params.get("incremental")), progress=context.progress)


@jobs.job(DRILL_JOB)
def drill_now(context: jobs.JobContext) -> Mapping[str, Any]:
    """The drill somebody asked for."""
    return _drill(_actor(context), progress=context.progress)


def daily_backup(today: date) -> Mapping[str, Any]:
    """A backup a day where a folder is set: full once a week, else only what is new; then old ones are removed."""
    if folder() is None:
        return {"skipped": "没有设置备份目录"}
    return _backup(SCHEDULE, incremental=not _full_is_due(today), progress=quiet)


def daily_drill(today: date) -> Mapping[str, Any]:
    """A drill every so many days, once there is something to restore."""
    place = folder()
    if place is None:
        return {"skipped": "没有设置备份目录"}
    last = Drill.objects.first()
    if last is not None and timezone.localdate(last.begun_at) > today - timedelta(days=settings.DRILL_DAYS):
        return {"skipped": "还没有到演练的日子"}
    return _drill(SCHEDULE, progress=quiet)


def _full_is_due(today: date) -> bool:
    place = folder()
    labels = [one.label for one in sets_in(place)] if place is not None and place.is_dir() else []
    fulls = [label.moment for label in labels if label is not None and label.is_full]
    return not fulls or _day(max(fulls)) <= today - timedelta(days=settings.BACKUP_FULL_DAYS)


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def _backup(actor: Actor, *, incremental: bool, progress: Progress) -> Mapping[str, Any]:
    order = Order(_folder(), incremental, office_key(), Policy.read(settings.BACKUP_KEEP))
    outcome = back_up(order, actor=actor, progress=progress)
    name = outcome.label.name
    if outcome.problems:
        raise jobs.JobFailed(f"备份 {name} 做完后核验不通过：{'；'.join(outcome.problems[:3])}")
    if outcome.unrecorded:
        raise jobs.JobFailed(f"备份 {name} 已做完，核验一致，但没有写进审计记录（{outcome.unrecorded}）。")
    url = reverse("recovery:overview")
    return {"backup": name, "files": outcome.label.files, "removed": outcome.removed, "url": url}


def _drill(actor: Actor, *, progress: Progress) -> Mapping[str, Any]:
    report = note_drill(actor=actor, facts=drill(_folder(), key=office_key(), progress=progress))
    url = reverse("recovery:drill", args=[report.pk])
    if not report.is_good:
        raise jobs.JobFailed(f"恢复演练没有通过，报告见“备份与恢复”：{'；'.join(report.problems[:2])}")
    return {"drill": report.pk, "url": url}


def _folder() -> Path:
    place = folder()
    if place is None:
        raise jobs.JobFailed("没有设置备份目录：请设置环境变量 BIANZHI_BACKUP_DIR 并重新启动。")
    return place


def _actor(context: jobs.JobContext) -> Actor:
    """Whoever asked; the permission is asked again, as it may have been taken away meanwhile."""
    actor: Actor = context.job.requested_by or SCHEDULE
    try:
        require(actor, MANAGE)
    except PermissionDenied as denied:
        raise jobs.JobFailed(str(denied)) from denied
    return actor
