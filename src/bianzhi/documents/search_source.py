"""Approval documents in the full-text index: found by 文号 in any brackets, by words and 拼音首字母 of the title."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bianzhi.common.models import OutboxMessage
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.web.finding import url_of
from bianzhi.search.jobs.changes import note
from bianzhi.search.sources import Entry, Source

KIND: Final = "documents.document"
EVERYTHING: Final = "all"


def all_ids() -> Iterator[int]:
    """Every document."""
    return ApprovalDocument.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def entries(ids: Sequence[int]) -> Iterator[Entry]:
    """One entry each."""
    for row in ApprovalDocument.objects.filter(pk__in=ids).order_by("pk"):
        yield Entry(
            key=f"{KIND}:{row.pk}",
            subject=f"{KIND}:{row.pk}",
            title=row.title,
            subtitle=f"{row.doc_no} · {row.issuer} · {row.issued_on}",
            body=f"{row.get_kind_display()} {row.note}".strip(),
            url=url_of(row),
            access=(EVERYTHING, f"id:{row.pk}"),
            numbers=(row.doc_no,),
            year=row.issued_on.year,
            dated_on=row.issued_on,
        )


def tokens(user: Any) -> Iterator[str]:
    """Everything for the district's offices; for others the documents that rows within their scope rest on."""
    if user.sees_everything():
        yield EVERYTHING
        return
    for pk in ApprovalDocument.objects.visible_to(user).values_list("pk", flat=True):
        yield f"id:{pk}"


def changed(message: OutboxMessage) -> None:
    """documents.registered, documents.corrected."""
    payload = message.payload
    note(KIND, payload["ids"] if "ids" in payload else [payload["id"]])


SOURCE: Final = Source(
    kind=KIND,
    label="批准文件",
    icon="file-text",
    permission="documents.view",
    all_ids=all_ids,
    entries=entries,
    tokens=tokens,
    order=20,
)
