"""What an item is proof of: said by a person, or found by its number at filing."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from django.db.models import Model
from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.archives.models import Candidate, Item, ItemState, Relation
from bianzhi.archives.selectors.numbered import document_of
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.ledger.models import LedgerEntry, Posting

DOCUMENT: Final = ApprovalDocument._meta.label_lower
ENTRY: Final = LedgerEntry._meta.label_lower
Box = Sequence[float]
"""left, top, width, height as fractions of the page."""


@unit_of_work
def relate(
    *,
    actor: Actor,
    item_id: int,
    subject_kind: str,
    subject_id: str,
    subject_label: str,
    page: int | None = None,
    box: Box | None = None,
) -> Relation:
    """State that an item, or one page of it, is proof of a subject; what is stated already is returned as it is.

    `subject_kind` is a model label ("ledger.ledgerentry"), `subject_label` what readers see. Raises Denied without
    archives.manage, Item.DoesNotExist, Refused for a page the item does not have or a box outside the page.
    """
    policies.require(actor, "archives.manage")
    item = Item.objects.get(pk=item_id)
    refuse_if([*_objections_to_page(item, page), *_objections_to_box(box)])
    return _related(actor, item, (subject_kind, str(subject_id), subject_label), page, box)


@unit_of_work
def revoke_relation(*, actor: Actor, relation_id: int, reason: str) -> Relation:
    """Take a statement back; it stays on record. Raises Denied, Relation.DoesNotExist, Refused when it was revoked."""
    policies.require(actor, "archives.manage")
    relation = Relation.objects.select_for_update(of=("self",)).select_related("item").get(pk=relation_id)
    if relation.revoked_at is not None:
        refuse_if([Objection("archives.revoked", "该关联已经撤销。", next_step="请刷新页面")])
    relation.revoked_at = timezone.now()
    relation.save(update_fields=["revoked_at"])
    facts = {"subject": relation.subject_kind, "id": relation.subject_id, "reason": reason.strip()}
    record("archives.relation_revoked", actor=actor, subject=relation.item, wrote=[relation], facts=facts)
    return relation


@unit_of_work
def relate_by_number(*, actor: Actor, item: Item) -> list[Relation]:
    """Relations to the approval document of the item's 文号 and, where a figure was read, to the entries that cite it.

    Several documents of one number: the one whose issuer is the item's author;
    none is guessed.
    """
    document = document_of(item)
    if document is None:
        return []
    found = [_related(actor, item, _subject(document), *_number_place(item))]
    figures = _figures(item)
    entries = list(LedgerEntry.objects.filter(document=document)) if figures else []
    posted = _posted(document)
    return found + [
        _related(actor, item, _subject(entry), *place)
        for entry in entries
        if (place := _place_of(figures, posted[entry.pk]))
    ]


@unit_of_work
def relate_entry(*, actor: Actor, entry_id: int) -> list[Relation]:
    """Tie an entry that was posted after its paper was filed to that paper: to the figure where one was read.

    What is tied already is left as it is. Raises LedgerEntry.DoesNotExist.
    """
    entry = LedgerEntry.objects.select_related("document").get(pk=entry_id)
    filed = Item.objects.filter(doc_no=entry.document.doc_no, state=ItemState.FILED).select_related("organization")
    made = []
    for item in filed:
        tied = item.relations.filter(revoked_at=None, subject_kind__in=(DOCUMENT, ENTRY))
        if document_of(item) != entry.document:
            continue
        if not tied.filter(subject_kind=DOCUMENT, subject_id=str(entry.document_id)).exists():
            made.append(_related(actor, item, _subject(entry.document), *_number_place(item)))
        read = _place_of(_figures(item), _posted(entry.document)[entry.pk])
        if read and not tied.filter(subject_kind=ENTRY, subject_id=str(entry.pk)).exists():
            made.append(_related(actor, item, _subject(entry), *read))
    return made


def _number_place(item: Item) -> tuple[int | None, Box | None]:
    """Where the item's number was read."""
    seen = item.candidates.filter(field="doc_no").exclude(is_taken=False).first()
    return (seen.page, seen.box) if seen else (None, None)


def _figures(item: Item) -> list[Candidate]:
    """Figures read on the item and set aside by nobody, each with its page."""
    rows = item.candidates.exclude(is_taken=False).filter(page__isnull=False)
    return [each for each in rows if each.field.startswith(("increase:", "decrease:", "quota:", "post:"))]


def _posted(document: ApprovalDocument) -> dict[int, set[tuple[str, int]]]:
    """(measure, amount) of every posting of the entries that cite a document, by entry; one query for a whole 底册."""
    found: dict[int, set[tuple[str, int]]] = defaultdict(set)
    rows = Posting.objects.filter(entry__document=document).values_list("entry_id", "account__measure", "amount")
    for entry_id, measure, amount in rows:
        found[entry_id].add((measure, abs(amount)))
    return found


def _place_of(figures: Sequence[Candidate], posted: set[tuple[str, int]]) -> tuple[int | None, Box | None] | None:
    """Where a figure of an entry is told: first one that is the same, else one of the same measure."""
    measures = {measure for measure, _ in posted}
    read = [(candidate, candidate.field.partition(":")[2]) for candidate in figures]
    same = [candidate for candidate, measure in read if (measure, _number(candidate.value)) in posted]
    best = same or [candidate for candidate, measure in read if measure in measures]
    return (best[0].page, best[0].box) if best else None


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _subject(row: Model) -> tuple[str, str, str]:
    return (row._meta.label_lower, str(row.pk), str(row)[:200])


def _related(actor: Actor, item: Item, subject: tuple[str, str, str], page: int | None, box: Box | None) -> Relation:
    kind, key, label = subject
    known = item.relations.filter(subject_kind=kind, subject_id=key, page=page, revoked_at=None).first()
    if known is not None:
        return known
    relation = Relation.objects.create(
        item=item,
        page=page,
        subject_kind=kind,
        subject_id=key,
        subject_label=label,
        box=list(box) if box else None,
        made_by_id=actor.pk,
    )
    facts = {"subject": kind, "id": key, "page": page}
    record("archives.related", actor=actor, subject=item, wrote=[relation], facts=facts)
    outbox.put("archives.related", key=relation.pk, payload={"item": item.pk, "kind": kind, "id": key})
    return relation


def _objections_to_page(item: Item, page: int | None) -> list[Objection]:
    if page is None or 1 <= page <= item.page_count:
        return []
    message = f"该件共 {item.page_count} 页，没有第 {page} 页。"
    return [Objection("archives.no_page", message, figures={"pages": item.page_count, "page": page})]


def _objections_to_box(box: Box | None) -> list[Objection]:
    if box is None or (len(box) == 4 and all(0 <= side <= 1 for side in box)):
        return []
    return [
        Objection(
            "archives.box", "页面上的位置应为左、上、宽、高四个 0 到 1 之间的比例。", next_step="请在页面上重新框选"
        )
    ]
