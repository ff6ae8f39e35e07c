"""How documents are found from the search box and from forms."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from bianzhi.common.web.lookups import Option, key_in
from bianzhi.common.web.search import Result
from bianzhi.documents import selectors
from bianzhi.documents.models import ApprovalDocument


def find(user: Any, text: str, limit: int) -> Iterator[Result]:
    """Results for the global search."""
    for row in selectors.search(user, text, limit):
        yield Result(f"{row.doc_no} {row.title}", f"{row.issuer} · {row.issued_on}", url_of(row))


def options(user: Any, text: str, limit: int) -> Iterator[Option]:
    """Options for the document picker."""
    for row in selectors.search(user, text, limit):
        yield Option(str(row.pk), f"{row.doc_no} {row.title}", f"{row.issuer} {row.issued_on}")


def chosen(user: Any, value: str) -> ApprovalDocument | None:
    """The document of an option, or the only one of a typed number."""
    rows = ApprovalDocument.objects.visible_to(user)
    key = key_in(value)
    if key is not None:
        return rows.filter(pk=key).first()
    found = list(rows.filter(pk__in=selectors.numbered(value).values("pk"))[:2])
    return found[0] if len(found) == 1 else None


def url_of(document: ApprovalDocument) -> str:
    """The page of a document."""
    return reverse("documents:detail", args=[document.pk])
