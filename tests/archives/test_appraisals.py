"""鉴定与销毁: two persons, nothing before its term, nothing disappears silently."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.archives import derivatives
from bianzhi.archives.jobs.disposing import disposed
from bianzhi.archives.models import Appraisal, AppraisalState, Item, ItemState, Original, OriginalState
from bianzhi.archives.rules.retention import first_day_over, is_longer, is_over
from bianzhi.archives.services import filing
from bianzhi.archives.services.appraisals import (
    Proposal,
    carry_out_appraisal,
    decide_appraisal,
    draft_appraisal,
    submit_appraisal,
)
from bianzhi.archives.services.lending import Reading, end_loan, lend
from bianzhi.archives.services.packages.records import record_of
from bianzhi.archives.storage import originals
from bianzhi.archives.web.suggestions import figures_on
from bianzhi.audit.models import AuditEntry
from bianzhi.common import sealed_files
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.recognition.document import PageText
from tests.archives.holdings import hold, read_off
from tests.archives.staff import archivist, director
from tests.cast import assemble

LATE = date(2031, 1, 1)
"""The first day a ten-year item of 2020 is over."""


def test_a_term_runs_from_the_year_after():
    assert first_day_over(2020, "D10") == LATE
    assert not is_over(2020, "D10", date(2030, 12, 31))
    assert is_over(2020, "D10", LATE)


@pytest.mark.parametrize(("year", "term"), [(2020, "Y"), (None, "D10"), (1900, "Y")])
def test_what_is_permanent_or_undated_is_never_over(year, term):
    assert not is_over(year, term, date(2999, 1, 1))


def test_a_term_is_prolonged_never_shortened():
    assert is_longer("Y", "D30")
    assert not is_longer("D10", "D30")
    assert not is_longer("D30", "D30")


@pytest.fixture
def holdings(db):
    return hold(assemble().bureau)


@pytest.fixture
def keeper(holdings):
    return archivist()


@pytest.fixture
def head(holdings):
    return director()


def drafted(keeper, *proposals, **other):
    said = {"title": "2020 年度到期鉴定", "reason": "已无保存价值", "today": LATE, **other}
    return draft_appraisal(actor=keeper, proposals=proposals, **said)


def approved(keeper, head, *proposals):
    appraisal = drafted(keeper, *proposals)
    submit_appraisal(actor=keeper, appraisal_id=appraisal.pk)
    return decide_appraisal(actor=head, appraisal_id=appraisal.pk, approves=True, text="同意销毁")


def destroy(item):
    return Proposal(item_id=item.pk, outcome="destroy")


def refused(act, **arguments):
    with pytest.raises(Refused) as refusal:
        act(**arguments)
    return refusal.value.codes


def deliver():
    for message in OutboxMessage.objects.filter(topic="archives.disposed"):
        disposed(message)


def test_what_is_approved_is_destroyed_and_its_line_stays(holdings, keeper, head):
    item = holdings.filed(retention="D10", content=b"to be destroyed")
    appraisal = approved(keeper, head, destroy(item))
    original = item.files.get().original
    assert originals().exists(original.sha256)
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=appraisal.pk)
    assert originals().exists(original.sha256), "nothing goes before the commit"
    deliver()
    deliver()
    assert not originals().exists(original.sha256)
    gone = Item.objects.get(pk=item.pk)
    assert (gone.state, gone.code, gone.title) == (ItemState.DISPOSED, item.code, item.title)
    assert set(gone.pages.values_list("text", flat=True)) == {""}
    assert Original.objects.get(pk=original.pk).state == OriginalState.DISPOSED
    assert AuditEntry.objects.filter(action="archives.bytes_destroyed").count() == 1
    assert findings(("audit.rows", "audit.chain")) == []


def test_its_number_is_never_given_again(holdings, keeper, head):
    item = holdings.filed(retention="D10")
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=approved(keeper, head, destroy(item)).pk)
    assert holdings.filed(retention="D10").number == item.number + 1


def test_an_original_another_item_is_made_of_stays(holdings, keeper, head):
    item = holdings.filed(retention="D10", content=b"shared scan")
    other = holdings.filed(content=b"shared scan")
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=approved(keeper, head, destroy(item)).pk)
    deliver()
    assert originals().exists(other.files.get().original.sha256)


def made_of(item):
    """Words and a PDF of every page of an item, as somebody who looked at it leaves them."""
    sha256 = item.files.get().original.sha256
    for page in item.pages.all():
        derivatives.keep_words(sha256, PageText(page.source_page, 1654, 2339, 200, 0, 0.0, True, "ocr"))
    pdf = derivatives.folder_of(sha256, "images") / "searchable-0.pdf"
    sealed_files.write(pdf, b"%PDF-1.7", derivatives.context_of(pdf))
    return sha256, pdf


def test_what_was_made_of_destroyed_pages_goes_though_their_original_stays(holdings, keeper, head, settings, tmp_path):
    settings.HOME = tmp_path
    item = holdings.filed(retention="D10", pages=3, content=b"three pages")
    other = holdings.filed(pages=1, content=b"three pages")
    sha256, pdf = made_of(item)
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=approved(keeper, head, destroy(item)).pk)
    deliver()
    assert originals().exists(other.files.get().original.sha256)
    assert [page.number for page in derivatives.all_words(sha256)] == [1], "the page of the kept item"
    assert not pdf.exists()


def test_what_was_read_off_a_destroyed_item_is_proposed_and_exported_no_more(holdings, keeper, head):
    item = holdings.filed(retention="D10")
    read_off(item, "quota:A1", "10", page=1, box=[0.1, 0.1, 0.2, 0.1])
    read_off(item, "title", "关于核定编制的批复")
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=approved(keeper, head, destroy(item)).pk)
    assert figures_on(Item.objects.get(pk=item.pk)) == []
    assert {row["value"] for row in record_of(Item.objects.get(pk=item.pk))["candidates"]} == {""}


def test_a_term_is_prolonged_and_the_code_stays(holdings, keeper, head):
    item = holdings.filed(retention="D10")
    appraisal = approved(keeper, head, Proposal(item_id=item.pk, outcome="extend", new_retention="D30"))
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=appraisal.pk)
    kept = Item.objects.get(pk=item.pk)
    assert (kept.retention, kept.code, kept.state) == ("D30", item.code, ItemState.FILED)


def test_nobody_decides_on_their_own_proposal(holdings, head):
    item = holdings.filed(retention="D10")
    head.permissions |= {"archives.manage"}
    appraisal = drafted(head, destroy(item))
    submit_appraisal(actor=head, appraisal_id=appraisal.pk)
    said = {"actor": head, "appraisal_id": appraisal.pk, "approves": True, "text": "同意销毁"}
    assert refused(decide_appraisal, **said) == ["archives.second_person"]


def test_the_archivist_does_not_decide(holdings, keeper):
    item = holdings.filed(retention="D10")
    appraisal = drafted(keeper, destroy(item))
    submit_appraisal(actor=keeper, appraisal_id=appraisal.pk)
    with pytest.raises(Denied):
        decide_appraisal(actor=keeper, appraisal_id=appraisal.pk, approves=True, text="同意销毁")


def test_nothing_is_carried_out_without_approval(holdings, keeper, head):
    item = holdings.filed(retention="D10")
    appraisal = drafted(keeper, destroy(item))
    said = {"actor": keeper, "today": LATE, "appraisal_id": appraisal.pk}
    assert refused(carry_out_appraisal, **said) == ["archives.appraisal_state"]
    submit_appraisal(actor=keeper, appraisal_id=appraisal.pk)
    decide_appraisal(actor=head, appraisal_id=appraisal.pk, approves=False, text="仍有查考价值")
    assert Appraisal.objects.get().state == AppraisalState.REJECTED
    assert refused(carry_out_appraisal, **said) == ["archives.appraisal_state"]
    assert Item.objects.get().state == ItemState.FILED


def test_what_is_not_over_is_not_appraised(holdings, keeper):
    young, permanent, draft = holdings.filed(retention="D30"), holdings.filed(), holdings.described(retention="D10")
    for item, code in ((young, "not_due"), (permanent, "not_due"), (draft, "not_filed")):
        assert refused(drafted, keeper=keeper) == ["archives.appraisal"]
        with pytest.raises(Refused) as refusal:
            drafted(keeper, destroy(item))
        assert refusal.value.codes == [f"archives.{code}"]


def test_an_item_is_in_one_open_appraisal(holdings, keeper):
    item = holdings.filed(retention="D10")
    drafted(keeper, destroy(item))
    with pytest.raises(Refused) as refusal:
        drafted(keeper, destroy(item))
    assert refusal.value.codes == ["archives.appraised_already"]


def test_a_shorter_term_is_refused(holdings, keeper):
    item = holdings.filed(retention="D10")
    with pytest.raises(Refused) as refusal:
        drafted(keeper, Proposal(item_id=item.pk, outcome="extend", new_retention="D10"))
    assert refusal.value.codes == ["archives.term"]


def test_what_is_lent_is_not_destroyed(holdings, keeper, head):
    item = holdings.filed(retention="D10")
    appraisal = approved(keeper, head, destroy(item))
    reading = Reading(
        item_ids=[item.pk], reader_name="来访人", purpose="查考", valid_from=LATE, valid_to=date(2031, 1, 10)
    )
    loan = lend(actor=keeper, reading=reading)
    said = {"actor": keeper, "today": LATE, "appraisal_id": appraisal.pk}
    assert refused(carry_out_appraisal, **said) == ["archives.lent"]
    end_loan(actor=keeper, loan_id=loan.pk, reason="已阅毕")
    carry_out_appraisal(**said)
    assert Item.objects.get().state == ItemState.DISPOSED


def test_a_destroyed_item_can_not_be_corrected(holdings, keeper, head):
    item = holdings.filed(retention="D10")
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=approved(keeper, head, destroy(item)).pk)
    said = {"actor": keeper, "item_id": item.pk, "changes": {"title": "另一题名"}, "reason": "题名有误"}
    assert refused(filing.correct, **said) == ["archives.not_filed"]
