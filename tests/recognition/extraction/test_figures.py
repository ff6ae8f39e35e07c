"""Numbers of quota and posts in sentences, one by one."""

import pytest

from bianzhi.recognition.document import Block, PageText, Word
from bianzhi.recognition.extraction import extract


def page(*lines: str) -> PageText:
    words = tuple(
        Word(line, (0.13, 0.1 + 0.035 * number, 0.0265 * len(line), 0.02)) for number, line in enumerate(lines)
    )
    return PageText(1, 1654, 2339, 200, 0, 0.0, False, "ocr", (Block("text", (0.1, 0.1, 0.8, 0.8), words),))


def figures(*lines: str) -> dict[str, str]:
    return {each.field: each.value for each in extract([page(*lines)], {}) if ":" in each.field}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("经研究，同意核增你局行政编制3名。", {"increase:A1": "3"}),
        ("同意核增3名行政编制，专项用于安全监管。", {"increase:A1": "3"}),
        ("收回全额拨款事业编制十二名。", {"decrease:B1": "12"}),
        ("核定事业编制20名。", {"quota:B": "20"}),
        ("核定编制20名。", {"quota:any": "20"}),
        ("核定事业编制（差额拨款）20名。", {"quota:B2": "20"}),
        ("调整后，核定政法专项编制105名、机关工勤编制2名。", {"quota:A2": "105", "quota:C1": "2"}),
        ("核减参公事业编制2名，调整后，核定参公事业编制18名。", {"decrease:B4": "2", "quota:B4": "18"}),
        ("设局长1名，副局长3名。", {"post:org_chief": "1", "post:org_deputy": "3"}),
        ("领导职数：正职1名，副职2名；内设机构正职5名，内设机构副职2名。",
         {"post:org_chief": "1", "post:org_deputy": "2", "post:body_chief": "5", "post:body_deputy": "2"}),
        ("领导职数；正职1名，副职4名。", {"post:org_chief": "1", "post:org_deputy": "4"}),
        ("核定科级领导职数：科长4名，副科长2名。", {"post:body_chief": "4", "post:body_deputy": "2"}),
        ("核增行政编制l名。", {"increase:A1": "1"}),
        ("根据机构改革要求，核定行政编制35名，科级领导职数：正职6名。", {"quota:A1": "35", "post:org_chief": "6"}),
        ("根据区委要求核定行政编制35名。", {"quota:A1": "35"}),
        ("为落实机构改革要求，核定行政编制35名。", {"quota:A1": "35"}),
        ("按照你局申请，经研究，同意核增全额事业编制5名。", {"increase:B1": "5"}),
        ("你局申请增加行政编制3名，经研究，同意核增行政编制2名，核减事业编制1名。",
         {"increase:A1": "2", "decrease:B": "1"}),
        ("现有事业编制20名，此次核增事业编制5名，核定事业编制25名。", {"increase:B": "5", "quota:B": "25"}),
        ("现有副局长2名，核定局长1名，副局长3名。", {"post:org_chief": "1", "post:org_deputy": "3"}),
    ],
)  # fmt: skip
def test_what_is_granted_taken_or_stated_is_found(sentence, expected) -> None:
    assert figures(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "为保障工作正常开展，特申请增加行政编制3名。",
        "拟核增事业编制5名。",
        "现有行政编制20名，已全部使用。",
        "根据工作需要，申请核增行政编制3名，事业编制5名。",
        "根据实际，要求核增行政编制3名。",
        "建议核增行政编制2名，核减事业编制3名。",
        "申请如下，请同意核增行政编制3名。",
        "恳请同意核增行政编制3名。",
        "现有行政编制20名，事业编制5名。",
        "现有行政编制20名，申请核增行政编制5名。",
        "现有副局长2名，配备局长1名。",
        "局长1人出席会议。",
        "人员3名参加培训。",
        "核增行政编制若干名。",
    ],
)
def test_what_is_asked_for_or_only_told_is_not_granted(sentence) -> None:
    assert figures(sentence) == {}


def test_a_sentence_broken_over_two_lines_is_one_sentence() -> None:
    found = figures("经编委会议研究，并报区委同意，决定同意核增你局行政", "编制12名。")
    assert found == {"increase:A1": "12"}


def test_a_figure_with_a_letter_in_it_is_less_sure() -> None:
    clean, repaired = (extract([page(f"核增行政编制{text}名。")], {})[0].confidence for text in ("11", "1l"))
    assert repaired < 0.8 < clean


def test_two_different_figures_are_both_offered() -> None:
    found = extract([page("核定行政编制20名。", "核定行政编制22名。")], {})
    assert [each.value for each in found if each.field == "quota:A1"] == ["20", "22"]


def test_a_number_told_once_with_and_once_without_its_type_is_one_figure() -> None:
    assert figures("关于第一小学核增编制2名的批复。", "同意核增中小学教职工编制2名。") == {"increase:B5": "2"}
    assert figures("核定人员编制12名，其中行政编制10名，机关工勤编制2名。") == {"quota:A1": "10", "quota:C1": "2"}
    assert figures("核定人员编制15名，其中行政编制10名。") == {"quota:A1": "10", "quota:any": "15"}
