"""Archived items in the full-text index: an entry for the item with its description, one for each page with text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bianzhi.archives.models import Item, ItemState, Loan, Page
from bianzhi.archives.web.links import item_url, viewer_url
from bianzhi.kernel import clock
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.search.sources import Entry, Source

KIND: Final = "archives.item"
_BETWEEN: Final = re.compile(r"[、,，;；\s]+")


def all_ids() -> Iterator[int]:
    """Every item."""
    return Item.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=500)


def entries(ids: Sequence[int]) -> Iterator[Entry]:
    """The item and its pages; pages are read as they come, for an item may have thousands."""
    items = {item.pk: item for item in Item.objects.filter(pk__in=ids).order_by("pk")}
    for item in items.values():
        yield _of_item(item)
    pages = Page.objects.filter(item_id__in=items, is_blank=False).order_by("item_id", "number")
    for page in pages.iterator(chunk_size=200):
        if page.text:
            yield _of_page(items[page.item_id], page)


def tokens(user: Any) -> Iterator[str]:
    """What `Item.objects.visible_to` gives, as tokens: the rights of today, the units of today, the loans of today."""
    if user.can("archives.manage"):
        yield "manage"
        return
    if user.can("archives.read"):
        yield "filed"
        return
    for pk in Loan.objects.open_for(user).values_list("items", flat=True).distinct():
        yield f"lent:{pk}"
    for pk in visible_organization_ids(user, clock.today()) or ():
        yield f"unit:{pk}"


def _access(item: Item) -> tuple[str, ...]:
    if item.state != ItemState.FILED:
        return ("manage",)
    is_open = item.organization_id is not None and not item.is_restricted
    return ("manage", "filed", f"lent:{item.pk}", *([f"unit:{item.organization_id}"] if is_open else []))


def _of_item(item: Item) -> Entry:
    described = (item.summary, item.keywords, item.addressee, item.signer, item.attachments, item.note)
    return _entry(
        item,
        key=f"{KIND}:{item.pk}",
        body="；".join(filter(None, described)),
        url=item_url(item),
        subtitle=" · ".join(filter(None, (item.code, item.doc_no, item.responsible, str(item.dated_on or "")))),
        persons=tuple(filter(None, _BETWEEN.split(item.persons))),
    )


def _of_page(item: Item, page: Page) -> Entry:
    return _entry(
        item,
        key=f"{KIND}:{item.pk}:{page.number}",
        page=page.number,
        body=page.text,
        url=viewer_url(item.pk, page.number),
        subtitle=" · ".join(filter(None, (item.code, item.doc_no, f"第 {page.number} 页"))),
        persons=tuple(filter(None, _BETWEEN.split(item.persons))),
    )


def _entry(item: Item, **own: Any) -> Entry:
    return Entry(
        subject=f"{KIND}:{item.pk}",
        title=item.title or "（未著录）",
        access=_access(item),
        numbers=tuple(filter(None, (item.code, item.doc_no))),
        units=(item.organization_id,) if item.organization_id is not None else (),
        year=item.year,
        retention=item.retention,
        dated_on=item.dated_on,
        **own,
    )


SOURCE: Final = Source(
    kind=KIND,
    label="档案",
    icon="archive",
    permission="archives.view",
    all_ids=all_ids,
    entries=entries,
    tokens=tokens,
    order=5,
)
