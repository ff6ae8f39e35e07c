"""From a checked file to drafts that wait for a person: its original kept, its pages divided, values proposed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bianzhi.archives import quarantine
from bianzhi.archives.models import (
    Candidate,
    FileState,
    IncomingFile,
    Item,
    ItemFile,
    ItemOrigin,
    ItemSource,
    Original,
    OriginalState,
    Page,
    TextOrigin,
)
from bianzhi.archives.rules.splitting import title_of_draft
from bianzhi.archives.services.passing import locked_file, write_stage
from bianzhi.archives.storage import originals
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.file_digests import Digests
from bianzhi.recognition.document import Box, PageText
from bianzhi.recognition.identify import Format

TITLE_LENGTH: Final = 300
NAME_LENGTH: Final = 200
VALUE_LENGTH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value proposed for a field of a draft; `page` counts within the item."""

    field: str
    value: str
    confidence: float
    method: str
    page: int | None = None
    box: Box | None = None


@unit_of_work
def receive_members(
    *, actor: Actor, file_id: int, members: Sequence[tuple[str, Path]], seconds: float
) -> list[IncomingFile]:
    """The files of an archive become files of the batch; the archive itself is done and not kept."""
    archive = locked_file(file_id)
    received = []
    for name, place in members:
        size = place.stat().st_size
        member = IncomingFile.objects.create(
            batch=archive.batch,
            parent=archive,
            name=f"{archive.name}/{name}"[-300:],
            size=size,
            received=size,
            state=FileState.RECEIVED,
        )
        quarantine.put(member.pk, place)
        received.append(member)
    archive.state = FileState.DONE
    archive.save(update_fields=["state"])
    write_stage(act=archive, stage="unpack", seconds=seconds, facts={"members": len(received)})
    return received


@unit_of_work
def keep_original(
    *, actor: Actor, file_id: int, content: Path, told: Digests, file_format: Format, seconds: float
) -> Original | None:
    """Put a file among the originals and register it; None when somebody else registered the same content meanwhile.

    Content that an appraisal destroyed and that comes again is kept again under its old row. The bytes are in the store
    before the row is committed: killed in between, they are found and registered later.
    """
    file = locked_file(file_id)
    if file.original is not None:
        return file.original
    original = Original.objects.select_for_update().filter(sha256=told.sha256).first()
    if original is not None and original.state != OriginalState.DISPOSED:
        return None
    originals().keep(content)
    if original is None:
        original = Original(
            sha256=told.sha256,
            sm3=told.sm3,
            size=told.size,
            media_type=file_format.media_type,
            extension=file_format.extension,
        )
    original.state = OriginalState.INTACT
    original.save()
    file.original = original
    file.save(update_fields=["original"])
    write_stage(act=file, stage="keep", seconds=seconds, facts={"size": told.size})
    facts = {"sha256": told.sha256, "sm3": told.sm3, "size": told.size, "name": file.name, "batch": file.batch_id}
    record("archives.original_kept", actor=actor, subject=original, wrote=[original], facts=facts)
    return original


@unit_of_work
def draft_items(
    *,
    actor: Actor,
    file_id: int,
    pieces: Sequence[tuple[int, int]],
    pages: Mapping[int, PageText],
    seconds: float,
) -> list[Item]:
    """Make a draft of each piece (first and last page of the file); drafts made before are left as they are.

    A file without pages of text is one draft without pages.
    """
    file = locked_file(file_id)
    known = [origin.item for origin in file.items.select_related("item").order_by("item_id")]
    if known:
        return known
    ranges: Sequence[tuple[int, int] | None] = pieces or [None]
    items, rows = [], []
    for place, piece in enumerate(ranges, start=1):
        item, item_file = _draft(file, place, len(ranges), piece, pages)
        items.append(item)
        rows += [item, item_file]
    write_stage(act=file, stage="split", seconds=seconds, facts={"items": len(items), "pages": sum_of_pages(items)})
    facts = {"items": [item.pk for item in items], "pages": [item.page_count for item in items]}
    record("archives.items_drafted", actor=actor, subject=file, wrote=rows, facts=facts)
    return items


def sum_of_pages(items: Iterable[Item]) -> int:
    """Pages of some items together."""
    return sum(item.page_count for item in items)


@unit_of_work
def propose(
    *,
    actor: Actor,
    file_id: int,
    stage: str,
    proposals: Mapping[int, Sequence[Proposal]],
    seconds: float,
) -> int:
    """Write what a stage proposes for the drafts of a file, by item id; returns how many values.

    What the stage proposed before is replaced as long as nobody has decided about it.
    """
    file = locked_file(file_id)
    mine = {proposal.field for listed in proposals.values() for proposal in listed}
    Candidate.objects.filter(item__in=list(proposals), is_taken=None, field__in=mine).delete()
    rows = [_candidate(item_id, proposal) for item_id, listed in proposals.items() for proposal in listed]
    Candidate.objects.bulk_create(rows)
    write_stage(act=file, stage=stage, seconds=seconds, facts={"values": len(rows)})
    ids = sorted(proposals)
    if ids:
        outbox.put("search.changed", key=file.pk, payload={"kind": "archives.item", "ids": ids})
    return len(rows)


def renumbered(pages: Iterable[PageText]) -> list[PageText]:
    """Pages of a file as pages of their item, counted from 1."""
    return [replace(page, number=number) for number, page in enumerate(pages, start=1)]


def _draft(
    file: IncomingFile, place: int, count: int, piece: tuple[int, int] | None, pages: Mapping[int, PageText]
) -> tuple[Item, ItemFile]:
    if file.original is None:
        raise AssertionError("a file is kept before it is divided")
    numbers = [number for number in range(piece[0], piece[1] + 1) if number in pages] if piece else []
    is_whole = count == 1
    item = Item.objects.create(
        fonds=file.batch.fonds,
        organization_id=file.batch.organization_id,
        title=title_of_draft(file.name, place, count)[:TITLE_LENGTH],
        source=_source(file, [pages[number] for number in numbers]),
        page_count=len(numbers),
    )
    item_file = ItemFile.objects.create(
        item=item,
        original=file.original,
        name=file.name.rsplit("/", 1)[-1][-NAME_LENGTH:],
        first_page=1 if is_whole or piece is None else piece[0],
        last_page=None if is_whole or piece is None else piece[1],
    )
    Page.objects.bulk_create(_page(item, item_file, at, pages[number]) for at, number in enumerate(numbers, start=1))
    ItemOrigin.objects.create(item=item, file=file)
    return item, item_file


def _source(file: IncomingFile, pages: Sequence[PageText]) -> ItemSource:
    """A scan where anything had to be recognised, or the file is a picture; else born digital."""
    is_scan = any(page.origin == "ocr" for page in pages) or file.format in ("tiff", "jpeg", "png")
    return ItemSource.SCANNED if is_scan else ItemSource.BORN_DIGITAL


def _page(item: Item, item_file: ItemFile, number: int, page: PageText) -> Page:
    return Page(
        item=item,
        number=number,
        file=item_file,
        source_page=page.number,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        rotation=page.rotation,
        skew=round(page.skew, 3),
        is_blank=page.is_blank,
        text_origin=TextOrigin.OCR if page.origin == "ocr" else TextOrigin.LAYER,
        text=page.text.replace("\x00", ""),
        confidence=None if page.confidence is None else round(page.confidence, 4),
    )


def _candidate(item_id: int, proposal: Proposal) -> Candidate:
    box: Any = None if proposal.box is None else [round(edge, 5) for edge in proposal.box]
    return Candidate(
        item_id=item_id,
        field=proposal.field[:40],
        value=proposal.value[:VALUE_LENGTH].replace("\x00", ""),
        confidence=round(proposal.confidence, 4),
        page=proposal.page,
        box=box,
        method=proposal.method[:80],
    )
