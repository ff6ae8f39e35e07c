"""The page of one event of the history (沿革事项), with what apps above did in it."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.web import tabs
from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.models import ApprovalDocument
from bianzhi.organizations.models import Lineage, ReorganizationEvent
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.organizations.selectors.units import names_on

PAGE = "event"
"""Name of the page for the panels of other apps."""


@page("organizations.view")
@require_safe
def event(request: PageRequest, pk: int) -> HttpResponse:
    """What was done to which units by which document; other apps tell of quota and people."""
    found = get_object_or_404(ReorganizationEvent.objects.select_related("document"), pk=pk)
    reach = visible_organization_ids(request.user, request.today)
    parts = list(found.parts.order_by("pk"))
    seen = [part for part in parts if reach is None or part.organization_id in reach]
    if not seen:
        raise Http404("没有这条沿革事项，或者它不在您的管理范围内。")
    context = {
        "event": found,
        "facts": _facts(request, found),
        "parts": _named(request, seen),
        "hidden": len(parts) - len(seen),
        "panels": [shown for shown in tabs.panels_for(request, PAGE, found) if shown.strip()],
    }
    return render(request, "organizations/event.html", context)


def _facts(request: PageRequest, found: ReorganizationEvent) -> list[tuple[str, str, str]]:
    readable = request.user.can("documents.view") and (
        ApprovalDocument.objects.visible_to(request.user).filter(pk=found.document_id).exists()
    )
    return [
        ("事项", found.get_kind_display(), ""),
        ("生效日期", found.effective_on.isoformat(), ""),
        (
            "依据文件",
            found.document.doc_no,
            reverse("documents:detail", args=[found.document_id]) if readable else "",
        ),
        ("变动摘要", found.summary, ""),
    ]


def _named(request: PageRequest, parts: list[Lineage]) -> list[tuple[str, str, str]]:
    """Role, name on the day shown and address of each unit."""
    names = names_on({part.organization_id for part in parts}, request.as_of)
    return [
        (
            part.get_role_display(),
            names.get(part.organization_id, f"机构 {part.organization_id}"),
            reverse("organizations:detail", args=[part.organization_id]),
        )
        for part in parts
    ]
