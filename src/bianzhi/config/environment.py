"""Small parsers of environment variables that fail loudly.

A setting that is misspelt must stop the start with a sentence naming the variable, not be taken for something else.
"""

from __future__ import annotations

import os
from pathlib import Path


class BadSetting(Exception):
    """An environment variable holds something its reader can't accept."""


def flag(name: str, *, default: bool) -> bool:
    """The on/off variable `name`. Only 1/0, true/false, yes/no and on/off are words for it."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text not in words:
        raise BadSetting(f"环境变量 {name}={text!r} 无法识别：请填 1 或 0")
    return words[text]


def number(name: str, *, default: int, at_least: int = 0) -> int:
    """The whole number in `name`, refused below `at_least`."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) < at_least:
        raise BadSetting(f"环境变量 {name}={text!r} 无法识别：请填不小于 {at_least} 的整数")
    return int(text)


def words(name: str, *, default: list[str]) -> list[str]:
    """The comma-separated list in `name`; blanks are dropped."""
    listed = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    return listed or default


def folder(name: str, *, default: Path) -> Path:
    """The absolute folder `name` points at, created for its owner alone if it isn't there."""
    path = Path(os.environ.get(name, "").strip() or default).expanduser().resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"{name} 指向的目录 {path} 无法使用：{error.strerror}") from error
    return path


def secret(name: str, *, file: Path, make: str) -> str:
    """The secret in `name`, else in the file `<name>_FILE` points at, else in `file`.

    `file` is written with the fresh value `make` (mode 600) the first time, so that a new installation needs no
    preparation and keeps its sessions over restarts.
    """
    value = os.environ.get(name, "")
    if value:
        return value
    named = os.environ.get(f"{name}_FILE", "")
    path = Path(named) if named else file
    if not named:
        _write_once(path, make)
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"密钥文件 {path} 无法读取：{error.strerror}") from error
    if not value:
        raise BadSetting(f"密钥文件 {path} 是空的：请删除它后重新启动，或写入密钥")
    return value


def _write_once(path: Path, value: str) -> None:
    """Create `path` with `value` for its owner alone; leave it as it is when it exists."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(value)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
