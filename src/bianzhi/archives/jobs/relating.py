"""A document or an entry that is registered after its paper was filed is proved by it all the same."""

from typing import Final

from bianzhi.archives.models import Item, ItemState
from bianzhi.archives.services.relations import relate_by_number, relate_entry
from bianzhi.audit.actors import System
from bianzhi.common.models import OutboxMessage
from bianzhi.documents.models import ApprovalDocument

RELATING: Final = System("档案关联")


def document_registered(message: OutboxMessage) -> None:
    """documents.registered, documents.corrected: relate what is filed under the number; told twice, once is enough."""
    told = message.payload
    numbers = ApprovalDocument.objects.filter(pk__in=told.get("ids") or [told["id"]]).values_list("doc_no", flat=True)
    for item in Item.objects.filter(doc_no__in=list(numbers), state=ItemState.FILED).exclude(doc_no=""):
        relate_by_number(actor=RELATING, item=item)


def entry_posted(message: OutboxMessage) -> None:
    """ledger.posted: an entry that rests on a filed paper opens at the figure read on it."""
    relate_entry(actor=RELATING, entry_id=int(message.payload["entry"]))
