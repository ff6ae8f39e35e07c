"""The fonts of a machine that can write Chinese, one for each style of an official document."""

import os
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

UNIT: Final = 200
"""Size in pixels at which widths are measured; all sizes share them in proportion."""


class NoFont(RuntimeError):
    """No font on this machine writes Chinese; says so in Chinese."""


class Style(StrEnum):
    """A style of writing."""

    BODY = "body"
    TITLE = "title"
    LABEL = "label"
    PLAIN = "plain"


WANTED: Final[dict[Style, Sequence[str]]] = {
    Style.BODY: (
        "FangSong_GB2312.ttf", "simfang.ttf", "STFANGSO.TTF", "NotoSerifCJK-Regular.ttc",
        "NotoSerifCJKsc-Regular.otf", "NotoSerifSC-Regular.otf", "SourceHanSerifSC-Regular.otf", "simsun.ttc",
    ),
    Style.TITLE: (
        "FZXBSJW.TTF", "STZHONGS.TTF", "NotoSerifCJK-Bold.ttc", "NotoSerifCJKsc-Bold.otf",
        "SourceHanSerifSC-Bold.otf", "NotoSerifCJK-Regular.ttc", "simsun.ttc",
    ),
    Style.LABEL: (
        "simhei.ttf", "NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf",
        "SourceHanSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc",
    ),
    Style.PLAIN: (
        "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "SourceHanSansSC-Regular.otf", "msyh.ttc",
        "wqy-microhei.ttc", "wqy-zenhei.ttc",
    ),
}  # fmt: skip
"""File names in the order they are wanted; what is not there falls back to any other of these."""
FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/Library/Fonts",
                  "/System/Library/Fonts", "C:/Windows/Fonts")  # fmt: skip


def font(style: Style, pixels: int) -> ImageFont.FreeTypeFont:
    """The font of a style in a size. Raises NoFont where none is installed."""
    return _loaded(style, pixels)


def is_installed() -> bool:
    """Whether anything can be drawn here."""
    return bool(_found())


@cache
def width_of(style: Style, character: str) -> float:
    """How far a character moves the pen, in shares of the font size."""
    return font(style, UNIT).getlength(character) / UNIT


@cache
def _loaded(style: Style, pixels: int) -> ImageFont.FreeTypeFont:
    path = _path_of(style)
    for index in range(8 if path.suffix == ".ttc" else 1):
        face = ImageFont.truetype(str(path), pixels, index=index, layout_engine=ImageFont.Layout.BASIC)
        if "CJK" not in (face.getname()[0] or "") or (face.getname()[0] or "").endswith("SC"):
            return face
    return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)


@cache
def _path_of(style: Style) -> Path:
    there = _found()
    others = [name for names in WANTED.values() for name in names]
    for name in (*WANTED[style], *others):
        if name.lower() in there:
            return there[name.lower()]
    raise NoFont("服务器没有安装中文字体，无法生成演示公文。请安装中文字体（如 fonts-noto-cjk）。")


@cache
def _found() -> dict[str, Path]:
    """Wanted font files by name in lower case."""
    wanted = {name.lower() for names in WANTED.values() for name in names}
    found: dict[str, Path] = {}
    for path in _files():
        if path.name.lower() in wanted:
            found.setdefault(path.name.lower(), path)
    return found


def _files() -> Iterator[Path]:
    for folder in FOLDERS:
        for root, _, names in os.walk(Path(folder).expanduser()):
            yield from (Path(root) / name for name in sorted(names))
