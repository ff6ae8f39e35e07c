"""Rows side by side: only what means something else is marked, character by character, and numbers stay masked."""

from __future__ import annotations

import re

import pytest

from bianzhi.exchange.web.comparing import compare, id_numbers

NUMBER = "330699199005060015"


def cells(column: str, *texts: str | None, sources: tuple[str, ...] = ("establishment", "finance", "hr"), **more):
    rows = [{"source": source, "row": 2, column: text} for source, text in zip(sources, texts, strict=False)]
    return compare(rows, {}, **more).lines


def marks(html: str) -> list[str]:
    return re.findall(r"<mark[^>]*>(.*?)</mark>", html)


@pytest.mark.parametrize(
    ("column", "left", "right"),
    [
        ("birth", "1990-05-06", "19900506"),
        ("birth", "1990-05-06", "1990.5"),
        ("id_number", NUMBER, f" {NUMBER} "),
        ("quota_type", "行政编制", "行政"),
        ("sex", "男", "M"),
        ("name", "王 伟", "王伟"),
        ("pay", "5200", "6100"),
    ],
)
def test_another_writing_of_the_same_is_no_difference(column, left, right):
    (line,) = cells(column, left, right)
    assert not line.is_different
    assert not any(marks(cell) for cell in line.cells)


@pytest.mark.parametrize(
    ("column", "left", "right", "marked"),
    [
        ("name", "王伟", "王玮", ["玮"]),
        ("name", "王晓伟", "王伟晓", ["伟晓"]),
        ("unit", "财政局", "区财政局", ["区"]),
        ("birth", "1990-05-06", "1991-05-06", ["1"]),
    ],
)
def test_the_characters_that_differ_are_marked_on_either_side(column, left, right, marked):
    (line,) = cells(column, left, right)
    assert line.is_different
    assert marks(line.cells[1]) == marked
    assert "（不同）" in line.cells[1]


def test_of_several_each_is_held_against_the_first():
    (line,) = cells("name", "王伟", "王玮", "王伟")  # shown in the usual order: 编办, 人社局, 财政局
    assert [marks(cell) for cell in line.cells] == [[], [], ["玮"]]


def test_a_number_is_masked_and_the_place_of_the_wrong_digit_is_still_seen():
    wrong = NUMBER[:9] + "7" + NUMBER[10:]
    (line,) = cells("id_number", NUMBER, wrong)
    html = "".join(line.cells)
    assert NUMBER[6:17] not in html
    assert wrong[6:17] not in html
    assert marks(line.cells[1]) == ["*"]
    assert line.cells[1].index("<mark") == 9


def test_what_a_department_is_known_to_call_a_unit_is_no_difference():
    (known,) = cells("unit", "测试区财政局", "区财政", units={("finance", "区财政"): "测试区财政局"})
    (unknown,) = cells("unit", "测试区财政局", "区财政")
    assert (known.is_different, unknown.is_different) == (False, True)


def test_a_department_without_a_row_and_a_cell_without_a_word_are_told_apart():
    rows = [
        {"source": "establishment", "row": 2, "name": "王伟", "sex": ""},
        {"source": "hr", "row": 3, "name": "王伟", "sex": "男"},
    ]
    found = compare(rows, {"": ("", "")}, ("establishment", "hr", "finance"))
    assert [(side.label, side.is_missing) for side in found.sides] == [
        ("编办", False),
        ("人社局", False),
        ("财政局", True),
    ]
    sex = found.lines[1]
    assert "空" in sex.cells[0]
    assert sex.cells[2] == "—"


def test_two_rows_of_a_department_are_numbered_and_lead_to_their_file():
    rows = [{"source": "finance", "delivery": "d1", "row": row, "name": "王伟"} for row in (4, 9)]
    found = compare(rows, {"d1": ("工资册.xlsx", "/delivery/")})
    assert [(side.label, side.place, side.url) for side in found.sides] == [
        ("财政局（1）", "工资册.xlsx 第 4 行", "/delivery/"),
        ("财政局（2）", "工资册.xlsx 第 9 行", "/delivery/"),
    ]


def test_what_departments_wrote_is_never_taken_for_html():
    (line,) = cells("name", "<b>王", "<i>王")
    assert "<b>" not in "".join(line.cells)
    assert "&lt;b&gt;" in "".join(line.cells).replace('<mark class="differs">', "").replace("</mark>", "")


def test_whole_numbers_are_listed_with_whose_they_are():
    rows = [{"source": "hr", "row": 5, "id_number": NUMBER}, {"source": "finance", "row": 6, "id_number": None}]
    assert id_numbers(rows) == [("人社局 第 5 行", NUMBER)]
