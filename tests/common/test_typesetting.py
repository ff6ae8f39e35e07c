"""Typesetting: the same bytes for the same words, and a sentence in Chinese when it can't be done."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from bianzhi.common.typesetting import TypesettingFailed, compiler, typeset
from bianzhi.common.typesetting.coverage import Coverage, NotAFont

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEMPLATE = """
#let it = json(bytes(sys.inputs.data))
#let fonts = json(bytes(sys.inputs.fonts))
#set text(font: fonts.body, fallback: false)
#it.words
"""
INSTALLED = compiler.faces(typst.Fonts(include_embedded_fonts=False).fonts())
with_fonts = pytest.mark.skipif(not INSTALLED, reason="no Chinese font is installed here")


@with_fonts
def test_the_same_words_are_the_same_bytes():
    first, second = (typeset(TEMPLATE, {"words": "机构编制"}, dated=DAY) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF-")
    assert typeset(TEMPLATE, {"words": "机构改革"}, dated=DAY) != first


@with_fonts
def test_words_are_never_markup():
    assert typeset(TEMPLATE, {"words": "#panic() $ * _ ` @a <b> \\"}, dated=DAY).startswith(b"%PDF-")


@with_fonts
def test_characters_that_no_font_has_are_named():
    with pytest.raises(TypesettingFailed, match=r"U\+10F8FE"):
        typeset(TEMPLATE, {"words": "姓名：王\U0010f8fe"}, dated=DAY)


@with_fonts
def test_a_template_that_fails_says_so():
    with pytest.raises(TypesettingFailed, match="排版没有成功"):
        typeset("#panic()", {"words": ""}, dated=DAY)


def test_what_takes_too_long_is_stopped():
    with pytest.raises(TypesettingFailed, match="超过 0"):
        typeset("#for i in range(100000) { for j in range(100000) { } }", {"words": ""}, dated=DAY, seconds=0.2)


def test_without_a_chinese_font_the_order_is_answered_so(monkeypatch):
    monkeypatch.setattr(compiler, "faces", lambda fonts: {})
    order = {"template": "", "data": "{}", "fonts": [], "timestamp": 0}
    assert compiler.answer(order) == ("no-font", None, b"")


def test_fonts_of_official_papers_come_before_what_else_is_there():
    order = compiler.chosen(["Noto Sans CJK SC", "Noto Serif CJK SC", "FangSong", "文泉驿"])
    assert order["body"] == ["FangSong", "Noto Serif CJK SC", "Noto Sans CJK SC", "文泉驿"]
    assert order["label"][0] == "Noto Sans CJK SC"


@with_fonts
def test_the_characters_of_a_font_are_known():
    coverage = next(iter(INSTALLED.values()))
    assert all(character in coverage for character in "编制办公室〔2026〕")
    assert compiler.uncovered("编制\u3000\u200b\n\U0010f8fe", [coverage]) == ["\U0010f8fe"]


@pytest.mark.parametrize(
    "data", [b"", b"ttcf", b"\x00\x01\x00\x00\x00\x01", b"\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"]
)
def test_a_damaged_file_is_no_font(tmp_path: Path, data: bytes):
    path = tmp_path / "broken.ttf"
    path.write_bytes(data)
    with pytest.raises(NotAFont):
        _ = "编" in Coverage(path)
