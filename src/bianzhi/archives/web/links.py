"""Addresses of the archive."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.urls import reverse

from bianzhi.archives.models import Batch, Item, Relation


def item_url(item: Item) -> str:
    """The page of an item."""
    return reverse("archives:item", args=[item.pk])


def batch_url(batch: Batch) -> str:
    """The page of a batch."""
    return reverse("archives:batch", args=[batch.pk])


def describe_url(item: Item) -> str:
    """Where an item is described before it is filed."""
    return reverse("archives:describe", args=[item.pk])


def viewer_url(item_id: int, page: int | None = None, *, question: str = "", box: Sequence[float] | None = None) -> str:
    """A page of an item in the viewer, with words marked or a place framed."""
    query = {
        "page": page or "",
        "q": question,
        "box": ",".join(f"{edge:.4f}" for edge in box) if box else "",
    }
    kept = urlencode({key: value for key, value in query.items() if value})
    return reverse("archives:viewer", args=[item_id]) + (f"?{kept}" if kept else "")


def proof_url(relation: Relation) -> str:
    """The page that proves something."""
    return viewer_url(relation.item_id, relation.page, box=relation.box)
