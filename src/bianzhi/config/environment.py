"""Small parsers of environment variables that fail loudly.

A setting that is misspelt must stop the start with a sentence naming the variable, not be taken for something else.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path

from bianzhi.common.key_files import write_new


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


def one_of(name: str, choices: list[str]) -> str:
    """The one of `choices` that `name` names; the first when it names none."""
    text = os.environ.get(name, "").strip().lower() or choices[0]
    if text not in choices:
        raise BadSetting(f"环境变量 {name}={text!r} 无法识别：请填 {'、'.join(choices)} 之一")
    return text


def counts(name: str, *, default: str) -> str:
    """Three whole numbers parted by commas, as "7,4,12"."""
    text = os.environ.get(name, "").strip() or default
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise BadSetting(f"环境变量 {name}={text!r} 无法识别：请填三个整数，例如 {default}")
    return text


def words(name: str, *, default: list[str]) -> list[str]:
    """The comma-separated list in `name`; blanks are dropped."""
    listed = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    return listed or default


def networks(name: str) -> list[str]:
    """The addresses and networks in `name`, e.g. "10.0.0.9,10.1.0.0/16"; none by default."""
    listed = words(name, default=[])
    for each in listed:
        try:
            ip_network(each, strict=False)
        except ValueError as error:
            raise BadSetting(f"环境变量 {name} 中的 {each!r} 不是地址或网段：请写成 10.0.0.9 或 10.1.0.0/16") from error
    return listed


def folder(name: str, *, default: Path) -> Path:
    """The absolute folder `name` points at, created for its owner alone if it isn't there."""
    path = Path(os.environ.get(name, "").strip() or default).expanduser().resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"{name} 指向的目录 {path} 无法使用：{error.strerror}") from error
    return path


def refuse_half_restored(home: Path) -> None:
    """Stop in a home whose restore was interrupted; only the restore itself may go on there."""
    if (home / "RESTORE-INCOMPLETE").exists() and not os.environ.get("BIANZHI_RESTORING"):
        raise BadSetting(
            f"数据目录 {home} 的恢复没有完成，不能使用："
            f"请重新运行 ./bianzhi restore 备份 --into {home}，或换一个数据目录"
        )


def refuse_half_upgraded(home: Path) -> None:
    """Stop in a home whose upgrade goes on or was cut off; only that, and a restore elsewhere, may go on."""
    let_through = os.environ.get("BIANZHI_UPGRADING") or os.environ.get("BIANZHI_RESTORING")
    if (home / "UPGRADE-INCOMPLETE").exists() and not let_through:
        raise BadSetting(
            f"数据目录 {home} 的数据库正在升级，或升级被打断，不能使用：请等升级结束；"
            "没有升级在进行的，请运行 ./bianzhi upgrade，它先退回升级前的数据库，再重新升级"
        )


def given_secret(name: str) -> str:
    """The secret in `name`, or in the file `<name>_FILE` points at; "" where neither is set."""
    named = os.environ.get(f"{name}_FILE", "").strip()
    if os.environ.get(name) or not named:
        return os.environ.get(name, "").strip()
    return secret(name, file=Path(named), make="")


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
    if not named and not path.exists():
        write_new(path, make.encode())
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BadSetting(f"密钥文件 {path} 无法读取：{error.strerror}") from error
    if not value:
        raise BadSetting(f"密钥文件 {path} 是空的：请删除它后重新启动，或写入密钥")
    return value
