"""The home a backup is restored into: empty before, marked as incomplete until everything is proved."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils import timezone

from bianzhi.common.key_files import write_new
from bianzhi.recovery.sets.homes import KEY_FOLDERS, MARKER
from bianzhi.recovery.sets.parts import sync
from bianzhi.recovery.sets.refusing import NoRoom, refusal

MAY_BE_THERE: Final = frozenset({"keys", "secrets", "logs", "static", "work", "lost+found"})
"""What a home may hold before: keys put back, and what the platform makes by merely being started."""
ESSENTIAL: Final = frozenset({"keys/fields.json"})
"""Keys without which a part of the data cannot be read; others are made anew."""


def prepare(home: Path, set_name: str) -> None:
    """Make the home ready and mark it. Raises Refused for one that holds anything of its own.

    What an interrupted restore left is cleared away: the marker proves that nobody has worked in it.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    others = sorted(entry.name for entry in home.iterdir() if entry.name not in MAY_BE_THERE)
    if MARKER in others:
        _clear(home)
    elif others:
        ask = "恢复只写入空目录，请另选一个目录；现有数据没有改动。"
        raise refusal("BK15", f"目录 {home} 不是空的（有 {'、'.join(others[:5])}）", ask)
    begun = {"backup": set_name, "begun_at": timezone.localtime().isoformat(timespec="seconds")}
    (home / MARKER).write_text(json.dumps(begun, ensure_ascii=False) + "\n", encoding="utf-8")
    sync(home)


def _clear(home: Path) -> None:
    for entry in home.iterdir():
        if entry.name in MAY_BE_THERE or entry.name == MARKER:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def require_keys(home: Path, apart: Sequence[str], keys: Path | None) -> None:
    """Raises Refused when a key without which the data cannot be read was not put back."""
    elsewhere = settings.FIELD_KEYS.exists() and home not in settings.FIELD_KEYS.parents
    for name in sorted(ESSENTIAL.intersection(apart)):
        found = (home / name).exists() or (keys is not None and (keys / name).exists())
        if not found and not (elsewhere and os.environ.get("BIANZHI_KEYS_FILE")):
            ask = f"请把另行保存的密钥放入 {home / name}，或用 --keys 指明保存密钥的目录（内有 keys/、secrets/）。"
            raise refusal("BK22", f"没有密钥 {name}：恢复后已加密的内容打不开", ask)


def put_keys(home: Path, keys: Path | None) -> None:
    """Put back what the home does not have yet."""
    for name in sorted(KEY_FOLDERS) if keys is not None else ():
        for source in sorted((keys / name).glob("*")) if keys is not None else ():
            place = home / name / source.name
            if source.is_file() and not place.exists():
                write_new(place, source.read_bytes())


def release(home: Path) -> None:
    """Everything is on the medium and proved: the home may be used."""
    os.sync()
    (home / MARKER).unlink()
    sync(home)


def require_space(home: Path, needed: int) -> None:
    """Raises Refused where the disk is too small."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise NoRoom(f"目标盘剩余 {free // 2**20} MB，恢复需要约 {needed // 2**20} MB", "请换一块盘。")
