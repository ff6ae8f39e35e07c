"""Taking drafts apart by hand before they are described: what a scanner put into one file is often several."""

from collections.abc import Sequence
from typing import Final

from django.db.models import F

from bianzhi.accounts import policies
from bianzhi.archives.models import Candidate, Item, ItemFile, ItemOrigin, ItemState, Page
from bianzhi.archives.selectors.files import newest_files
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Refused

MANAGE: Final = "archives.manage"


@unit_of_work
def divide_draft(*, actor: Actor, item_id: int, at: Sequence[int]) -> list[Item]:
    """Take a draft apart: a new draft begins at each of the pages `at`; returns all of them in order.

    What was read off a page goes with the page, judged or not: a mark of secrecy stands in the way of its new part as
    it did before. Raises Denied without archives.manage, Item.DoesNotExist, Refused: archives.not_draft,
    archives.dividing.
    """
    policies.require(actor, MANAGE)
    item = Item.objects.select_for_update().get(pk=item_id)
    files = newest_files(item)
    starts = sorted(set(at))
    _refuse_unless_divisible(item, files, starts)
    ends = [*(start - 1 for start in starts[1:]), item.page_count]
    parts = [_part(item, files[0], first, last) for first, last in zip(starts, ends, strict=True)]
    _shorten(item, files[0], starts[0] - 1)
    items = [item, *parts]
    rows = [row for each in items for row in (each, *each.files.all())]
    facts = {"at": starts, "items": [each.pk for each in items]}
    record("archives.draft_divided", actor=actor, subject=item, wrote=rows, facts=facts)
    ids = [each.pk for each in items]
    outbox.put("search.changed", key=item.pk, payload={"kind": "archives.item", "ids": ids})
    return items


def _refuse_unless_divisible(item: Item, files: Sequence[ItemFile], starts: Sequence[int]) -> None:
    if item.state != ItemState.DRAFT:
        message = f"《{item.title}》{item.get_state_display()}，不能再分件。"
        raise Refused([Objection("archives.not_draft", message, next_step="已归档的请用更正")])
    if len(files) != 1:
        message = f"《{item.title}》由 {len(files)} 个文件组成，不能按页分件。"
        raise Refused([Objection("archives.dividing", message, next_step="请把文件分别接收")])
    if not starts or starts[0] < 2 or starts[-1] > item.page_count:
        message = f"《{item.title}》共 {item.page_count} 页，新的一件应从第 2 页到第 {item.page_count} 页之间开始。"
        raise Refused([Objection("archives.dividing", message, next_step="请重新选择分件的页")])


def _part(item: Item, file: ItemFile, first: int, last: int) -> Item:
    """A draft of pages `first` to `last` of the item, which lie on so many pages of the original."""
    part = Item.objects.create(
        fonds_id=item.fonds_id,
        organization_id=item.organization_id,
        title=f"{item.title}（第 {first}—{last} 页）"[:300],
        source=item.source,
        page_count=last - first + 1,
    )
    pages = list(Page.objects.filter(item=item, number__gte=first, number__lte=last).order_by("number"))
    part_file = ItemFile.objects.create(
        item=part,
        original_id=file.original_id,
        name=file.name,
        first_page=pages[0].source_page,
        last_page=pages[-1].source_page,
    )
    for number, page in enumerate(pages, start=1):
        page.item, page.file, page.number = part, part_file, number
        page.save(update_fields=["item", "file", "number"])
    Candidate.objects.filter(item=item, page__range=(first, last)).update(item=part, page=F("page") - (first - 1))
    origin = ItemOrigin.objects.filter(item=item).first()
    if origin is not None:
        ItemOrigin.objects.create(item=part, file_id=origin.file_id)
    return part


def _shorten(item: Item, file: ItemFile, last: int) -> None:
    kept = item.pages.get(number=last)
    item.page_count, file.last_page = last, kept.source_page
    item.save(update_fields=["page_count"])
    file.save(update_fields=["last_page"])
