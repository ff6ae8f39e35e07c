"""Backups and drills as the system administrator sees them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.models import Job, JobState
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange import signing
from bianzhi.recovery.models import Drill
from bianzhi.recovery.selectors.standing import standing
from bianzhi.recovery.services.noting import BACKUP_JOB, DRILL_JOB, MANAGE, ask_for_backup, ask_for_drill
from bianzhi.recovery.sets.folders import KeptSet
from bianzhi.recovery.sets.pgbackrest import Repository, repository
from bianzhi.recovery.showing import age, shown_size

SHOWN: Final = 30
BADGE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One set on the page."""

    name: str
    made_at: datetime | None
    age: str
    kind: str
    size: str
    files: int
    seq: int
    secrecy: str
    state: str
    why: str


def warnings_now(user: Any) -> int:
    """How many warnings stand, for the menu; the folder is looked at once a minute."""
    return int(cache.get_or_set("recovery.warnings", lambda: len(standing().warnings), BADGE_SECONDS) or 0)


@page(MANAGE)
@require_safe
def overview(request: PageRequest) -> HttpResponse:
    """How it stands, the sets, the drills."""
    now = standing()
    last = Drill.objects.filter(is_good=True).first()
    newest = now.newest.label if now.newest else None
    context = {
        "folder": now.folder,
        "warnings": now.warnings,
        "rows": [_row(one) for one in now.sets[:SHOWN]],
        "count": len(now.sets),
        "rpo": age(newest.moment) if newest else "—",
        "rto": f"{last.seconds} 秒" if last else "—",
        "last": last,
        "drills": Drill.objects.all()[:SHOWN],
        "running": Job.objects.filter(kind__in=[BACKUP_JOB, DRILL_JOB], state__in=[JobState.WAITING, JobState.RUNNING]),
        "keep": settings.BACKUP_KEEP,
        "drill_days": settings.DRILL_DAYS,
        "encrypted": bool(settings.BACKUP_KEY_FILE),
        "key_id": signing.key_id(),
        "log": _log() if settings.PGBACKREST_STANZA else None,
    }
    return render(request, "recovery/overview.html", context)


def _log() -> Repository | None:
    """What pgBackRest holds, asked once a minute."""
    found: Repository | None = cache.get_or_set("recovery.pgbackrest", repository, BADGE_SECONDS)
    return found


def _row(one: KeptSet) -> Row:
    state = ("完好" if one.state.is_good else "不可用") if one.state.checked_at else "未核验"
    label = one.label
    if label is None:
        return Row(one.name, None, "—", "—", "—", 0, 0, "—", "不可用", one.problem)
    return Row(
        one.name,
        label.moment,
        age(label.moment),
        "完整" if label.is_full else "增量",
        shown_size(int(label.database["size"]) + label.new_bytes),
        label.files,
        label.audit_seq,
        "加密" if label.encrypted_with else "未加密",
        state,
        "；".join(one.state.problems[:2]),
    )


@page(MANAGE)
@require_safe
def drill_page(request: PageRequest, pk: int) -> HttpResponse:
    """The report of one drill."""
    drill = Drill.objects.filter(pk=pk).first() if pk < 2**63 else None
    if drill is None:
        raise Http404("没有这次恢复演练。")
    pairs = [
        ("备份", drill.backup),
        ("备份时间", f"{drill.backup_made_at.astimezone():%Y-%m-%d %H:%M:%S}" if drill.backup_made_at else ""),
        ("审计记录", f"到第 {drill.audit_seq} 条" if drill.audit_seq else ""),
        ("文件", f"{drill.files:,} 个，连同数据库 {shown_size(drill.size)}" if drill.size else ""),
        ("会丢失的时段（RPO）", f"{drill.age_minutes} 分钟" if drill.backup else ""),
        ("恢复用时（RTO）", f"{drill.seconds} 秒" if drill.backup else ""),
        ("发起人", drill.actor_name),
    ]
    return render(request, "recovery/drill.html", {"drill": drill, "pairs": pairs})


@page(MANAGE)
@require_POST
def backup_now(request: PageRequest) -> HttpResponse:
    """Put a backup into the queue and go to its progress."""
    job = ask_for_backup(actor=request.user, incremental=request.POST.get("kind") != "full")
    return redirect_with_notice(request, reverse("common:job", args=[job.pk]), "已开始备份。")


@page(MANAGE)
@require_POST
def drill_now(request: PageRequest) -> HttpResponse:
    """Put a drill into the queue and go to its progress."""
    job = ask_for_drill(actor=request.user)
    return redirect_with_notice(request, reverse("common:job", args=[job.pk]), "已开始恢复演练。")
