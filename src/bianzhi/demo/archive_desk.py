"""The desk of the archivist who works the demonstration's papers in: received, drafted, described, filed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Final

from bianzhi.accounts.models import User
from bianzhi.archives import quarantine
from bianzhi.archives.derivatives import keep_words
from bianzhi.archives.models import Batch, Category, Channel, Fonds, IncomingFile, Item, StageRecord
from bianzhi.archives.rules.stages import STAGES
from bianzhi.archives.rules.suggesting import suggest_category, suggest_retention, suggest_year
from bianzhi.archives.services import filing
from bianzhi.archives.services.drafting import Proposal, draft_items, keep_original, propose
from bianzhi.archives.services.ingest import open_batch, receive_file
from bianzhi.archives.services.passing import end_file
from bianzhi.demo import past
from bianzhi.kernel.file_digests import Digests, digests_of
from bianzhi.ledger.models import LedgerEntry
from bianzhi.recognition.document import PageText
from bianzhi.recognition.extraction import Finding, extract
from bianzhi.recognition.identify import format_by_code
from bianzhi.recognition.sheets import Paper, Sheet

PDF: Final = format_by_code("pdf")
WRITTEN_BY_SERVICES: Final = ("keep", "split", "candidates")


@dataclass(frozen=True, slots=True)
class Holding:
    """A paper to be filed, the unit it is of, and what of the ledger it proves beyond its own number."""

    paper: Paper
    unit_id: int | None = None
    rows: Mapping[str, LedgerEntry] | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The archivist's desk."""

    archivist: User
    fonds: Fonds
    category: Category
    units: Mapping[str, int]
    draw: Random

    def open_batch(self, title: str) -> Batch:
        """A batch from the scanner."""
        return open_batch(actor=self.archivist, title=title, channel=Channel.FOLDER, fonds_id=self.fonds.pk)

    def take_in(self, batch: Batch, sheet: Sheet) -> Item:
        """A sheet as reception leaves it: its original kept, a draft with what was read and what is proposed."""
        pages = [replace(page, origin="ocr") for page in sheet.truth.pages]
        file = self.receive(batch, sheet)
        with quarantine.plain(file.pk) as place:
            told = digests_of(place)
            _pass_stages(file, told, len(pages))
            for page in pages:
                keep_words(told.sha256, page)
            keep_original(
                actor=self.archivist, file_id=file.pk, content=place, told=told, file_format=PDF, seconds=0.0
            )  # fmt: skip
        quarantine.release(file.pk)
        (item,) = draft_items(
            actor=self.archivist, file_id=file.pk, pieces=[(1, len(pages))],
            pages={page.number: page for page in pages}, seconds=0.0,
        )  # fmt: skip
        found = list(self._proposals(pages))
        propose(
            actor=self.archivist, file_id=file.pk, stage="candidates", proposals={item.pk: found}, seconds=0.0
        )  # fmt: skip
        end_file(actor=self.archivist, file_id=file.pk)
        return item

    def receive(self, batch: Batch, sheet: Sheet) -> IncomingFile:
        """A sheet in quarantine, nothing done with it yet."""
        name = f"{sheet.paper.doc_no}.pdf"
        return receive_file(actor=self.archivist, batch_id=batch.pk, name=name, content=sheet.pdf)

    def _proposals(self, pages: Sequence[PageText]) -> Iterator[Proposal]:
        found = extract(pages, self.units)
        for finding in found:
            yield Proposal(
                _field(finding), finding.value, finding.confidence, finding.method, finding.page, finding.box
            )
        best = {finding.field: finding.value for finding in reversed(found)}
        suggested = [
            suggest_category(self.category.code, self.category.name),
            suggest_retention(best.get("title", ""), best.get("language", "")),
            suggest_year(best.get("dated_on", "")),
        ]
        for each in filter(None, suggested):
            yield Proposal(each.field, each.value, each.confidence, each.method)

    def file(self, item: Item, holding: Holding) -> Item:
        """Describe a draft as it should be, taking what was read right, and file it."""
        facts = self._facts(holding)
        texts = {name: value.isoformat() if isinstance(value, date) else str(value) for name, value in facts.items()}
        taken = [
            candidate.pk
            for candidate in item.candidates.all()
            if texts.get({"organization": "organization_id"}.get(candidate.field, candidate.field)) == candidate.value
        ]
        past.pass_time()
        filing.confirm(actor=self.archivist, item_id=item.pk, facts=facts, taken=taken)
        return filing.file(actor=self.archivist, item_id=item.pk)

    def _facts(self, holding: Holding) -> dict[str, object]:
        told = {name: value for name, value in holding.paper.fields.items() if ":" not in name}
        retention = suggest_retention(holding.paper.title, holding.paper.language).value
        return {
            **told,
            "dated_on": holding.paper.dated_on,
            "category_id": self.category.pk,
            "organization_id": holding.unit_id,
            "retention": retention,
        }


def _pass_stages(file: IncomingFile, told: Digests, pages: int) -> None:
    """What the services that follow do not write themselves: nothing had to be recognised, and no scanner is set up."""
    file.sha256, file.format, file.total, file.done = told.sha256, PDF.code, pages, pages
    file.save(update_fields=["sha256", "format", "total", "done"])
    facts = {"scan": {"scanner": ""}, "digest": {"sha256": told.sha256, "sm3": told.sm3}, "read": {"pages": pages}}
    StageRecord.objects.bulk_create(
        StageRecord(file=file, stage=stage.name, version=stage.version, facts=facts.get(stage.name, {}))
        for stage in STAGES
        if stage.name not in WRITTEN_BY_SERVICES
    )


def _field(finding: Finding) -> str:
    return "organization" if finding.field == "unit" else finding.field
