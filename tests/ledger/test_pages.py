"""Pages of the ledger: what they show, to whom, and in how many queries."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.common.web import search
from bianzhi.documents.models import ApprovalDocument
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.services import allot, reduce, reverse_entry, set_posts, transfer
from tests.ledger.conftest import Books
from tests.ledger.test_decisions import staff

MAY = date(2021, 5, 1)


@pytest.fixture
def office(client: Client, books: Books) -> Client:
    """The office's clerk, logged in."""
    client.force_login(staff("office_clerk"))
    return client


@pytest.fixture
def unit_clerk(books: Books) -> User:
    """The clerk of the bureau, who sees nothing else."""
    user = User.objects.create(username="unit", display_name="单位经办")
    user.role_grants.create(role="unit_clerk", organization_id=books.bureau.pk)
    return user


@pytest.fixture
def lived(books: Books) -> Books:
    """The bureau got 20 and 2 deputies, the school 10; 3 of the bureau went to the township in May."""
    allot(
        actor=books.actor, basis=books.basis(summary="财政局设立核编"), organization_id=books.bureau.pk,
        amounts={"A1": 20}, kind=EntryKind.ESTABLISHED,
    )  # fmt: skip
    set_posts(
        actor=books.actor, basis=books.basis(summary="核定职数"), organization_id=books.bureau.pk,
        posts={"org_deputy": 2},
    )  # fmt: skip
    allot(actor=books.actor, basis=books.basis(summary="小学核编"), organization_id=books.school.pk, amounts={"B1": 10})
    transfer(
        actor=books.actor, basis=books.basis(MAY, upper=True, summary="下沉乡镇"), amounts={"A1": 3},
        from_organization_id=books.bureau.pk, to_organization_id=books.township.pk,
    )  # fmt: skip
    return books


def page(client: Client, path: str, **query: str) -> str:
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def number_of(summary: str) -> str:
    return LedgerEntry.objects.get(summary=summary).number


# --- the list ----------------------------------------------------------------------------------------------------


def test_the_list_tells_each_entry_with_unit_amount_and_document(office: Client, lived: Books) -> None:
    text = page(office, "/ledger/")
    for shown in (
        "财政局设立核编",
        "行政 +20",
        "副职 +2",
        "测试区财政局 → 测试区测试镇",
        "行政 3",
        "区总量",
        "行政 +100",
    ):
        assert shown in text
    assert f"/documents/{lived.office.pk}/" in text


def test_the_list_is_narrowed_by_kind_measure_document_and_days(office: Client, lived: Books) -> None:
    assert "小学核编" not in page(office, "/ledger/", kind="established")
    by_measure = page(office, "/ledger/", measure="B1")
    assert "小学核编" in by_measure
    assert "财政局设立核编" not in by_measure
    by_document = page(office, "/ledger/", document="绍市编")
    assert "下沉乡镇" in by_document
    assert "财政局设立核编" not in by_document
    by_day = page(office, "/ledger/", effective_from="2021")
    assert "下沉乡镇" in by_day
    assert "财政局设立核编" not in by_day


def test_the_list_is_narrowed_to_a_unit(office: Client, lived: Books) -> None:
    text = page(office, "/ledger/", unit=str(lived.township.pk))
    assert "下沉乡镇" in text
    assert "财政局设立核编" not in text


def test_on_a_past_day_no_entry_of_later_is_opened(office: Client, lived: Books) -> None:
    entry = LedgerEntry.objects.get(summary="下沉乡镇")
    assert office.get(f"/ledger/entries/{entry.pk}/", {"date": "2021-04-30"}).status_code == 404
    assert "下沉乡镇" in page(office, f"/ledger/entries/{entry.pk}/", date="2021-05-01")
    document = f"/documents/{entry.document_id}/"
    assert "下沉乡镇" not in page(office, document, date="2021-04-30")
    assert "下沉乡镇" in page(office, document, date="2021-05-01")


def test_the_list_shows_the_past_as_it_was_in_force_and_as_it_was_known(office: Client, lived: Books) -> None:
    assert "下沉乡镇" not in page(office, "/ledger/", date="2021-04-30")
    assert "下沉乡镇" in page(office, "/ledger/", date="2021-05-01")
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    text = page(office, "/ledger/", known=yesterday)
    assert "财政局设立核编" not in text
    assert "以后补登、冲正的不计" in text


@pytest.mark.parametrize("path", ["/ledger/", "/ledger/totals/", "/ledger/statement/"])
def test_a_day_of_knowledge_nobody_can_read_is_not_ignored(office: Client, path: str) -> None:
    answer = office.get(path, {"known": "去年"})
    assert answer.status_code == 400
    assert "不是可以识别的日期" in answer.content.decode()


def test_a_reversed_entry_is_marked(office: Client, lived: Books) -> None:
    entry = LedgerEntry.objects.get(summary="小学核编")
    reverse_entry(actor=lived.actor, entry=entry, document=lived.office, reason="应核给第二小学")
    assert "已冲正" in page(office, "/ledger/")


def test_the_queries_of_the_list_do_not_grow_with_its_rows(office: Client, lived: Books) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(office, "/ledger/", size="50")
        return len(captured)

    queries()
    few = queries()
    for _ in range(15):
        allot(actor=lived.actor, basis=lived.basis(), organization_id=lived.bureau.pk, amounts={"A1": 1})
    assert queries() == few


def test_the_list_is_exported_with_its_filters(office: Client, lived: Books) -> None:
    answer = office.get("/ledger/", {"export": "xlsx", "measure": "B1"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))["数据"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:7] == ("台账号", "生效日期", "种类", "单位", "变动摘要", "数额", "批准文号")
    assert [row[5] for row in rows[1:]] == ["全额 +10", "全额 +50"]


# --- the entry ---------------------------------------------------------------------------------------------------


def test_the_entry_shows_both_sides_the_document_and_who_recorded_it(office: Client, lived: Books) -> None:
    entry = LedgerEntry.objects.get(summary="下沉乡镇")
    text = page(office, f"/ledger/entries/{entry.pk}/")
    for shown in ("借方（转入）", "贷方（转出）", "测试区测试镇", "测试区财政局", "绍市编〔2020〕1号", "系统·测试"):
        assert shown in text
    assert f"/ledger/entries/{entry.pk}/reverse/" in text
    assert f"/ledger/figure/{lived.bureau.pk}/A1/?date=2021-05-01" in text


def test_a_reversed_entry_leads_to_its_reversal_and_offers_no_second_one(office: Client, lived: Books) -> None:
    entry = LedgerEntry.objects.get(summary="小学核编")
    reversal = reverse_entry(actor=lived.actor, entry=entry, document=lived.office, reason="应核给第二小学")
    text = page(office, f"/ledger/entries/{entry.pk}/")
    assert f"/ledger/entries/{reversal.pk}/" in text
    assert "/reverse/" not in text
    assert entry.number in page(office, f"/ledger/entries/{reversal.pk}/")


# --- scope -------------------------------------------------------------------------------------------------------


def test_a_unit_clerk_sees_the_entries_of_the_own_unit_only(client: Client, lived: Books, unit_clerk: User) -> None:
    client.force_login(unit_clerk)
    text = page(client, "/ledger/")
    assert "财政局设立核编" in text
    assert "小学核编" not in text
    assert "区总量" not in text
    assert "登记台账" not in text
    other = LedgerEntry.objects.get(summary="小学核编")
    assert client.get(f"/ledger/entries/{other.pk}/").status_code == 404


def test_the_other_unit_of_a_transfer_is_not_named_outside_its_scope(
    client: Client, lived: Books, unit_clerk: User
) -> None:
    client.force_login(unit_clerk)
    entry = LedgerEntry.objects.get(summary="下沉乡镇")
    text = page(client, f"/ledger/entries/{entry.pk}/")
    assert "管理范围以外的单位" in text
    assert "测试区测试镇" not in text
    assert "测试区测试镇" not in page(client, "/ledger/")


def test_statements_and_figures_of_other_units_are_not_there(client: Client, lived: Books, unit_clerk: User) -> None:
    client.force_login(unit_clerk)
    assert client.get(f"/ledger/statement/{lived.bureau.pk}/").status_code == 200
    for path in ("statement/{}/", "statement/{}/sheet/", "figure/{}/B1/"):
        assert client.get(f"/ledger/{path.format(lived.school.pk)}").status_code == 404
    overview = page(client, "/ledger/statement/")
    assert "测试区财政局" in overview
    assert "测试区第一小学" not in overview


def test_the_totals_of_the_district_are_not_for_units(client: Client, lived: Books, unit_clerk: User) -> None:
    client.force_login(unit_clerk)
    answer = client.get("/ledger/totals/")
    assert answer.status_code == 403
    assert "全区数据" in answer.content.decode()


@pytest.mark.parametrize("path", ["/ledger/post/", "/ledger/post/increase/", "/ledger/entries/1/reverse/"])
def test_who_may_only_read_is_told_which_permission_is_missing(
    client: Client, lived: Books, unit_clerk: User, path: str
) -> None:
    client.force_login(unit_clerk)
    answer = client.get(path)
    assert answer.status_code == 403
    assert "登记编制台账" in answer.content.decode()


def test_documents_cited_within_the_scope_may_be_read(lived: Books, unit_clerk: User) -> None:
    lonely = ApprovalDocument.objects.create(
        doc_no="虞编〔2022〕9号", title="无关文件", issuer="区委编委", issued_on=MAY, kind="reply"
    )
    readable = set(ApprovalDocument.objects.visible_to(unit_clerk))
    assert lived.office in readable
    assert lonely not in readable


# --- statement, totals, figure -----------------------------------------------------------------------------------


def test_the_statement_shows_running_balances_and_prints_across_a3(office: Client, lived: Books) -> None:
    text = page(office, f"/ledger/statement/{lived.bureau.pk}/")
    for shown in ("财政局设立核编", "职数·副职", "结存", "下沉乡镇"):
        assert shown in text
    sheet = page(office, f"/ledger/statement/{lived.bureau.pk}/sheet/", date="2021-04-30")
    assert "sheet-a3" in sheet
    assert "编办主任：" in sheet
    assert "截止日期：2021-04-30" in sheet
    assert "下沉乡镇" not in sheet
    assert '<a href="/ledger/entries' not in sheet


def test_a_unit_without_a_ledger_has_an_empty_statement(office: Client, books: Books) -> None:
    assert "没有台账记录" in page(office, f"/ledger/statement/{books.bureau.pk}/")
    assert "还没有台账" in page(office, "/ledger/statement/")


def test_the_workbook_of_statements_carries_the_balance_of_every_row(office: Client, lived: Books) -> None:
    answer = office.get("/ledger/statement/", {"export": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    head, *rows = book["数据"].iter_rows(values_only=True)
    balance, name = head.index("行政结存"), head.index("单位名称")
    assert [(row[name], row[balance]) for row in rows] == [
        ("测试区财政局", 20), ("测试区财政局", 20), ("测试区财政局", 17), ("测试区测试镇", 3), ("测试区第一小学", None),
    ]  # fmt: skip
    assert ("截止日期", timezone.localdate().isoformat()) in list(book["说明"].iter_rows(values_only=True))


def test_a_workbook_leaves_only_with_the_permission_to_export(client: Client, lived: Books) -> None:
    head = User.objects.create(username="head", display_name="单位负责人")
    head.role_grants.create(role="unit_head", organization_id=lived.bureau.pk)
    client.force_login(head)
    assert client.get(f"/ledger/statement/{lived.bureau.pk}/", {"export": "xlsx"}).status_code == 403


def test_the_totals_show_what_was_issued_and_warn_when_little_is_left(office: Client, lived: Books) -> None:
    text = page(office, "/ledger/totals/")
    assert "编制总量" in text
    assert "W14" not in text
    allot(actor=lived.actor, basis=lived.basis(), organization_id=lived.school.pk, amounts={"B1": 39})
    assert "W14 总量逼近：区本级事业编制（全额）已使用 98.0%，预留 1 名" in page(office, "/ledger/totals/")
    assert "已使用 98.0%" not in page(office, "/ledger/totals/", date="2019-12-31")


def test_a_figure_is_explained_by_its_entries_and_documents(office: Client, lived: Books) -> None:
    text = page(office, f"/ledger/figure/{lived.bureau.pk}/A1/")
    for shown in (number_of("财政局设立核编"), "+20", ">-3<", "绍市编〔2020〕1号", "截至"):
        assert shown in text
    assert ">-3<" not in page(office, f"/ledger/figure/{lived.bureau.pk}/A1/", date="2021-04-30")
    assert "核定数为 0" in page(office, f"/ledger/figure/{lived.bureau.pk}/A2/")
    assert office.get(f"/ledger/figure/{lived.bureau.pk}/Z9/").status_code == 404


@pytest.mark.parametrize("path", ["statement/{}/", "figure/{}/A1/", "statement/"])
def test_the_queries_of_statement_and_figure_do_not_grow(office: Client, lived: Books, path: str) -> None:
    address = f"/ledger/{path.format(lived.bureau.pk)}"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page(office, address)
        return len(captured)

    queries()
    few = queries()
    for _ in range(5):
        allot(actor=lived.actor, basis=lived.basis(), organization_id=lived.bureau.pk, amounts={"A1": 2})
        reduce(actor=lived.actor, basis=lived.basis(MAY), organization_id=lived.bureau.pk, amounts={"A1": 1})
    assert queries() == few


# --- on other pages ----------------------------------------------------------------------------------------------


def test_the_page_of_a_document_lists_the_entries_resting_on_it(office: Client, lived: Books) -> None:
    text = page(office, f"/documents/{lived.office.pk}/")
    assert number_of("财政局设立核编") in text
    assert number_of("下沉乡镇") not in text


def test_the_page_of_a_unit_has_a_tab_with_its_entries(office: Client, lived: Books) -> None:
    text = page(office, f"/organizations/{lived.bureau.pk}/", tab="ledger")
    assert number_of("财政局设立核编") in text
    assert number_of("小学核编") not in text
    assert "行政 -3" in text
    assert "测试区财政局 → " not in text
    assert f"/ledger/statement/{lived.bureau.pk}/" in text


def test_entries_are_found_by_their_number_and_their_document(lived: Books, unit_clerk: User) -> None:
    clerk = staff("office_clerk", "searcher")
    for text in (number_of("小学核编"), "虞编〔2020〕3号"):
        titles = [result.title for group in search.search(clerk, text) for result in group.results]
        assert f"{number_of('小学核编')} 小学核编" in titles
    found = [group.kind for group in search.search(unit_clerk, number_of("小学核编"))]
    assert "编制台账" not in found
