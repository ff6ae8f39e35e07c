"""A mark of secrecy is told from a text that speaks of secrets; terms are proposed by what a paper decides."""

from __future__ import annotations

import pytest

from bianzhi.archives.rules.marking import mark_on
from bianzhi.archives.rules.splitting import as_pieces, title_of_draft, whole
from bianzhi.archives.rules.stages import STAGES, remaining
from bianzhi.archives.rules.suggesting import suggest_retention, suggest_year

MARKED = {
    "机密★10年": "机密",
    "机 密 ★ 10 年": "机密",
    "秘密": "秘密",
    "绝密★长期": "绝密",
    "000001 机密★1年 特急": "机密",
    "机密☆5年": "机密",
    "机密*10年": "机密",
    "秘密10年": "秘密",
    "密级：秘密": "秘密",
    "【机密】": "机密",
    "秘密★六个月": "秘密",
    "文件头\n机密★3年\n标题": "机密",
    "本文机密★10年印发": "机密",
}
UNMARKED = (
    "",
    "国家秘密的密级分为绝密、机密、秘密三级。",
    "保守国家秘密",
    "密级：内部",
    "密级（绝密、机密、秘密）",
    "密级：绝密、机密、秘密",
    "负责机密文件的收发",
    "涉密人员管理办法",
    "商业秘密保护",
)


@pytest.mark.parametrize("text", MARKED)
def test_a_marked_page_is_recognised(text):
    assert mark_on(text) == MARKED[text]


@pytest.mark.parametrize("text", UNMARKED)
def test_a_page_that_speaks_of_secrets_is_not_marked(text):
    assert mark_on(text) == ""


@pytest.mark.parametrize(
    ("title", "language", "term"),
    [
        ("关于核定测试区财政局人员编制的批复", "批复", "Y"),
        ("测试区审计局主要职责内设机构和人员编制规定", "三定规定", "Y"),
        ("关于某事的批复", "批复", "Y"),
        ("关于要求增加自收自支事业编制的请示", "请示", "Y"),
        ("关于开展机构编制和实名制管理自查工作的通知", "通知", "D30"),
        ("关于报送年度工作情况的报告", "报告", "D30"),
        ("关于国庆节放假的通知", "通知", "D10"),
        ("关于机构编制统计会议通知", "通知", "D10"),
    ],
)
def test_a_term_is_proposed_by_what_the_paper_decides(title, language, term):
    assert suggest_retention(title, language).value == term


def test_the_year_is_that_of_the_date_and_of_nothing_else():
    year = suggest_year("2026-03-02")
    assert year is not None
    assert year.value == "2026"
    assert suggest_year("2026年3月") is None


def test_pieces_have_first_and_last_pages_and_drafts_are_told_apart():
    assert as_pieces([range(1, 3), range(4, 4), range(4, 8)]) == [(1, 2), (4, 7)]
    assert whole(3) == [(1, 3)]
    assert whole(0) == []
    assert title_of_draft("一批.zip/财政局/批复.pdf", 1, 1) == "批复"
    assert title_of_draft("扫描", 2, 3) == "扫描（2）"


def test_what_follows_a_stage_that_is_done_again_is_done_again():
    passed = {stage.name: stage.version for stage in STAGES}
    assert remaining(passed) == []
    assert [stage.name for stage in remaining({**passed, "candidates": "0"})] == ["candidates", "suggest"]
    assert [stage.name for stage in remaining({})] == [stage.name for stage in STAGES]
