"""The papers behind the invented district's ledger: for every document an entry cites, what would stand on it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bianzhi.demo.archive_desk import Holding
from bianzhi.documents.models import DocumentKind
from bianzhi.ledger.models import EntryKind, LedgerEntry, Posting
from bianzhi.ledger.rules import measures
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.recognition.sheets import wording
from bianzhi.recognition.sheets.wording import Change, Header

LANGUAGES: Final[Mapping[str, str]] = {
    DocumentKind.REPLY: "批复",
    DocumentKind.MINUTES: "纪要",
    DocumentKind.THREE_FIX: "规定",
}
CHANGES: Final = (EntryKind.INCREASE, EntryKind.DECREASE, EntryKind.FROZEN_RELEASE)
MOST_POINTS: Final = 40
EVERYBODY: Final = "各有关单位"


@dataclass(slots=True)
class Names:
    """What units were called on a day."""

    _versions: dict[int, list[OrganizationVersion]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for version in OrganizationVersion.objects.filter(superseded_at=None).order_by("valid_from"):
            self._versions[version.organization_id].append(version)

    def on(self, organization_id: int, day: date) -> str:
        """The name in force, else the first there was."""
        versions = self._versions[organization_id]
        return next((each.name for each in reversed(versions) if each.valid_from <= day), versions[0].name)

    def dictionary(self) -> dict[str, int]:
        """Every name a unit is or was known by, full and short, with its id."""
        found: dict[str, int] = {}
        for organization_id, versions in self._versions.items():
            for version in versions:
                for name in filter(None, (version.name, version.short_name)):
                    found.setdefault(name, organization_id)
        return found


@dataclass(frozen=True, slots=True)
class Book:
    """The whole ledger at once: the postings of each entry, and what a unit had of a measure after each of them."""

    postings: Mapping[int, Sequence[Posting]]
    after: Mapping[int, int]

    def own(self, entry: LedgerEntry) -> list[Posting]:
        """The postings of an entry on accounts of units."""
        return [posting for posting in self.postings[entry.pk] if posting.account.organization_id is not None]


def ledger_papers(names: Names) -> Iterator[Holding]:
    """The paper of every document the ledger cites, in the order of their days."""
    entries: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in LedgerEntry.objects.select_related("document").order_by("effective_on", "pk"):
        entries[entry.document_id].append(entry)
    book = _book()
    for group in sorted(entries.values(), key=lambda each: (each[0].document.issued_on, each[0].document_id)):
        yield _paper_of(group, names, book)


def _book() -> Book:
    running: dict[tuple[int, str], int] = defaultdict(int)
    postings: dict[int, list[Posting]] = defaultdict(list)
    after = {}
    rows = Posting.objects.select_related("account", "entry").order_by("entry__effective_on", "entry_id", "pk")
    for posting in rows:
        postings[posting.entry_id].append(posting)
        if posting.account.organization_id is not None:
            key = (posting.account.organization_id, posting.account.measure)
            running[key] += posting.amount
            after[posting.pk] = running[key]
    return Book(postings, after)


def _paper_of(entries: Sequence[LedgerEntry], names: Names, book: Book) -> Holding:
    document, first = entries[0].document, entries[0]
    header = Header(
        issuer=document.issuer, doc_no=document.doc_no, title=document.title, dated_on=document.issued_on
    )  # fmt: skip
    if first.kind == EntryKind.OPENING:
        return _register(header, entries, names, book)
    if first.kind == EntryKind.TOTAL_ISSUED and len(entries) == 1:
        posting = next(each for each in book.postings[first.pk] if each.amount > 0)
        notice = wording.notice_of_total(header, "云江区委机构编制委员会", posting.account.measure, posting.amount)
        return Holding(notice)
    own = book.own(first)
    units = {posting.account.organization_id for entry in entries for posting in book.own(entry)}
    unit_id = next(iter(units)) if len(units) == 1 else None
    if len(entries) == 1 and first.kind in CHANGES and len(own) == 1 and unit_id:
        change = Change(own[0].account.measure, own[0].amount, book.after[own[0].pk])
        return Holding(wording.reply(header, names.on(unit_id, header.dated_on), change), unit_id)
    language = LANGUAGES.get(document.kind, "通知")
    addressee = names.on(unit_id, header.dated_on) if unit_id else EVERYBODY
    points = [point for entry in entries for point in _points(entry, names, book)][:MOST_POINTS]
    return Holding(wording.decision(header, addressee, language, points), unit_id)


def _points(entry: LedgerEntry, names: Names, book: Book) -> Iterator[str]:
    """What an entry does, unit by unit, in sentences."""
    for posting in book.own(entry):
        name = names.on(posting.account.organization_id or 0, entry.effective_on)
        verb = "核增" if posting.amount > 0 else "核减"
        what = wording.MEASURES.get(posting.account.measure) or f"领导职数（{measures.label(posting.account.measure)}）"
        yield f"{verb}{name}{what}{abs(posting.amount)}名。"


def _register(header: Header, entries: Sequence[LedgerEntry], names: Names, book: Book) -> Holding:
    rows, found = [], {}
    for number, entry in enumerate(entries, 1):
        own = book.own(entry)
        name = names.on(own[0].account.organization_id or 0, header.dated_on) if own else entry.summary
        quota = [posting for posting in own if not measures.is_post(posting.account.measure)]
        posts = [posting for posting in own if measures.is_post(posting.account.measure)]
        kinds = "、".join(measures.short(posting.account.measure) for posting in quota)
        amounts = "、".join(str(posting.amount) for posting in quota)
        rows.append((str(number), name, kinds, amounts, "、".join(str(posting.amount) for posting in posts)))
        found[name] = entry
    return Holding(wording.register(header, rows), rows=found)
