"""One version of a flow: its picture, its steps in words, what is wrong with it, what it changes; publish, retire."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowVersion, VersionStatus
from bianzhi.workflow.rules.profile import NodeKind
from bianzhi.workflow.rules.validating import examine
from bianzhi.workflow.selectors.definitions import known, process_of
from bianzhi.workflow.services import definitions as services
from bianzhi.workflow.web.differences import differences
from bianzhi.workflow.web.flawed import named
from bianzhi.workflow.web.menu import CONFIGURE
from bianzhi.workflow.web.pictures import in_order, picture_of_version
from bianzhi.workflow.web.words import facets, vocabulary

UNSPOKEN = (NodeKind.START, NodeKind.END, NodeKind.TERMINATE)


@page(CONFIGURE)
@require_safe
def version(request: PageRequest, pk: int) -> HttpResponse:
    """The version as it is."""
    return _shown(request, _version(pk))


@page(CONFIGURE)
@require_POST
def publish(request: PageRequest, pk: int) -> HttpResponse:
    """Make a draft the version new cases take; what is wrong with it is named by element."""
    found = _version(pk)
    try:
        services.publish(actor=request.user, version_id=pk)
    except Refused as refusal:
        return _shown(request, found, refusal.objections)
    to = reverse("workflow:definition", args=[found.definition_id])
    return redirect_with_notice(request, to, f"已发布“{found.definition}”第 {found.number} 版，新办件按这一版办理。")


@page(CONFIGURE)
@require_POST
def retire(request: PageRequest, pk: int) -> HttpResponse:
    """Let no new case take a version."""
    found = _version(pk)
    try:
        services.retire(actor=request.user, version_id=pk)
    except Refused as refusal:
        return _shown(request, found, refusal.objections)
    to = reverse("workflow:definition", args=[found.definition_id])
    return redirect_with_notice(request, to, f"已停用第 {found.number} 版，在办事项按原版本办完。")


@page(CONFIGURE)
@require_safe
def download(request: PageRequest, pk: int) -> HttpResponse:
    """The version as a BPMN 2.0 file."""
    found = _version(pk)
    response = HttpResponse(found.bpmn_xml, content_type="application/xml; charset=utf-8")
    name = f"{found.definition.key}-v{found.number}.bpmn"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _version(pk: int) -> FlowVersion:
    return get_object_or_404(FlowVersion.objects.select_related("definition"), pk=pk)


def _shown(request: PageRequest, found: FlowVersion, objections: tuple[Objection, ...] = ()) -> HttpResponse:
    words = vocabulary()
    process = process_of(found)
    nodes = in_order(process)
    loose = [node for node in process.nodes.values() if node not in nodes]
    is_draft = found.status == VersionStatus.DRAFT
    flaws = examine(found.bpmn_xml, known()).flaws if is_draft else []
    before = found.definition.versions.filter(number__lt=found.number).order_by("-number").first()
    steps: list[Any] = [(node, facets(node, process, words)) for node in [*nodes, *loose] if node.kind not in UNSPOKEN]
    context = {
        "version": found,
        "flaws": named(flaws, process),
        "steps": steps,
        "before": before,
        "changes": differences(process_of(before), process, words) if before else [],
        "picture": picture_of_version(found, flaws),
        "objections": [] if is_draft and flaws else objections,
    }
    return render(request, "workflow/version.html", context, status=422 if objections else 200)
