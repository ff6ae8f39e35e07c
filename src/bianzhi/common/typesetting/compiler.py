"""The process that typesets: reads one order from standard input, writes the answer to standard output.

A module of its own so that the compiler can be stopped when it takes too long, and takes its memory with it.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import typst

from bianzhi.common.typesetting.answers import FAILED, MISSING, NO_FONT, OK, SEPARATOR
from bianzhi.common.typesetting.coverage import Coverage, NotAFont

PROBE: Final = "编制办〔〕"
STYLES: Final[Mapping[str, Sequence[str]]] = {
    "body": ("FangSong_GB2312", "FangSong", "STFangsong", "FandolFang R", "Zhuque Fangsong (technical preview)"),
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong"),
    "label": ("SimHei", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"),
}
"""Fonts of official papers; what is not installed is passed over."""
REST: Final = ("Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "STSong", "Noto Sans CJK SC", "Source Han Sans SC")
UPRIGHT: Final = "normal"
INVISIBLE: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
"""Not those of private use: names typed in older systems have characters there that only their own font shows."""


def faces(fonts: Iterable[typst.FontInfo]) -> dict[str, Coverage]:
    """One upright face of every family that can write Chinese."""
    found: dict[str, Coverage] = {}
    ordered = sorted(fonts, key=lambda each: (each.family, each.style != UPRIGHT, abs(each.weight - 400), each.index))
    for font in ordered:
        if font.path is None or font.family in found:
            continue
        coverage = Coverage(Path(font.path), font.index)
        try:
            if all(character in coverage for character in PROBE):
                found[font.family] = coverage
        except NotAFont:
            continue
    return found


def chosen(installed: Iterable[str]) -> dict[str, list[str]]:
    """For each style of writing the families to try, in their order."""
    names = list(installed)
    spare = [*(name for name in REST if name in names), *names]
    return {
        style: list(dict.fromkeys([*(name for name in wanted if name in names), *spare]))
        for style, wanted in STYLES.items()
    }


def uncovered(texts: str, coverages: Iterable[Coverage]) -> list[str]:
    """The characters of a text that no font has."""
    left = {character for character in texts if unicodedata.category(character) not in INVISIBLE}
    for coverage in coverages:
        left = {character for character in left if character not in coverage}
    return sorted(left)


def answer(order: Mapping[str, Any]) -> tuple[str, Any, bytes]:
    """The kind of answer, its detail, and the PDF."""
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=order["fonts"])
    installed = faces(fonts.fonts())
    if not installed:
        return NO_FONT, None, b""
    data = json.loads(order["data"])
    missing = uncovered(order["template"] + json.dumps(data, ensure_ascii=False), installed.values())
    if missing:
        return MISSING, missing, b""
    try:
        made = typst.compile(
            order["template"].encode(),
            format="pdf",
            font_paths=fonts,
            sys_inputs={"data": order["data"], "fonts": json.dumps(chosen(installed))},
            timestamp=order["timestamp"],
        )
    except typst.TypstError as error:
        return FAILED, error.message, b""
    return OK, None, made


def main() -> None:
    """One order, one answer."""
    kind, detail, body = answer(json.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(f"{kind} {json.dumps(detail, ensure_ascii=False)}".encode() + SEPARATOR + body)


if __name__ == "__main__":
    main()
