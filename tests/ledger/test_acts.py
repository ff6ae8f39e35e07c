"""Posting by hand: filled in, shown with its effects, confirmed; refusals leave nothing behind."""

from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from bianzhi.common.web import once
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection
from bianzhi.ledger import objections
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.selectors.balances import approved, by_body, totals
from bianzhi.ledger.services import allot, issue_total
from bianzhi.ledger.web.acts import ACTS
from bianzhi.organizations.models import Tier
from tests.direct import agreed, by_hand
from tests.ledger.conftest import FOUNDED, Books
from tests.ledger.test_decisions import staff

MAY = date(2021, 5, 1)
DAY = {"effective_on": "2021-05-01"}
INCREASE = "/ledger/post/increase/"


@pytest.fixture
def office(client: Client, books: Books) -> Client:
    client.force_login(staff("office_clerk"))
    return client


@pytest.fixture
def director(client: Client, books: Books) -> Client:
    client.force_login(staff("office_director", "director"))
    return client


def shown(client: Client, path: str, data: dict[str, Any], status: int = 200) -> str:
    answer = by_hand(client, path, data)
    text = str(answer.content.decode())
    assert answer.status_code == status, text[text.find("<main") :]
    return text


def post(client: Client, key: str, data: dict[str, Any]) -> LedgerEntry:
    """Fill in, look at the effects, confirm; the entry that was posted."""
    path = key if key.startswith("/") else f"/ledger/post/{key}/"
    consent = agreed(by_hand(client, path, data))
    before = LedgerEntry.objects.count()
    answer = by_hand(client, path, {**data, **consent})
    assert answer.status_code == 302, answer.content.decode()
    assert LedgerEntry.objects.count() == before + 1
    entry = LedgerEntry.objects.latest("pk")
    assert answer["Location"] == f"/ledger/entries/{entry.pk}/"
    return entry


def test_the_page_of_choices_offers_every_act(office: Client) -> None:
    text = str(office.get("/ledger/post/", {"unit": "7"}).content.decode())
    for key, act in ACTS.items():
        assert act.label in text
        assert f"/ledger/post/{key}/?unit=7" in text
        assert office.get(f"/ledger/post/{key}/").status_code == 200
    assert office.get("/ledger/post/nothing/").status_code == 404


def test_an_increase_is_shown_before_and_after_and_posted_on_confirmation(office: Client, books: Books) -> None:
    data = {
        "organization": books.bureau.pk, "kind": "increase", "measure_1": "A1", "amount_1": "十二",
        "document": books.office.pk, **DAY,
    }  # fmt: skip
    text = shown(office, "/ledger/post/increase/", data)
    for piece in (
        "测试区财政局",
        "<del>0</del>",
        "+12",
        "<ins>12</ins>",
        "<del>100</del>",
        "<ins>88</ins>",
        "确认登记",
    ):
        assert piece in text
    assert LedgerEntry.objects.count() == 3
    entry = post(office, "increase", data)
    assert (entry.kind, entry.summary, entry.document) == (EntryKind.INCREASE, "核增行政编制 12 名", books.office)
    assert approved([books.bureau.pk], MAY) == {(books.bureau.pk, "A1"): 12}


def test_what_was_changed_after_the_preview_is_shown_again_instead_of_posted(office: Client, books: Books) -> None:
    data = {
        "organization": books.bureau.pk, "kind": "increase", "measure_1": "A1", "amount_1": "2",
        "document": books.office.pk, **DAY,
    }  # fmt: skip
    consent = agreed(by_hand(office, INCREASE, data))
    text = shown(office, "/ledger/post/increase/", {**data, **consent, "amount_1": "20"})
    assert "<ins>20</ins>" in text
    assert LedgerEntry.objects.count() == 3


def increase_by(books: Books, amount: str) -> dict[str, Any]:
    return {
        "organization": books.bureau.pk,
        "kind": "increase",
        "measure_1": "A1",
        "amount_1": amount,
        "document": books.office.pk,
        **DAY,
    }


def test_an_act_confirmed_twice_is_posted_once_and_the_second_is_led_to_the_entry(office: Client, books: Books) -> None:
    data = {**increase_by(books, "3"), "token": "a" * 32}
    data |= agreed(by_hand(office, INCREASE, data))
    first, second = (by_hand(office, INCREASE, data) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert LedgerEntry.objects.count() == 4
    assert approved([books.bureau.pk], MAY) == {(books.bureau.pk, "A1"): 3}


def test_a_form_whose_twin_is_being_posted_says_so_and_posts_nothing(office: Client, books: Books) -> None:
    data = {**increase_by(books, "3"), "token": "b" * 32}
    data |= agreed(by_hand(office, INCREASE, data))
    with patch.object(once, "claim", return_value=False):
        text = shown(office, INCREASE, data, status=422)
    assert "正在办理，请稍候" in text
    assert LedgerEntry.objects.count() == 3


def test_a_form_that_was_refused_may_be_sent_again(office: Client, books: Books) -> None:
    data = {**increase_by(books, "3"), "token": "c" * 32}
    consent = agreed(by_hand(office, INCREASE, data))
    shown(office, INCREASE, {**data, **consent, "shown": "of others"}, status=422)
    assert by_hand(office, INCREASE, {**data, **consent}).status_code == 302


def test_figures_that_changed_since_they_were_shown_are_shown_again_instead_of_posted(
    office: Client, books: Books
) -> None:
    data = increase_by(books, "2")
    consent = agreed(by_hand(office, INCREASE, data))
    colleague = Client()
    colleague.force_login(staff("office_clerk", "colleague"))
    post(colleague, "increase", increase_by(books, "10"))
    answer = by_hand(office, INCREASE, {**data, **consent})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "核对之后，这些账户的数字又有变动" in text
    assert "<del>10</del>" in text
    assert "<ins>12</ins>" in text
    assert approved([books.bureau.pk], MAY) == {(books.bureau.pk, "A1"): 10}
    assert by_hand(office, INCREASE, {**data, **agreed(answer)}).status_code == 302
    assert approved([books.bureau.pk], MAY) == {(books.bureau.pk, "A1"): 12}


def test_a_refusal_names_the_rule_the_figures_and_the_next_step(office: Client, books: Books) -> None:
    data = {
        "organization": books.bureau.pk, "kind": "increase", "measure_1": "A1", "amount_1": "101", **DAY,
        "new_doc_no": "虞编[2021]8号", "new_title": "关于核增编制的批复", "new_issuer": "区委编委",
        "new_issued_on": "2021-05-01", "new_issuer_level": "commission", "new_kind": "reply",
    }  # fmt: skip
    text = shown(office, "/ledger/post/increase/", data, status=422)
    for piece in ("R06", "可调出 100 名，本次要调出 101 名，不足 1 名", "先登记上级下达"):
        assert piece in text
    assert not ApprovalDocument.objects.filter(doc_no="虞编〔2021〕8号").exists()
    entry = post(office, "increase", {**data, "amount_1": "100"})
    assert entry.document.doc_no == "虞编〔2021〕8号"


def test_a_form_filled_in_half_says_what_is_missing(office: Client, books: Books) -> None:
    data = {"organization": books.bureau.pk, "kind": "increase", "measure_1": "A1", "amount_1": "1", "measure_2": "A1"}
    text = shown(office, "/ledger/post/increase/", data, status=422)
    for piece in ("类别和数额须同时填写", "请选择批准文件", "生效日期"):
        assert piece in text
    twice = shown(office, "/ledger/post/increase/", {**data, "amount_2": "3"}, status=422)
    assert "请合并数额" in twice


def test_a_cut_below_the_people_needs_the_consent_to_overstaffing_with_a_reason(office: Client, books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    data = {
        "organization": books.bureau.pk, "measure_1": "A1", "amount_1": "4", "document": books.office.pk, **DAY,
    }  # fmt: skip

    def refuse(reduction: objections.Reduction) -> list[Objection]:
        return [Objection("R02", f"实有 8 名，核减后只有 {reduction.approved} 名", next_step="请先出编")]

    with patch.object(objections, "_providers", [refuse]):
        assert "实有 8 名，核减后只有 6 名" in shown(office, "/ledger/post/decrease/", data, status=422)
        allowed = {**data, "allows_overstaffing": "on"}
        assert "须写明理由" in shown(office, "/ledger/post/decrease/", allowed, status=422)
        entry = post(office, "decrease", {**allowed, "overstaffing_reason": "两年内自然减员消化"})
    assert entry.allows_overstaffing
    assert entry.summary == "核减行政编制 4 名（允许形成超编：两年内自然减员消化）"


def test_quota_is_transferred_between_two_different_units(office: Client, books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    data = {
        "from_organization": books.bureau.pk, "to_organization": books.bureau.pk, "measure_1": "A1", "amount_1": "3",
        "document": books.upper.pk, **DAY,
    }  # fmt: skip
    assert "不能是同一个单位" in shown(office, "/ledger/post/transfer/", data, status=422)
    entry = post(office, "transfer", {**data, "to_organization": books.township.pk})
    assert entry.kind == EntryKind.TRANSFER
    assert approved([books.township.pk], MAY)[books.township.pk, "A1"] == 3


def test_a_type_of_quota_is_changed(office: Client, books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.school.pk, amounts={"B1": 9})
    issue_total(actor=books.actor, basis=books.basis(upper=True), measure="B2", tier=Tier.DISTRICT, amount=5)
    entry = post(office, "type-change", {
        "organization": books.school.pk, "from_measure": "B1", "to_measure": "B2", "amount": "5",
        "document": books.office.pk, **DAY,
    })  # fmt: skip
    assert entry.summary == "事业编制（全额） 5 名调整为事业编制（差额）"
    assert approved([books.school.pk], MAY) == {(books.school.pk, "B1"): 4, (books.school.pk, "B2"): 5}


def test_leadership_posts_are_set_and_an_unchanged_number_is_no_entry(office: Client, books: Books) -> None:
    data = {"organization": books.bureau.pk, "org_chief": "1", "org_deputy": "3", "document": books.office.pk, **DAY}
    text = shown(office, "/ledger/post/posts/", data)
    assert "核定职数累计" in text
    entry = post(office, "posts", data)
    assert entry.summary == "领导职数核定为正职 1 名、副职 3 名"
    assert "没有变动" in shown(office, "/ledger/post/posts/", data, status=422)
    nothing = {key: value for key, value in data.items() if not key.startswith("org_")}
    assert "至少填写一个层级" in shown(office, "/ledger/post/posts/", nothing, status=422)


def test_quota_is_fixed_to_an_internal_body_and_freed_again(office: Client, books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(), organization_id=books.bureau.pk, amounts={"A1": 10})
    section = books.section(books.bureau)
    data = {
        "body": section.versions.get().pk, "direction": "fix", "measure_1": "A1", "amount_1": "4",
        "document": books.office.pk, **DAY,
    }  # fmt: skip
    post(office, "body", data)
    assert by_body(books.bureau.pk, MAY) == {(section.pk, "A1"): 4}
    entry = post(office, "body", {**data, "direction": "free", "amount_1": "1"})
    assert entry.summary == "办公室收回行政编制 1 名"
    assert by_body(books.bureau.pk, MAY) == {(section.pk, "A1"): 3}


def test_a_pool_lends_to_a_unit_and_takes_back(office: Client, books: Books) -> None:
    issue_total(actor=books.actor, basis=books.basis(upper=True), measure="D1", tier=Tier.DISTRICT, amount=5)
    data = {
        "organization": books.school.pk, "direction": "lend", "measure": "D1", "amount": "2",
        "document": books.office.pk, **DAY,
    }  # fmt: skip
    assert post(office, "pool", data).kind == EntryKind.POOL
    assert totals(MAY)["rotating_pool", "district", "D1"] == 3
    post(office, "pool", {**data, "direction": "return"})
    assert totals(MAY)["rotating_pool", "district", "D1"] == 5


def test_totals_are_issued_withdrawn_and_moved_between_tiers_by_upper_documents(office: Client, books: Books) -> None:
    data = {"measure": "A1", "tier": "district", "amount": "7", "document": books.upper.pk, **DAY}
    text = shown(office, "/ledger/post/issue/", data)
    assert "上级下达（区本级）累计" in text
    assert "<del>100</del>" in text
    assert post(office, "issue", data).summary == "上级下达区本级行政编制 7 名"
    assert "R06" in shown(office, "/ledger/post/issue/", {**data, "document": books.office.pk}, status=422)
    post(office, "withdraw", {**data, "amount": "2"})
    reserve = {"measure": "A1", "amount": "5", "from_tier": "district", "to_tier": "township", **DAY}
    assert "R07" in shown(office, "/ledger/post/reserve/", {**reserve, "document": books.office.pk}, status=422)
    post(office, "reserve", {**reserve, "document": books.upper.pk})
    assert (totals(MAY)["reserve", "district", "A1"], totals(MAY)["reserve", "township", "A1"]) == (100, 35)


def test_a_clerk_is_told_that_the_director_may_set_the_rule_aside(office: Client, books: Books) -> None:
    data = {"measure": "B1", "tier": "district", "amount": "5", "document": books.office.pk, **DAY}
    text = shown(office, "/ledger/post/issue/", data, status=422)
    assert "R08 · 需主任批准" in text
    assert "编办主任" in text
    assert 'name="override"' not in text
    forged = {**data, "override": "R08", "override_reason": "我自己放行一下"}
    assert by_hand(office, "/ledger/post/issue/", forged).status_code == 403
    assert totals(MAY)["reserve", "district", "B1"] == 50


def test_the_director_sets_a_rule_aside_with_a_reason_seen_on_the_entry(director: Client, books: Books) -> None:
    data = {"measure": "B1", "tier": "district", "amount": "5", "document": books.office.pk, **DAY}
    assert 'name="override" value="R08"' in shown(director, "/ledger/post/issue/", data, status=422)
    without = shown(director, "/ledger/post/issue/", {**data, "override": "R08"}, status=422)
    assert "须写明理由" in without
    entry = post(director, "issue", {**data, "override": "R08", "override_reason": "市编办已来电同意，文件后补"})
    text = str(director.get(f"/ledger/entries/{entry.pk}/").content.decode())
    assert "市编办已来电同意，文件后补" in text
    assert "R08：事业编制总量只减不增" in text


def test_an_entry_is_reversed_from_its_page_with_the_effects_shown_first(office: Client, books: Books) -> None:
    wrong = allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 9})
    path = f"/ledger/entries/{wrong.pk}/reverse/"
    assert wrong.number in str(office.get(path).content.decode())
    data = {"document": books.office.pk, "reason": "应核给教育局"}
    assert "<del>9</del>" in shown(office, path, data)
    entry = post(office, path, data)
    assert (entry.reverses, entry.effective_on) == (wrong, MAY)
    assert entry.summary == f"冲正 {wrong.number}：应核给教育局"
    assert "已冲正或本身是冲正条目" in shown(office, path, data, status=422)


def test_an_act_can_be_dated_back_only_as_far_as_the_balances_allow(office: Client, books: Books) -> None:
    allot(actor=books.actor, basis=books.basis(MAY), organization_id=books.bureau.pk, amounts={"A1": 95})
    data = {
        "organization": books.bureau.pk, "kind": "increase", "measure_1": "A1", "amount_1": "6",
        "document": books.office.pk, "effective_on": FOUNDED.isoformat(),
    }  # fmt: skip
    assert "R06" in shown(office, "/ledger/post/increase/", data, status=422)
