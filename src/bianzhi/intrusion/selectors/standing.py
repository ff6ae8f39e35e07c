"""Signs in how the platform stands: its files, its record, its clock, its database, its keys."""

import os
import stat
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from bianzhi.audit.anchors import places
from bianzhi.audit.models import AuditEntry
from bianzhi.common import integrity
from bianzhi.intake import quarantine
from bianzhi.intrusion import installation
from bianzhi.intrusion.rules.signs import PLATFORM, Event, Sign, counted, stands
from bianzhi.intrusion.selectors.acts import person
from bianzhi.intrusion.selectors.in_force import InForce
from bianzhi.intrusion.structure import broken_promises, structure_now

SEALED: Final = "intrusion.installation_sealed"
CLOCK_SLACK: Final = timedelta(minutes=2)
LOOKED_BACK: Final = 2_000


def harmful_files(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Files in quarantine, by the account that sent them."""
    groups: dict[int | None, list[quarantine.Isolated]] = defaultdict(list)
    for one in quarantine.isolated(rule.since(now)):
        if one.at <= now:
            groups[one.account].append(one)
    for account, found in groups.items():
        subject = PLATFORM if account is None else person(account)
        events = [Event(one.at, what=one.sha256) for one in found]
        reasons = list(dict.fromkeys(one.reason for one in found))[:20]
        yield from _if(counted(rule.code, subject, events, rule.threshold, findings=reasons))


def changed_installation(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Program and packages against the manifest, and the manifest against what the record says of it."""
    yield from _if(stands(rule.code, _installation_findings(), now))


def _installation_findings() -> Iterator[str]:
    try:
        before = installation.kept()
    except installation.NoManifest as problem:
        yield str(problem)
        return
    sealed = AuditEntry.objects.filter(action=SEALED).order_by("-seq").first()
    if sealed is None or f'"{before.digest}"' not in sealed.facts:
        yield "程序清单与审计记录中的摘要不符：清单被改动"
    yield from installation.differences(before, installation.take_stock())


def damaged_packages(rule: InForce, now: datetime) -> Iterator[Sign]:
    """The same, and every file of every installed package read again."""
    yield from _if(stands(rule.code, [*_installation_findings(), *installation.damaged_packages()], now))


def failing_record(rule: InForce, now: datetime) -> Iterator[Sign]:
    """The chain and every sealed row, walked from end to end."""
    yield from _if(stands(rule.code, _proofs("audit.chain", "audit.rows"), now))


def failing_anchors(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Anchors that do not fit the chain, and places that take none."""
    down = [f"锚点处 {place.name} 收不到新锚点：{places.state_of(place).error}" for place in places.down()]
    yield from _if(stands(rule.code, [*down, *_proofs("audit.anchors")], now))


def old_backup(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Backups that know more of the chain than the database does."""
    yield from _if(stands(rule.code, _proofs("recovery.backups"), now))


def _proofs(*names: str) -> Iterator[str]:
    known = {check.name for check in integrity.registered()}
    for _, findings in integrity.run([name for name in names if name in known]):
        yield from map(str, findings)


def clock_set_back(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Acts recorded later than it is now, or later than acts that came after them."""
    rows = AuditEntry.objects.order_by("-seq").values_list("seq", "recorded_at")[:LOOKED_BACK]
    yield from _if(stands(rule.code, _backward(list(rows), rule.since(now), now), now))


def _backward(rows: list[tuple[int, datetime]], since: datetime, now: datetime) -> Iterator[str]:
    if rows and rows[0][1] - now > CLOCK_SLACK:
        shown = timezone.localtime(rows[0][1])
        yield f"审计记录 {rows[0][0]} 记于 {shown:%Y-%m-%d %H:%M:%S}，晚于现在的系统时间"
    for (seq, at), (_, before) in pairwise(rows):
        if at >= since and before - at > CLOCK_SLACK:
            span = f"{timezone.localtime(before):%Y-%m-%d %H:%M:%S} 回到 {timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
            yield f"审计记录 {seq} 之前，系统时间从 {span}"


def changed_structure(rule: InForce, now: datetime) -> Iterator[Sign]:
    """The database against the migrations and against the manifest."""
    findings = list(broken_promises())
    with suppress(installation.NoManifest):  # told by the rule about the installation
        findings += installation.structure_differences(installation.kept(), structure_now())
    yield from _if(stands(rule.code, dict.fromkeys(findings), now))


def exposed_keys(rule: InForce, now: datetime) -> Iterator[Sign]:
    """Key files others can read, or that lie where backups do."""
    yield from _if(stands(rule.code, exposed_key_files(), now))


def exposed_key_files() -> Iterator[str]:
    """What is wrong with the files of keys."""
    for path in key_files():
        told = path.stat()
        if os.name == "posix" and stat.S_IMODE(told.st_mode) & 0o077:
            yield f"{path} 的权限是 {stat.S_IMODE(told.st_mode):o}，他人可以读取，应为 600"
        if os.name == "posix" and told.st_uid not in (0, os.getuid()):
            yield f"{path} 不属于运行平台的账号"
        if settings.BACKUP_DIR and path.resolve().is_relative_to(Path(settings.BACKUP_DIR).resolve()):
            yield f"{path} 在备份目录内：备份丢失等于密钥丢失"


def key_files() -> list[Path]:
    """The files of keys and secrets that are there."""
    home = Path(settings.HOME)
    named = [Path(settings.FIELD_KEYS), *(Path(p) for p in (settings.ANCHOR_KEY_FILE, settings.BACKUP_KEY_FILE) if p)]
    found = [*named, *(home / "keys").glob("*"), *(home / "secrets").glob("*")]
    return sorted({path.resolve() for path in found if path.is_file()})


def _if(sign: Sign | None) -> Iterator[Sign]:
    if sign is not None:
        yield sign
