"""Synthetic documents: the look of the standard, the exact truth, the same for the same seed."""

from collections import Counter
from datetime import date
from itertools import pairwise
from random import Random

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from bianzhi.recognition.sheets import Form, Paper, Wear, fonts, is_installed, made, papers, sheets
from bianzhi.recognition.sheets.breaking import NEVER_FIRST, broken
from bianzhi.recognition.sheets.drawing_lots import KINDS
from bianzhi.recognition.sheets.fonts import NoFont, Style
from bianzhi.recognition.sheets.layout import laid_out
from bianzhi.recognition.sheets.paper import in_chinese
from bianzhi.recognition.sheets.plan import LEFT, RIGHT, TEXT_WIDTH
from bianzhi.recognition.sheets.wear import worn

SMALL = 60
pytestmark = pytest.mark.skipif(not is_installed(), reason="no Chinese font on this machine")


def paper(**changes: object) -> Paper:
    facts: dict[str, object] = {
        "language": "批复", "banner": "云江区委机构编制委员会文件", "doc_no": "云编〔2025〕12号",
        "title": "关于核增编制的批复",
        "issuer": "云江区委机构编制委员会", "dated_on": date(2025, 3, 18),
        "body": ("经研究，同意核增编制3名。", "此复。"),
        "addressee": "云江区财政局",
    }  # fmt: skip
    return Paper(**(facts | changes))  # type: ignore[arg-type]


def test_every_kind_of_document_is_drawn_and_none_twice() -> None:
    drawn = list(papers(3, 3 * len(KINDS)))
    assert Counter(each.language for each in drawn) >= Counter(
        {"批复": 3, "规定": 3, "通知": 9, "请示": 3, "函": 3, "纪要": 3, "底册": 3, "简报": 3}
    )
    assert {each.form for each in drawn} == set(Form)
    assert len({each.doc_no for each in drawn}) == len(drawn)
    assert any(each.classification for each in drawn)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, second = (
        [sheet.pdf for sheet in sheets(4, 2, wear=Wear.SCAN, dpi=SMALL)],
        [sheet.pdf for sheet in sheets(4, 2, wear=Wear.SCAN, dpi=SMALL)],
    )
    assert first == second
    assert first != [sheet.pdf for sheet in sheets(5, 2, wear=Wear.SCAN, dpi=SMALL)]


def test_a_page_is_red_above_black_below_and_as_large_as_a4() -> None:
    sheet = made(paper(), wear=Wear.CLEAN, dpi=100)
    (page,) = sheet.pages
    assert page.size == (827, 1169)
    pixels = np.asarray(page).astype(int)
    red = (pixels[:, :, 0] - pixels[:, :, 1]) > 90
    assert red[:420].sum() > 2000
    line = red.sum(axis=1).max()
    assert line == pytest.approx(TEXT_WIDTH / 25.4 * 100, abs=8)
    document = pypdfium2.PdfDocument(sheet.pdf)
    assert [round(document[0].get_width()), round(document[0].get_height())] == [595, 842]
    document.close()


def test_the_truth_tells_every_character_and_where_it_stands() -> None:
    sheet = made(paper(), wear=Wear.CLEAN, dpi=100)
    text = sheet.truth.pages[0]
    for part in ("云编〔2025〕12号", "关于核增编制的批复", "云江区财政局：", "此复。", "2025年3月18日"):
        assert part in text.text
    ink = np.asarray(sheet.pages[0].convert("L")) < 140
    for word in text.words:
        assert len(word.chars) == len(word.text)
        left, top, width, height = word.box
        rows = slice(int(top * text.height), int((top + height) * text.height) + 1)
        columns = slice(int(left * text.width), int((left + width) * text.width) + 1)
        assert ink[rows, columns].any(), word.text
        ink[rows, columns] = False
    gone = ink[:, int(LEFT / 210 * text.width) : int(RIGHT / 210 * text.width)].sum()
    assert gone < 7000  # what is left are the seal and the red line


def test_the_seal_lies_over_the_date() -> None:
    text = made(paper(), wear=Wear.CLEAN, dpi=SMALL).truth.pages[0]
    (seal,) = [block.box for block in text.blocks if block.kind == "seal"]
    (day,) = [word.box for word in text.words if word.text == "2025年3月18日"]
    middle = (day[0] + day[2] / 2, day[1] + day[3] / 2)
    assert seal[0] < middle[0] < seal[0] + seal[2]
    assert seal[1] < middle[1] < seal[1] + seal[3]


def test_two_columns_are_read_one_after_the_other_and_tables_row_by_row() -> None:
    bulletin = next(each for each in papers(1, 10) if each.form is Form.BULLETIN)
    text = made(bulletin, wear=Wear.CLEAN, dpi=SMALL).truth.pages[0]
    lefts = [word.box[0] for word in text.words if word.box[1] > 0.5 and "—" not in word.text]
    turns = [number for number in range(1, len(lefts)) if lefts[number] - lefts[number - 1] > 0.3]
    assert len(turns) == 1
    register = next(each for each in papers(1, 10) if each.language == "底册")
    pages = made(register, wear=Wear.CLEAN, dpi=SMALL).truth.pages
    assert len(pages) > 1
    for page in pages:
        cells = [block for block in page.blocks if block.kind == "table"]
        assert cells[0].words[1].text == "号" or "单位" in cells[0].text


def test_wear_says_by_how_much_a_page_was_turned() -> None:
    page = Image.new("RGB", (400, 560), "white")
    for wear in Wear:
        aged, angle = worn(page, wear, Random(2))
        assert aged.size == page.size
        assert (angle == 0) == (wear is Wear.CLEAN)
    sheet = made(paper(), wear=Wear.SKEW, dpi=SMALL)
    assert 1.0 <= abs(sheet.truth.pages[0].skew) <= 3.0
    upright = sheet.pages[0].rotate(-sheet.truth.pages[0].skew, Image.Resampling.BICUBIC, fillcolor="white")
    red = np.asarray(upright).astype(int)
    rows = ((red[:, :, 0] - red[:, :, 1]) > 60).sum(axis=1)
    assert rows.max() > 250  # the red line lies level again


def test_no_line_begins_with_a_closing_mark_and_numbers_stay_whole() -> None:
    text = "同意核增云江区水利局全额拨款事业编制12名，调整后，核定编制345名；" * 6
    lines = broken(text, Style.BODY, 13.0)
    assert "".join(lines) == text
    assert not any(line[0] in NEVER_FIRST for line in lines)
    assert not any(line[-1].isdigit() and after[0].isdigit() for line, after in pairwise(lines))


def test_a_long_document_runs_over_pages_each_with_its_number() -> None:
    plans = laid_out(paper(body=("本规定自印发之日起施行。" * 12,) * 12, copies_to="区财政局"))
    assert len(plans) > 3
    assert [plan.marks[-1].text for plan in plans] == [f"— {number} —" for number in range(1, len(plans) + 1)]
    assert any("抄送" in mark.text for mark in plans[-1].marks)


def test_old_papers_bear_chinese_dates_and_their_subject_words() -> None:
    old = paper(form=Form.TYPED, dated_on=date(1987, 10, 21), keywords=("机构", "编制"))
    text = made(old, wear=Wear.OLD, dpi=SMALL).truth.pages[0].text
    assert "一九八七年十月二十一日" in text
    assert "主题词：机构　编制" in text
    assert [in_chinese(number) for number in (1, 10, 12, 20, 31)] == ["一", "十", "十二", "二十", "三十一"]
    with pytest.raises(ValueError, match="100"):
        in_chinese(100)


def test_without_a_chinese_font_it_says_what_to_install(monkeypatch) -> None:
    fonts._path_of.cache_clear()
    fonts._loaded.cache_clear()
    monkeypatch.setattr(fonts, "_found", dict)
    with pytest.raises(NoFont, match="fonts-noto-cjk"):
        fonts.font(Style.BODY, 33)
    assert not fonts.is_installed()
