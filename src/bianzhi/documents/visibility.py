"""Which documents a user of limited scope may read: those that rows within the scope rest on.

A document knows nothing of who cites it. Each upper app registers, in its `AppConfig.ready`, which documents the rows
visible to a user cite; a title such as 关于某同志退休的批复 must not be read beyond that.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

CitedBy = Callable[[Any], Iterable[QuerySet[Any, Any]]]
_registered: list[CitedBy] = []


def register(cited_by: CitedBy) -> None:
    """Add a source: `cited_by(user)` gives querysets of document ids (`values("document_id")`), used as subqueries."""
    if cited_by not in _registered:
        _registered.append(cited_by)


def cited_within_scope(user: Any) -> list[QuerySet[Any, Any]]:
    """Querysets of the ids of documents cited within the user's scope."""
    return [ids for cited_by in _registered for ids in cited_by(user)]
