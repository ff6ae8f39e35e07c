"""Finding documents."""

from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.identifiers.document_number import parse_document_number

BRACKETS = str.maketrans(dict.fromkeys("[]〔〕［］", " "))


def numbered(doc_no: str) -> QuerySet[ApprovalDocument]:
    """Documents of that number, whoever issued them; any usual writing of the number finds them."""
    return ApprovalDocument.objects.filter(doc_no=parse_document_number(doc_no).text)


def found_by(text: str) -> Q:
    """Condition that a document answers to a search text.

    A whole number in any writing finds that document only. Otherwise every word must occur in the number, the title or
    the issuer: 「虞编办 2025 12」 finds 虞编办〔2025〕12号.
    """
    number = parse_document_number(text)
    if number.is_standard:
        return Q(doc_no=number.text)
    wanted = Q(doc_no=number.text)
    words = Q()
    for word in text.translate(BRACKETS).split():
        words &= Q(doc_no__icontains=word) | Q(title__icontains=word) | Q(issuer__icontains=word)
    return wanted | words if words else wanted


def search(user: Any, text: str, limit: int) -> list[ApprovalDocument]:
    """The newest documents within the user's scope that answer to a text; all of them for a blank one."""
    rows = ApprovalDocument.objects.visible_to(user)
    if text.strip():
        rows = rows.filter(found_by(text))
    return list(rows.order_by("-issued_on", "-pk")[:limit])
