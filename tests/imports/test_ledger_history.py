"""机构编制台账: every change on its own day under its own document, posted once, never below zero."""

from datetime import date
from typing import Any

import pytest

from bianzhi.documents.models import ApprovalDocument
from bianzhi.imports.models import Action
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.selectors.balances import approved
from bianzhi.ledger.services import reverse_entry
from tests.imports.conftest import TODAY, as_csv, bring_in, check, messages, proved, xlsx
from tests.imports.test_organizations import table, unit

pytestmark = pytest.mark.django_db

HEAD = ["单位名称", "文号", "日期", "事由", "编制类型", "增", "减", "结存"]
CHANGES: list[list[Any]] = [
    ["测试区审计局", "测编[2021]3号", "2021-03-01", "增加编制", "行政编制", 5, "", 9],
    ["", "测编〔2022〕8号", "2022年8月", "核减", "行政编制", "", 2, 7],
    ["测试区第一小学", "测编（2023）2号", "2023.5.6", "增加教职工编制", "教职工编制", 4, "", ""],
]


def history(*, rows=None) -> bytes:
    return xlsx(("台账", [["测试区机构编制台账", *[""] * 7], HEAD, *(CHANGES if rows is None else rows)]))


def balance(organization_id: int, measure: str, day: date = TODAY) -> int:
    return approved([organization_id], day).get((organization_id, measure), 0)


def test_changes_are_posted_on_their_days_with_their_documents(cast):
    before = balance(cast.audit_office.pk, "A1")
    batch = bring_in(history(), "ledger-history")
    assert batch.result["台账条目"] == 3
    pk = cast.audit_office.pk
    assert balance(pk, "A1", date(2021, 2, 28)) == before
    assert balance(pk, "A1", date(2021, 3, 1)) == before + 5
    assert balance(pk, "A1") == before + 3
    assert balance(cast.school.pk, "B5") == 24
    entry = LedgerEntry.objects.get(document__doc_no="测编〔2021〕3号")
    assert (entry.kind, entry.effective_on, entry.summary) == (EntryKind.INCREASE, date(2021, 3, 1), "增加编制")
    assert LedgerEntry.objects.get(document__doc_no="测编〔2022〕8号").kind == EntryKind.DECREASE
    assert proved() == []


def test_the_same_ledger_again_posts_nothing(cast):
    bring_in(history(), "ledger-history")
    assert check(history(), "ledger-history").plan.actions == {Action.SAME: 3}
    assert bring_in(history(), "ledger-history").result == {}


def test_a_decrease_below_zero_is_an_error_at_its_cell(cast):
    found = check(
        history(rows=[["测试区审计局", "测编〔2021〕3号", "2021-03-01", "核减", "行政编制", "", 9, ""]]),
        "ledger-history",
    )
    assert "只有 4 名，不能减少 9 名（R06）" in messages(found)
    assert len(found.table.rejected) == 1


def test_balances_alone_tell_the_changes(cast):
    rows = [
        ["单位名称", "文号", "日期", "编制类型", "变动后编制数"],
        ["测试区第一小学", "测编〔2021〕1号", "2021-01-01", "全额事业编制", 10],
        ["测试区第一小学", "测编〔2022〕1号", "2022-01-01", "全额事业编制", 13],
        ["测试区第一小学", "测编〔2023〕1号", "2023-01-01", "全额事业编制", 12],
    ]
    bring_in(as_csv(rows), "ledger-history", name="台账.csv")
    pk = cast.school.pk
    days = [date(2021, 6, 1), date(2022, 6, 1), date(2023, 6, 1)]
    assert [balance(pk, "B1", day) for day in days] == [10, 13, 12]


def test_a_transfer_told_by_both_units_is_posted_once(cast):
    rows = [
        ["单位名称", "文号", "日期", "事由", "编制类型", "增减", "对方单位"],
        ["测试区审计局", "测编〔2021〕1号", "2021-01-01", "划入", "行政编制", 2, "测试区财政局"],
        ["测试区财政局", "测编〔2021〕1号", "2021-01-01", "划出", "行政编制", -2, "测试区审计局"],
    ]
    bring_in(as_csv(rows), "ledger-history", name="台账.csv")
    assert (balance(cast.audit_office.pk, "A1"), balance(cast.bureau.pk, "A1")) == (6, 8)
    assert LedgerEntry.objects.filter(kind=EntryKind.TRANSFER).count() == 1
    assert check(as_csv(rows), "ledger-history", name="台账.csv").plan.writes is False


TRANSFERS: list[list[Any]] = [
    ["单位名称", "文号", "日期", "事由", "编制类型", "增减", "对方单位"],
    ["测试区测试镇", "测编〔2021〕1号", "2021-01-01", "划入", "行政编制", 2, "测试区财政局"],
    ["测试区测试镇", "测编〔2021〕1号", "2021-01-01", "划入", "行政编制", 2, "测试区审计局"],
]


def test_as_much_from_two_units_under_one_document_is_two_transfers(cast):
    before = balance(cast.township.pk, "A1")
    bring_in(as_csv(TRANSFERS), "ledger-history", name="台账.csv")
    assert balance(cast.township.pk, "A1") == before + 4
    assert (balance(cast.audit_office.pk, "A1"), balance(cast.bureau.pk, "A1")) == (2, 8)
    assert check(as_csv(TRANSFERS), "ledger-history", name="台账.csv").plan.actions == {Action.SAME: 2}


def test_the_plan_counts_the_same_row_once_as_the_ledger_does(cast):
    rows = [*TRANSFERS[:2], *[["测试区审计局", "测编〔2022〕1号", "2022-01-01", "增编", "行政编制", 1, ""]] * 2]
    assert check(as_csv(rows), "ledger-history", name="台账.csv").plan.actions == {Action.CREATE: 2, Action.SAME: 1}
    bring_in(as_csv(rows), "ledger-history", name="台账.csv")
    assert balance(cast.audit_office.pk, "A1") == 5


def test_what_was_reversed_is_new_again(cast):
    bring_in(as_csv(TRANSFERS[:2]), "ledger-history", name="台账.csv")
    entry = LedgerEntry.objects.get(document__doc_no="测编〔2021〕1号")
    reverse_entry(actor=cast.office, entry=entry, document=cast.document, reason="误登一笔")
    assert check(as_csv(TRANSFERS[:2]), "ledger-history", name="台账.csv").plan.actions == {Action.CREATE: 1}


UNDOCUMENTED: list[list[Any]] = [["区大数据局", "", "2019-03-01", "三定", "行政编制", 15, "", 15]]


def test_a_row_without_a_document_is_known_when_its_file_is_read_again(cast):
    bring_in(table(), "organizations", opening_on="2026-01-01")
    bring_in(history(rows=UNDOCUMENTED), "ledger-history")
    assert check(history(rows=UNDOCUMENTED), "ledger-history").plan.actions == {Action.SAME: 1}
    assert bring_in(history(rows=UNDOCUMENTED), "ledger-history").result == {}
    pk = unit("区大数据局").organization_id
    assert (balance(pk, "A1", date(2019, 3, 1)), balance(pk, "A1")) == (15, 18)


def test_an_opening_is_not_taken_for_a_change_without_a_document():
    bring_in(table(), "organizations", opening_on="2026-01-01")
    rows = [["区大数据局", "", "2026-01-01", "三定", "行政编制", 18, "", ""]]
    assert check(history(rows=rows), "ledger-history").plan.actions == {Action.CREATE: 1}


def test_rows_that_rest_on_one_document_of_the_register_are_not_dropped_in_silence():
    bring_in(table(), "organizations", opening_on="2026-01-01")
    documented = [["区大数据局", "云编〔2019〕3号", *UNDOCUMENTED[0][2:]]]
    bring_in(history(rows=documented), "ledger-history")
    paper = ApprovalDocument.objects.get(doc_no="云编〔2019〕3号")
    with pytest.raises(Refused, match="有 1 笔变动在同一文件"):
        bring_in(history(rows=UNDOCUMENTED), "ledger-history", document=paper.pk)
    assert balance(unit("区大数据局").organization_id, "A1") == 18


def test_a_rejected_row_is_no_balance_the_next_starts_from(cast):
    rows = [
        ["单位名称", "文号", "日期", "编制类型", "变动后编制数", "对方单位"],
        ["测试区第一小学", "测编〔2021〕1号", "2021-01-01", "全额事业编制", 10, "没有这个单位"],
        ["测试区第一小学", "测编〔2022〕1号", "2022-01-01", "全额事业编制", 13, ""],
    ]
    bring_in(as_csv(rows), "ledger-history", name="台账.csv", skip_rejected=True)
    assert balance(cast.school.pk, "B1") == 13


def test_history_of_a_unit_opened_with_its_number_details_that_number():
    bring_in(table(), "organizations", opening_on="2026-01-01")
    rows = [
        ["区大数据局", "云编〔2019〕3号", "2019-03-01", "三定", "行政编制", 15, "", 15],
        ["区大数据局", "云编〔2023〕3号", "2023-03-01", "增编", "行政编制", 2, "", 17],
    ]
    found = check(history(rows=rows), "ledger-history")
    assert "台账累计 17 名，期初登记为 18 名，相差 1 名" in messages(found)
    bring_in(history(rows=rows), "ledger-history")
    pk = unit("区大数据局").organization_id
    days = [date(2020, 1, 1), date(2025, 1, 1), date(2026, 1, 1), TODAY]
    assert [balance(pk, "A1", day) for day in days] == [15, 17, 18, 18]
    assert bring_in(history(rows=rows), "ledger-history").result == {}
    assert proved() == []


def test_leadership_posts_need_their_level(cast):
    rows = [
        ["单位名称", "文号", "日期", "职数类别", "领导职数增减"],
        ["测试区审计局", "测编〔2021〕1号", "2021-01-01", "副职", 2],
        ["测试区审计局", "测编〔2021〕2号", "2021-02-01", "", 1],
    ]
    found = check(as_csv(rows), "ledger-history", name="台账.csv")
    assert "没有写职数类别" in messages(found)
    bring_in(as_csv(rows), "ledger-history", name="台账.csv", skip_rejected=True)
    assert balance(cast.audit_office.pk, "org_deputy") == 2


def test_a_row_without_a_day_or_an_unknown_unit_is_refused(cast):
    rows = [
        ["测试区审计局", "测编〔2021〕3号", "", "增编", "行政编制", 1, "", ""],
        ["测试区统计局", "测编〔2021〕4号", "2021-03-01", "增编", "行政编制", 1, "", ""],
    ]
    found = check(history(rows=rows), "ledger-history")
    assert "没有日期" in messages(found)
    assert "系统中没有「测试区统计局」" in messages(found)
    assert found.table.accepted == []
