"""The bytes of what was disposed of go after the commit: a refused disposal must never have destroyed anything."""

from collections.abc import Collection
from typing import Final

from bianzhi.archives import derivatives
from bianzhi.archives.models import ItemState, Original, OriginalState, Page
from bianzhi.archives.storage import originals
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.models import OutboxMessage

DISPOSAL: Final = System("档案销毁")


@unit_of_work
def disposed(message: OutboxMessage) -> None:
    """archives.disposed: destroy the originals that are disposed of still; told twice, it finds them gone.

    Of originals that other items need, what was made of the destroyed items' own pages goes.
    """
    named = Original.objects.select_for_update().filter(sha256__in=message.payload["originals"]).order_by("pk")
    for original in named.filter(state=OriginalState.DISPOSED):
        derivatives.forget(original.sha256)
        if originals().exists(original.sha256):
            originals().destroy(original.sha256)
            record("archives.bytes_destroyed", actor=DISPOSAL, subject=original, facts={"sha256": original.sha256})
    _forget_pages(message.payload["items"])


def _forget_pages(item_ids: Collection[int]) -> None:
    """Images and words of pages that no kept item has, and every PDF that may hold them."""
    rows = Page.objects.filter(item__in=item_ids, item__state=ItemState.DISPOSED)
    kept = Page.objects.filter(file__original__in=rows.values("file__original")).exclude(item__state=ItemState.DISPOSED)
    place = ("file__original__sha256", "source_page")
    gone, needed = set(rows.values_list(*place)), set(kept.values_list(*place))
    for sha256 in {digest for digest, _ in gone}:
        derivatives.forget_pages(sha256, sorted(number for digest, number in gone - needed if digest == sha256))
