"""On the page of an approval document: its scans, from the cases that issued it and that the reader may see."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from bianzhi.common.web.access import PageRequest
from bianzhi.matters.models import Case, CaseAttachment, document_mark
from bianzhi.matters.rules.evidence import SCAN
from bianzhi.matters.web.materials import file_of


def scans_of(user: Any, doc_no: str) -> list[CaseAttachment]:
    """Scans of the document with that number, in cases within the user's sight."""
    rows = CaseAttachment.objects.filter(evidence__startswith=SCAN, removed_at__isnull=True)
    cited = rows.filter(case__document_marks__contains=document_mark(doc_no), case__in=Case.objects.visible_to(user))
    return [row for row in cited.select_related("case").order_by("pk") if _is_of(row, doc_no)]


def _is_of(scan: CaseAttachment, doc_no: str) -> bool:
    value = scan.case.form.get(scan.evidence.removeprefix(SCAN))
    return isinstance(value, Mapping) and value.get("doc_no") == doc_no


def document_panel(request: PageRequest, document: Any) -> SafeString:
    """The panel; nothing without scans."""
    rows = scans_of(request.user, document.doc_no)
    if not rows:
        return mark_safe("")
    files = [(file_of(row), row.case) for row in rows]
    return mark_safe(render_to_string("matters/document_scans.html", {"files": files}, request))  # noqa: S308 - a template
