"""Free disk, the clock, versions."""

import platform
import shutil
import sqlite3
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import django
from django.conf import settings

import bianzhi
from bianzhi.audit.models import AuditEntry
from bianzhi.doctor.findings import Finding, bad, good, note, warn
from bianzhi.kernel import clock

GIGABYTE: Final = 2**30
SLACK: Final = timedelta(minutes=2)


def machine() -> Iterator[Finding]:
    """What the platform stands on."""
    yield from _disk("数据目录", Path(settings.HOME))
    if settings.BACKUP_DIR and Path(settings.BACKUP_DIR).is_dir():
        yield from _disk("备份目录", Path(settings.BACKUP_DIR))
    yield from _clock()
    versions = f"编制通 {bianzhi.__version__}，Python {platform.python_version()}，Django {django.get_version()}"
    yield note("版本", f"{versions}，SQLite {sqlite3.sqlite_version}，{ssl.OPENSSL_VERSION}")
    mode = Path(settings.HOME).stat().st_mode & 0o077
    if mode:
        yield bad("数据目录", f"数据目录能被其他账号访问（权限末两位 {mode:02o}）", f"chmod 700 {settings.HOME}")


def _disk(subject: str, place: Path) -> Iterator[Finding]:
    usage = shutil.disk_usage(place)
    free = f"{place} 剩余 {usage.free / GIGABYTE:.1f} GB，占 {usage.free * 100 // max(usage.total, 1)}%"
    if usage.free < GIGABYTE:
        yield bad(subject, free, "立即清理或扩容：写满后不能办理业务")
    elif usage.free < 5 * GIGABYTE:
        yield warn(subject, free, "尽快清理或扩容")
    else:
        yield good(subject, free)


def _clock() -> Iterator[Finding]:
    newest = AuditEntry.objects.order_by("-seq").values_list("recorded_at", flat=True).first()
    now = clock.now()
    if newest is not None and newest - now > SLACK:
        yield bad("时间", f"系统时间 {now:%Y-%m-%d %H:%M:%S} 早于最近的审计记录", "校准服务器时间（NTP）")
    else:
        yield good("时间", f"系统时间 {now:%Y-%m-%d %H:%M:%S}（北京时间），不早于审计记录；请确认已启用 NTP")
