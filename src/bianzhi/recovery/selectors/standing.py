"""How backup and recovery stand: what an administrator must see at one glance."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from bianzhi.recovery.models import Drill
from bianzhi.recovery.sets.folders import KeptSet, sets_in

OLDEST_BACKUP: Final = timedelta(hours=26)
"""A daily backup and two hours for it to run."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The folder, its sets newest first, and what is wrong."""

    folder: str
    sets: list[KeptSet] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def newest(self) -> KeptSet | None:
        """The newest set nobody has found damaged."""
        return next((one for one in self.sets if one.is_sound), None)


def folder() -> Path | None:
    """The folder of the scheduled backups, where one is set."""
    return Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else None


def standing(now: datetime | None = None) -> Standing:
    """How it stands at a moment, now by default."""
    now = now or timezone.now()
    place = folder()
    if place is None:
        return Standing("", warnings=["没有设置备份目录（BIANZHI_BACKUP_DIR），平台不会自动备份。"])
    try:
        found = sets_in(place)
    except OSError as error:
        return Standing(str(place), warnings=[f"备份目录读不到（{error.strerror}）：请插上备份盘或检查挂载。"])
    return Standing(str(place), found, [*_about_sets(found, now), *_about_place(place), *_about_drills(now)])


def _about_sets(found: list[KeptSet], now: datetime) -> list[str]:
    sound = [one.label for one in found if one.is_sound and one.label is not None]
    told = [
        f"备份 {one.name} 不可用：{one.problem or '；'.join(one.state.problems[:3])}"
        for one in found
        if not one.is_sound
    ]
    if not sound:
        return [*told, "还没有可用的备份。"]
    age = now - sound[0].moment
    if age > OLDEST_BACKUP:
        told.append(f"最近的可用备份已是 {int(age.total_seconds()) // 3600} 小时之前。")
    if sound[0].damaged:
        told.append(f"最近的备份发现 {len(sound[0].damaged)} 个文件在备份之前就已与其摘要不符：{sound[0].damaged[0]}。")
    return told


def _about_place(place: Path) -> list[str]:
    home = Path(settings.HOME)
    told = []
    if place.stat().st_dev == home.stat().st_dev:
        told.append("备份目录与数据在同一块盘上：盘坏了会一起丢失。")
    if settings.ARCHIVE_S3:
        told.append("档案原件在对象存储（BIANZHI_ARCHIVE_S3）中，不在这里的备份之内，请由存储方另行备份。")
    return told


def _about_drills(now: datetime) -> list[str]:
    last = Drill.objects.first()
    if last is None:
        return ["还没有做过恢复演练：没有演练过的备份不能算备份。"]
    if not last.is_good:
        return [f"最近一次恢复演练（{timezone.localtime(last.begun_at):%Y-%m-%d %H:%M}）没有通过。"]
    if now - last.begun_at > timedelta(days=settings.DRILL_DAYS + 1):
        return [f"最近一次恢复演练已是 {(now - last.begun_at).days} 天之前。"]
    return []
