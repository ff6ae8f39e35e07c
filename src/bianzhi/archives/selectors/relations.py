"""Reading what proves what, within what the reader may see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from bianzhi.archives.models import Item, Relation
from bianzhi.ledger.models import LedgerEntry

Subject = tuple[str, str]
"""(model label, id)."""
Through = Callable[[str], Iterable[Subject]]
_through: Final[dict[str, Through]] = {}


@dataclass(frozen=True, slots=True)
class Proof:
    """An item, and the page of it, that proves a subject; `box` is where on the page."""

    item: Item
    page: int | None
    box: list[float] | None
    relation: Relation


def rests_on(subject_kind: str, through: Through) -> None:
    """Let subjects of a kind be proved by what proves others, as an entry is by its document. Raises ValueError."""
    if subject_kind in _through:
        raise ValueError(f"registered twice: {subject_kind}")
    _through[subject_kind] = through


def items_proving(subject_kind: str, subject_id: object, user: Any) -> list[Proof]:
    """What a user may see of what proves a subject: what is related to itself, then what it rests on."""
    own = (subject_kind, str(subject_id))
    through = _through.get(subject_kind)
    subjects = [own, *(through(str(subject_id)) if through else ())]
    asked = Q()
    for kind, key in subjects:
        asked |= Q(subject_kind=kind, subject_id=key)
    rows = (
        Relation.objects.filter(asked, revoked_at=None, item__in=Item.objects.visible_to(user))
        .select_related("item", "item__category", "item__organization")
        .order_by("pk")
    )
    found: dict[int, Proof] = {}
    for row in sorted(rows, key=lambda row: ((row.subject_kind, row.subject_id) != own, row.page is None, row.pk)):
        found.setdefault(row.item_id, Proof(row.item, row.page, row.box, row))
    return list(found.values())


def document_of_entry(entry_id: str) -> list[Subject]:
    """The document a ledger entry rests on."""
    documents = LedgerEntry.objects.filter(pk=entry_id).values_list("document_id", flat=True)
    return [("documents.approvaldocument", str(pk)) for pk in documents]
