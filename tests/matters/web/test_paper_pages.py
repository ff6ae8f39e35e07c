"""Papers on screen, as PDF, and checked by whoever holds one."""

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bianzhi.common import typesetting
from bianzhi.common.typesetting import TypesettingFailed
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.services.papers import issue_paper, revoke_paper
from bianzhi.matters.web import papers_pdf, verifying
from bianzhi.matters.web.verifying import typed_code, typed_number
from tests.cast import TODAY
from tests.matters.test_exit_case import resignation
from tests.matters.web.conftest import text_of

MATTERS = ("P05",)
SECRET = "王某某"


def issue(matters, case, **content) -> IssuedPaper:
    return issue_paper(
        actor=matters.deputy,
        case_id=case.pk,
        kind="receipt",
        title="人员编制核销回执",
        word="编核销",
        content=content,
        today=TODAY,
    )


@pytest.fixture
def paper(matters) -> IssuedPaper:
    case = matters.apply("P05", resignation(matters.cast.member(matters.cast.bureau)))
    return issue(
        matters,
        case,
        lines=[["姓名", SECRET], ["说明", "#panic[*不是* 标记] $x$ \\ `代码`"]],
        head=["编制", "人数"],
        rows=[["行政编制", "1"]],
        closing="请于十个工作日内办理工资停发。",
    )


def pdf_url(paper: IssuedPaper) -> str:
    return reverse("matters:paper_pdf", args=[paper.pk])


def asked(paper_number: str, code: str, client: Client | None = None):
    return (client or Client()).post(reverse("verify"), {"number": paper_number, "code": code})


def test_a_paper_is_the_same_pdf_whoever_fetches_it(matters, at_desk, paper):
    first, second = (at_desk(user).get(pdf_url(paper)) for user in (matters.clerk, matters.director))
    assert first.status_code == 200
    assert first["Content-Type"] == "application/pdf"
    assert first.content.startswith(b"%PDF-")
    assert first.content == second.content
    assert b"paper-" in first["Content-Disposition"].encode()


def test_a_paper_that_is_void_says_so_in_its_pdf(matters, at_desk, paper):
    before = at_desk(matters.clerk).get(pdf_url(paper)).content
    revoke_paper(actor=matters.deputy, paper_id=paper.pk, reason="内容有误")
    assert at_desk(matters.clerk).get(pdf_url(paper)).content != before


def test_other_units_get_neither_the_page_nor_the_pdf(matters, at_desk, paper):
    for name in ("matters:paper", "matters:paper_pdf"):
        assert at_desk(matters.outsider).get(reverse(name, args=[paper.pk])).status_code == 404


def test_without_a_pdf_the_print_page_remains(matters, at_desk, paper, monkeypatch):
    def fail(*args, **kwargs):
        raise TypesettingFailed("服务器没有安装中文字体，无法生成 PDF。")

    monkeypatch.setattr(papers_pdf, "typeset", fail)
    answer = at_desk(matters.clerk).get(pdf_url(paper))
    assert answer.status_code == 503
    assert "没有安装中文字体" in text_of(answer)
    assert reverse("matters:paper", args=[paper.pk]) in text_of(answer)


def test_the_print_page_carries_code_and_address_and_leads_to_pdf_and_check(matters, at_desk, paper):
    shown = text_of(at_desk(matters.clerk).get(reverse("matters:paper", args=[paper.pk])))
    assert " ".join(re.findall("....", paper.code)) in shown
    assert "验证地址：http://testserver/verify/" in shown
    assert pdf_url(paper) in shown
    assert "打印人" in shown


def test_a_character_no_font_has_is_named_and_no_paper_with_holes_goes_out(matters, at_desk, paper):
    rare = issue(matters, paper.case, lines=[["姓名", "王\U0010f8fe"]])
    answer = at_desk(matters.clerk).get(pdf_url(rare))
    assert answer.status_code == 503
    assert "U+10F8FE" in text_of(answer)


def test_anybody_learns_whether_a_paper_is_genuine_and_nothing_personal(paper):
    shown = text_of(asked(paper.number, paper.code))
    assert "文书真实，现行有效" in shown
    assert paper.title in shown
    assert "2026年" in shown
    assert SECRET not in shown


def test_number_and_code_may_be_typed_as_people_type(paper):
    number = paper.number.replace("〔", " [").replace("〕", "】 ")
    code = "-".join(re.findall("....", paper.code)).lower()
    assert "现行有效" in text_of(asked(number, code))


def test_what_people_type_is_read():
    assert typed_number(" 编核销（２０２６）0001号 ") == "编核销〔2026〕0001号"
    assert typed_code("abcd efgh-ＪＫＭＮ") == "ABCDEFGHJKMN"


def test_a_void_paper_is_told_to_be_void_with_the_reason(matters, paper):
    revoke_paper(actor=matters.deputy, paper_id=paper.pk, reason="内容有误")
    shown = text_of(asked(paper.number, paper.code))
    assert "文书真实，但已经作废" in shown
    assert "内容有误" in shown


def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(paper):
    wrong, unknown = asked(paper.number, "A" * 16), asked("编核销〔2026〕9999号", paper.code)
    assert wrong.status_code == unknown.status_code == 422
    assert verifying.NOT_FOUND in text_of(wrong)
    assert verifying.NOT_FOUND in text_of(unknown)


def test_who_guesses_is_stopped_for_a_while(paper):
    cache.clear()
    answers = [asked(paper.number, "B" * 16).status_code for _ in range(verifying.WRONG.most + 1)]
    assert answers[-2:] == [422, 429]
    late = asked(paper.number, paper.code)
    assert late.status_code == 429
    assert "过于频繁" in text_of(late)
    assert late["Retry-After"]


def test_the_check_page_needs_no_login_and_takes_the_number_from_its_link(paper):
    answer = Client().get(reverse("verify"), {"number": paper.number})
    assert answer.status_code == 200
    assert f'value="{paper.number}"' in text_of(answer)


def test_where_fonts_of_the_house_go(settings, tmp_path):
    settings.HOME = tmp_path
    assert typesetting.font_folder() == tmp_path / "fonts"
