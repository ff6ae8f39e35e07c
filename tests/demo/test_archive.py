"""The archive of the demonstration: real files of known text, tied to the ledger, as services leave them."""

from datetime import date

import pytest

from bianzhi.accounts.models import User
from bianzhi.archives.derivatives import words_of
from bianzhi.archives.models import Batch, BatchState, FileState, IncomingFile, Item, ItemSource, ItemState, Loan
from bianzhi.archives.selectors.files import newest_files
from bianzhi.archives.selectors.relations import items_proving
from bianzhi.archives.storage import originals
from bianzhi.common import integrity
from bianzhi.demo.archive import ARCHIVIST, READER
from bianzhi.demo.ledger_papers import Names, ledger_papers
from bianzhi.demo.load import load_district
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.recognition.sheets import fonts, is_installed

TODAY = date(2026, 11, 23)
needs_fonts = pytest.mark.skipif(not is_installed(), reason="no Chinese font on this machine")


@needs_fonts
def test_the_archive_stands_and_every_row_is_proved(db) -> None:
    counts = load_district(size="small", today=TODAY, say=lambda _: None)
    archivist = User.objects.get(username=ARCHIVIST)
    assert counts["archive_items"] == Item.objects.count() > 60
    every_entry_opens_its_page(archivist)
    originals_are_whole_and_their_words_known()
    something_waits_one_is_withheld_and_one_is_lent(archivist)
    assert {check.name: found for check, found in integrity.run(None) if found} == {}


def every_entry_opens_its_page(archivist: User) -> None:
    for entry in LedgerEntry.objects.prefetch_related("postings__account"):
        proofs = items_proving("ledger.ledgerentry", entry.pk, archivist)
        assert proofs, entry
        proof = proofs[0]
        assert proof.page is not None
        assert proof.item.doc_no == entry.document.doc_no
        text = proof.item.pages.get(number=proof.page).text
        if entry.kind in (EntryKind.INCREASE, EntryKind.DECREASE):
            (amount,) = {abs(posting.amount) for posting in entry.postings.all()}
            assert f"{amount}名" in text
        assert proof.box is not None


def originals_are_whole_and_their_words_known() -> None:
    for item in Item.objects.exclude(source=ItemSource.INDEX_ONLY):
        (file,) = newest_files(item)
        assert file.original.media_type == "application/pdf"
        assert item.page_count == item.pages.count() > 0
        for page in item.pages.all():
            words = words_of(file.original.sha256, page.source_page)
            assert words is not None
            assert words.text == page.text
    one = Item.objects.filter(state=ItemState.FILED, files__isnull=False).first()
    assert one is not None
    (file,) = newest_files(one)
    with originals().open(file.original.sha256) as stream:
        assert stream.read(5) == b"%PDF-"


def something_waits_one_is_withheld_and_one_is_lent(archivist: User) -> None:
    assert {batch.state for batch in Batch.objects.all()} == {BatchState.DONE, BatchState.WAITING, BatchState.OPEN}
    drafts = Item.objects.filter(state=ItemState.DRAFT)
    assert drafts.count() >= 3
    assert all(draft.candidates.filter(field="doc_no").exists() for draft in drafts)
    (refused,) = IncomingFile.objects.filter(state=FileState.REFUSED)
    assert "R27" in refused.reason
    assert refused.original is None
    (index_entry,) = Item.objects.filter(source=ItemSource.INDEX_ONLY)
    assert index_entry.storage_place
    assert not index_entry.files.exists()
    (loan,) = Loan.objects.all()
    assert loan.granted_by == archivist
    reader = User.objects.get(username=READER)
    assert set(Item.objects.visible_to(reader)) == set(loan.items.all())
    clerk = User.objects.get(username="caizheng")
    own = Item.objects.visible_to(clerk)
    assert own.exists()
    assert {item.organization_id for item in own} == {own[0].organization_id}


def test_without_a_font_the_archive_stays_empty_and_the_papers_of_the_ledger_are_known(db, monkeypatch) -> None:
    monkeypatch.setattr(fonts, "_found", dict)
    counts = load_district(size="small", today=TODAY, say=lambda _: None)
    assert counts["archive_items"] == 0
    assert not Item.objects.exists()
    first, second = (list(ledger_papers(Names())) for _ in range(2))
    assert first == second
    numbers = [(holding.paper.doc_no, holding.paper.issuer) for holding in first]
    assert len(set(numbers)) == len(numbers)
    assert {number for number, _ in numbers} == set(LedgerEntry.objects.values_list("document__doc_no", flat=True))
