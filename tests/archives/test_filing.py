"""Filing: a described draft gets its 档号 once, is checked and related; corrections keep their history."""

from datetime import date
from typing import Any

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.archives.models import FourPropertyCheck, Item, ItemSource, ItemState, Relation
from bianzhi.archives.selectors.relations import items_proving
from bianzhi.archives.services import filing, relations
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import LedgerEntry
from tests.archives.holdings import ARCHIVIST, hold, read_off
from tests.cast import assemble

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return assemble()


@pytest.fixture
def holdings(cast):
    return hold(cast.bureau)


def refused(act: Any, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        act(actor=ARCHIVIST, **arguments)
    return refusal.value


def test_items_of_one_series_are_numbered_from_one(holdings):
    codes = [holdings.filed().code for _ in range(3)]
    assert codes == [f"330699-WS·2020-Y-T001-000{number}" for number in (1, 2, 3)]


def test_each_year_term_and_unit_is_counted_by_itself(cast, holdings):
    holdings.filed()
    others: list[dict[str, Any]] = [{"year": 2021}, {"retention": "D30"}, {"organization_id": cast.school.pk}]
    assert [holdings.filed(**other).number for other in others] == [1, 1, 1]


def test_a_refused_filing_uses_no_number(holdings):
    refusal = refused(filing.file, item_id=holdings.described(title="").pk)
    assert refusal.codes == ["archives.four_properties"]
    assert "缺少题名" in str(refusal)
    assert holdings.filed().number == 1


def test_an_item_is_filed_once(holdings):
    item = holdings.filed()
    assert refused(filing.file, item_id=item.pk).codes == ["archives.not_draft"]
    assert refused(filing.confirm, item_id=item.pk, facts={"title": "另一题名"}).codes == ["archives.not_draft"]


def test_filing_keeps_the_check_of_the_four_properties(holdings):
    item = holdings.filed()
    check = FourPropertyCheck.objects.get(item=item)
    assert check.passed
    assert {row["property"] for row in check.results} == {"真实性", "完整性", "可用性", "安全性"}


def test_year_and_term_follow_date_and_category(holdings):
    item = holdings.described(year=None, retention="")
    assert (item.year, item.retention) == (2020, "Y")


def test_filing_tells_search_and_who_listens(holdings):
    item = holdings.filed()
    topics = OutboxMessage.objects.filter(key=str(item.pk)).values_list("topic", flat=True)
    assert {"archives.filed", "search.changed"} <= set(topics)


def test_what_a_person_takes_of_the_readings_sets_the_others_aside(holdings):
    item = holdings.draft()
    taken, other, elsewhere = (
        read_off(item, "title", "关于核定"),
        read_off(item, "title", "关於核定"),
        read_off(item, "doc_no", "虞编〔2020〕3号"),
    )
    filing.confirm(actor=ARCHIVIST, item_id=item.pk, facts=holdings.facts(), taken=[taken.pk])
    for candidate in (taken, other, elsewhere):
        candidate.refresh_from_db()
    assert (taken.is_taken, other.is_taken, elsewhere.is_taken) == (True, False, None)


def test_a_secret_paper_is_not_described_into_the_archive(holdings):
    item = holdings.draft()
    refusal = refused(filing.confirm, item_id=item.pk, facts=holdings.facts(classification="秘密★10年"))
    assert refusal.codes == ["R27"]


def test_a_secrecy_mark_read_off_a_page_must_be_judged_first(holdings):
    item = holdings.described()
    mark = read_off(item, "classification", "机密★20年", page=1)
    assert refused(filing.file, item_id=item.pk).codes == ["archives.secrecy_unjudged"]
    filing.set_candidate_aside(actor=ARCHIVIST, candidate_id=mark.pk)
    assert filing.file(actor=ARCHIVIST, item_id=item.pk).state == ItemState.FILED


def test_a_file_nobody_could_read_is_not_filed_before_a_person_has_looked_for_a_mark(holdings):
    item = holdings.described()
    told = read_off(item, "classification", "密级未能检查")
    refusal = refused(filing.file, item_id=item.pk)
    assert refusal.codes == ["archives.secrecy_unjudged"]
    assert "未能检查" in str(refusal)
    filing.set_candidate_aside(actor=ARCHIVIST, candidate_id=told.pk)
    assert filing.file(actor=ARCHIVIST, item_id=item.pk).state == ItemState.FILED


def test_a_secret_paper_has_an_entry_with_its_place_and_no_file(holdings):
    facts = holdings.facts(classification="秘密", storage_place="保密室 2 柜 3 层")
    item = filing.index_only(actor=ARCHIVIST, fonds_id=holdings.fonds.pk, facts=facts)
    assert (item.source, item.number, item.files.count()) == (ItemSource.INDEX_ONLY, 1, 0)


def test_an_entry_without_a_place_of_storage_is_refused(holdings):
    refusal = refused(filing.index_only, fonds_id=holdings.fonds.pk, facts=holdings.facts(classification="秘密"))
    assert "存放位置" in str(refusal)
    assert not Item.objects.exists()


def test_a_correction_keeps_old_and_new_and_the_code(holdings):
    item = holdings.filed()
    changes = {"title": "关于重新核定机构编制的批复", "dated_on": date(2020, 1, 2)}
    corrected = filing.correct(actor=ARCHIVIST, item_id=item.pk, changes=changes, reason="题名录入错误")
    assert corrected.code == item.code
    entry = AuditEntry.objects.get(action="archives.corrected")
    assert item.title in entry.facts
    assert "关于重新核定" in entry.facts
    assert findings(("audit.rows", "audit.chain")) == []


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"title": "另一题名"}, "改", "archives.no_reason"),
        ({}, "题名录入错误", "archives.unchanged"),
        ({"classification": "机密"}, "补录密级", "R27"),
    ],
)
def test_a_correction_needs_a_reason_a_change_and_no_secret(holdings, changes, reason, code):
    item = holdings.filed()
    assert refused(filing.correct, item_id=item.pk, changes=changes, reason=reason).codes == [code]


def test_what_the_code_is_made_of_is_not_corrected(holdings):
    item = holdings.filed()
    with pytest.raises(TypeError, match="retention"):
        filing.correct(actor=ARCHIVIST, item_id=item.pk, changes={"retention": "D10"}, reason="期限有误")


def test_a_draft_is_described_not_corrected(holdings):
    item = holdings.described()
    refusal = refused(filing.correct, item_id=item.pk, changes={"title": "另一题名"}, reason="题名有误")
    assert refusal.codes == ["archives.not_filed"]


def test_only_who_manages_the_archive_files(cast, holdings):
    item = holdings.described()
    with pytest.raises(Denied):
        filing.file(actor=cast.outsider, item_id=item.pk)


def test_a_filed_item_proves_the_document_of_its_number(cast, holdings):
    item = holdings.filed()
    (proof,) = items_proving("documents.approvaldocument", cast.document.pk, ARCHIVIST)
    assert proof.item == item


def test_an_entry_opens_the_page_its_figure_was_read_on(cast, holdings):
    item = holdings.described(pages=3)
    read_off(item, "quota:A1", "10", page=3, box=[0.1, 0.2, 0.3, 0.05])
    filing.file(actor=ARCHIVIST, item_id=item.pk)
    entry = LedgerEntry.objects.get(postings__account__organization=cast.bureau, postings__account__measure="A1")
    (proof,) = items_proving("ledger.ledgerentry", entry.pk, ARCHIVIST)
    assert (proof.page, proof.box) == (3, [0.1, 0.2, 0.3, 0.05])


def test_an_entry_without_a_figure_read_is_proved_through_its_document(cast, holdings):
    item = holdings.filed()
    entry = LedgerEntry.objects.filter(document=cast.document).earliest("pk")
    (proof,) = items_proving("ledger.ledgerentry", entry.pk, ARCHIVIST)
    assert (proof.item, proof.page) == (item, None)


def test_a_relation_is_stated_once_and_may_be_revoked(cast, holdings):
    item = holdings.filed(doc_no="")
    said = {
        "actor": ARCHIVIST,
        "item_id": item.pk,
        "subject_kind": "organizations.organization",
        "subject_id": str(cast.school.pk),
        "subject_label": "测试区第一小学",
        "page": 1,
    }
    relation = relations.relate(**said)
    assert relations.relate(**said) == relation
    relations.revoke_relation(actor=ARCHIVIST, relation_id=relation.pk, reason="关联有误")
    assert items_proving("organizations.organization", cast.school.pk, ARCHIVIST) == []
    assert Relation.objects.count() == 1


@pytest.mark.parametrize("place", [{"page": 2}, {"page": 0}, {"page": 1, "box": [0, 0, 2, 1]}])
def test_a_relation_stays_on_the_pages(holdings, place: dict[str, Any]):
    item = holdings.filed()
    place |= {"subject_kind": "x.y", "subject_id": "1", "subject_label": "甲"}
    assert refused(relations.relate, item_id=item.pk, **place).codes[0].startswith("archives.")
