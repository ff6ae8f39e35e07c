"""Checking the four properties of items (DA/T 70-2018) at filing, at transfer and while they are kept."""

from collections.abc import Container, Iterable
from datetime import datetime

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.archives.models import (
    FourPropertyCheck,
    Item,
    ItemOrigin,
    ItemSource,
    Original,
    OriginalState,
    Retention,
    StageRecord,
)
from bianzhi.archives.rules.four_properties import FileFacts, ItemFacts, Outcome, PageFacts, assess, is_sound
from bianzhi.archives.selectors.files import newest_files
from bianzhi.archives.storage import originals
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel import clock


@unit_of_work
def check_items(
    *, actor: Actor, item_ids: Iterable[int], occasion: str, read_already: Container[str] = ()
) -> list[FourPropertyCheck]:
    """Check items and keep what was found, in the order of their 档号.

    Reads the bytes of every original, but for those just read and found whole: `read_already`, by digest. Raises Denied
    without archives.manage.
    """
    policies.require(actor, "archives.manage")
    return [
        keep_check(actor=actor, item=item, occasion=occasion, outcomes=outcomes_of(item, read_already))
        for item in Item.objects.filter(pk__in=list(item_ids))
    ]


@unit_of_work
def keep_check(
    *, actor: Actor, item: Item, occasion: str, outcomes: list[Outcome], checked_at: datetime | None = None
) -> FourPropertyCheck:
    """Keep the outcome of a check, made now unless told; part of the unit of work of whoever asked for it."""
    check = FourPropertyCheck.objects.create(
        item=item,
        occasion=occasion,
        passed=is_sound(outcomes),
        results=[outcome.as_row() for outcome in outcomes],
        checked_at=checked_at or timezone.now(),
        checked_by_id=actor.pk,
    )
    failed = [outcome.code for outcome in outcomes if not outcome.passed]
    record("archives.four_checked", actor=actor, subject=item, facts={"occasion": occasion, "failed": failed})
    return check


def outcomes_of(item: Item, read_already: Container[str] = ()) -> list[Outcome]:
    """The four properties of an item as it stands now, its originals read and compared with their digests."""
    return assess(facts_of(item, read_already), today=clock.today())


def facts_of(item: Item, read_already: Container[str] = ()) -> ItemFacts:
    """What the rules ask of an item, gathered from catalogue and store."""
    pages = list(item.pages.all())
    return ItemFacts(
        code=item.code or "",
        title=item.title,
        responsible=item.responsible,
        dated_on=item.dated_on,
        year=item.year,
        retention=item.retention,
        category=item.category.code if item.category else "",
        doc_no=item.doc_no,
        classification=item.classification,
        storage_place=item.storage_place,
        is_index_only=item.source == ItemSource.INDEX_ONLY,
        page_count=item.page_count,
        files=tuple(_files(item, read_already)),
        pages=tuple(
            PageFacts(number=page.number, is_blank=page.is_blank, has_text=bool(page.text.strip())) for page in pages
        ),
        text="".join("".join(page.text.split()) for page in pages),
        retentions=frozenset(Retention.values),
    )


def _files(item: Item, read_already: Container[str]) -> Iterable[FileFacts]:
    is_checked = _was_checked(item)
    for file in newest_files(item):
        original = file.original
        yield FileFacts(
            name=file.name,
            extension=original.extension,
            size=original.size,
            state=OriginalState.INTACT.value if original.sha256 in read_already else _state(original),
            pages_from=file.first_page,
            pages_to=file.last_page,
            checked_for_malware=is_checked,
        )


def _was_checked(item: Item) -> bool:
    """Whether the item's files passed the check of reception, or came by a package, whose files are all looked at."""
    origin = ItemOrigin.objects.filter(item=item).select_related("file").first()
    if origin is None:
        return True
    return StageRecord.objects.filter(file__in=[origin.file_id, origin.file.parent_id], stage="scan").exists()


def _state(original: Original) -> str:
    """What a reading of the bytes finds now; nothing is read of an original that was destroyed by procedure."""
    if original.state == OriginalState.DISPOSED:
        return OriginalState.DISPOSED.value
    return originals().verify(original.sha256, original.sm3).value
