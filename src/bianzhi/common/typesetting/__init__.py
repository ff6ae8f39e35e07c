"""Typesetting papers as PDF files with Typst: template and data in, bytes out, the same for the same input.

The compiler runs in a process of its own with a time limit, reads no file but fonts, and fetches nothing. Data reach
the template as JSON, never as markup, so no text of a form can be taken for an instruction. Characters that no font
covers are named instead of leaving holes in an official paper.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings

import bianzhi
from bianzhi.common.typesetting.answers import FAILED, MISSING, NO_FONT, OK, SEPARATOR

SECONDS: Final = 30
SOURCES: Final = Path(bianzhi.__file__).parents[1]
COMPILER: Final = "bianzhi.common.typesetting.compiler"
SHOWN_CHARACTERS: Final = 20


class TypesettingFailed(Exception):
    """The PDF could not be made; says why, in Chinese, and what to do about it."""


def font_folder() -> Path:
    """Where an administrator puts fonts of the house (方正小标宋, 仿宋_GB2312 …), beside those of the system."""
    return Path(settings.HOME) / "fonts"


def typeset(template: str, data: Mapping[str, Any], *, dated: datetime, seconds: float = SECONDS) -> bytes:
    """The PDF of a Typst template; `data` is what it reads by `json(bytes(sys.inputs.data))`, `dated` its time stamp.

    Raises TypesettingFailed without a Chinese font, for characters no font covers, and when it takes too long.
    """
    folder = font_folder()
    order = {
        "template": template,
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "fonts": [str(folder)] if folder.is_dir() else [],
        "timestamp": int(dated.timestamp()),
    }
    head, _, body = _run(json.dumps(order).encode(), seconds).partition(SEPARATOR)
    answer, detail = head.decode().split(" ", 1)
    if answer != OK:
        raise TypesettingFailed(_words(answer, json.loads(detail), folder))
    return body


def _run(order: bytes, seconds: float) -> bytes:
    command = [sys.executable, "-m", COMPILER]
    environment = {"PYTHONPATH": str(SOURCES), "PYTHONIOENCODING": "utf-8", "HOME": str(settings.HOME)}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module; all of the input goes through stdin
            command, input=order, capture_output=True, timeout=seconds, env=environment, cwd="/", check=False
        )
    except subprocess.TimeoutExpired as late:
        raise TypesettingFailed(f"生成 PDF 超过 {seconds:g} 秒，已经停止。请稍后再试，或使用打印页。") from late
    if done.returncode or SEPARATOR not in done.stdout:
        raise TypesettingFailed("排版程序没有完成，PDF 未生成。请使用打印页，并告知系统管理员查看日志。")
    return done.stdout


def _words(answer: str, detail: Any, folder: Path) -> str:
    if answer == NO_FONT:
        return (
            "服务器没有安装中文字体，无法生成 PDF。请系统管理员安装中文字体（如 fonts-noto-cjk），"
            f"或把字体文件放入 {folder}；在此之前请使用打印页。"
        )
    if answer == MISSING:
        shown = "、".join(f"{each}（U+{ord(each):04X}）" for each in detail[:SHOWN_CHARACTERS])
        more = f"等 {len(detail)} 个字符" if len(detail) > SHOWN_CHARACTERS else ""
        return (
            f"以下字符没有字体可以显示：{shown}{more}。"
            f"请系统管理员把含有这些字的字体放入 {folder}；在此之前请使用打印页。"
        )
    return {FAILED: f"排版没有成功：{detail}。请使用打印页，并告知系统管理员。"}[answer]
