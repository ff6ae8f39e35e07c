"""The worker, anchors, backups, the manifest, and the services the platform leans on."""

import smtplib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.mail import get_connection
from django.utils import timezone

from bianzhi.audit.anchors import places
from bianzhi.common.models import Job, JobState
from bianzhi.doctor.findings import Finding, bad, good, note, warn
from bianzhi.intake import malware
from bianzhi.intrusion import installation
from bianzhi.intrusion.models import Alert, RuleRun
from bianzhi.intrusion.watching import WATCH_SECONDS
from bianzhi.recovery.selectors.standing import standing
from bianzhi.recovery.showing import age

ASLEEP: Final = timedelta(seconds=3 * WATCH_SECONDS)
LONGEST_WAIT: Final = timedelta(hours=1)


def worker() -> Iterator[Finding]:
    """Whether somebody does the work in the background: the watch itself comes round in every worker."""
    last = RuleRun.objects.order_by("-ran_at").values_list("ran_at", flat=True).first()
    if last is None or timezone.now() - last > ASLEEP:
        fact = "后台进程没有运行" if last is None else f"后台进程 {age(last)} 没有动静"
        yield bad("后台进程", fact, "启动 ./bianzhi worker（或 systemd 服务），查看 worker.log")
    else:
        yield good("后台进程", f"{age(last)} 之前还在运行")
    waiting = Job.objects.filter(state=JobState.WAITING, created_at__lt=timezone.now() - LONGEST_WAIT).count()
    if waiting:
        yield warn("后台进程", f"有 {waiting} 个任务等了一小时以上", "见“后台任务”，必要时增加后台进程")


def anchor_places() -> Iterator[Finding]:
    """Whether the head of the chain is kept where nobody can rewrite it."""
    found = places.configured()
    if not found:
        yield bad(
            "审计锚点", "没有设置库外锚点（BIANZHI_ANCHORS）", "设在另一块盘或另一台机器，见 docs/howto/审计与核对.md"
        )
    for place in found:
        state = places.state_of(place)
        if state.is_down:
            yield bad("审计锚点", f"{place.name} 收不到：{state.error}", "检查挂载、网络和权限")
        elif Path(place.name).is_absolute() and _same_disk(Path(place.name).parent, Path(settings.HOME)):
            yield warn("审计锚点", f"{place.name} 与数据在同一块盘上", "移到另一块盘或另一台机器")
        else:
            arrived = state.arrived_at
            yield good(
                "审计锚点", f"{place.name}，最近 {age(arrived)} 之前写入" if arrived else f"{place.name}，还没有写入"
            )


def backups() -> Iterator[Finding]:
    """Age of backup and drill, as the page of backups tells them."""
    now = standing()
    for problem in now.warnings:
        yield warn("备份", problem, "见“备份与恢复”和 docs/howto/备份与恢复.md")
    newest = now.newest.label if now.newest else None
    if newest is not None:
        yield good("备份", f"最近的可用备份是 {age(newest.moment)} 之前")
    if settings.BACKUP_DIR and not settings.BACKUP_KEY_FILE:
        yield warn("备份", "备份没有加密", "./bianzhi backup key 文件，并设 BIANZHI_BACKUP_KEY_FILE")


def installation_and_watch() -> Iterator[Finding]:
    """The manifest, and alerts nobody has answered."""
    try:
        before = installation.kept()
    except installation.NoManifest as problem:
        yield bad("程序清单", str(problem), "./bianzhi installation seal --reason 首次部署")
    else:
        found = list(installation.differences(before, installation.take_stock()))
        if found:
            yield bad(
                "程序清单",
                f"有 {len(found)} 处不符：{found[0]}",
                "升级后运行 ./bianzhi installation seal；否则查明原因",
            )
        else:
            yield good("程序清单", f"{len(before.files)} 个程序文件、{len(before.packages)} 个依赖包与清单一致")
    waiting = Alert.objects.waiting().count()
    if waiting:
        yield warn("入侵迹象", f"有 {waiting} 条告警等待确认或复核", "请安全管理员、审计管理员在“入侵迹象”中办理")
    broken = RuleRun.objects.exclude(error="").count()
    if broken:
        yield bad("入侵迹象", f"有 {broken} 条规则运行出错", "见“入侵迹象·检查情况”和日志")


def services() -> Iterator[Finding]:
    """Scanner, mail, search."""
    yield from _scanner()
    yield from _mail()
    if settings.SEARCH_BACKEND == "tantivy":
        place = Path(settings.SEARCH_ROOT)
        if place.is_dir():
            yield good("检索", f"索引在 {place}")
        else:
            yield warn("检索", "检索索引还没有建立", "后台进程会自动建立；或 ./bianzhi search rebuild")
    else:
        yield note("检索", "索引在 OpenSearch 服务器上")


def _scanner() -> Iterator[Finding]:
    if not malware.is_set_up():
        yield warn(
            "病毒检查", "没有设置病毒检查（BIANZHI_CLAMAV）：上传文件只查结构", "安装 ClamAV，设置其地址或套接字"
        )
        return
    try:
        version = malware.version()
    except malware.ScannerDown as error:
        yield bad("病毒检查", f"{error}：在恢复之前，上传的文件一律不接收", "启动 clamd，检查地址")
    else:
        yield good("病毒检查", f"{version}；请确认病毒库每天更新")


def _mail() -> Iterator[Finding]:
    if not settings.EMAIL_HOST:
        yield note("邮件", "没有设置邮件服务器（BIANZHI_SMTP_URL），告警和待办只在平台内提醒")
        return
    try:
        link = get_connection()
        link.open()
        link.close()
    except (OSError, smtplib.SMTPException) as error:
        yield bad("邮件", f"邮件服务器 {settings.EMAIL_HOST} 连不上：{error}"[:200], "检查地址、账号和网络")
    else:
        yield good("邮件", f"邮件服务器 {settings.EMAIL_HOST} 可用")


def _same_disk(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False
