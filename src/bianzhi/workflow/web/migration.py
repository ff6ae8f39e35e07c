"""换版: running cases of one version go on by another, step by step as mapped; shown for each before it is done."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.accounts import organization_names
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused
from bianzhi.workflow.models import FlowVersion, VersionStatus
from bianzhi.workflow.rules.profile import NodeKind
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.migration import Passage, identity, preview
from bianzhi.workflow.services.migrating import migrate_instances
from bianzhi.workflow.web.menu import CONFIGURE

STANDS_AT = (NodeKind.USER, NodeKind.WAIT, NodeKind.CALL, NodeKind.PARALLEL, NodeKind.INCLUSIVE)
"""Where a token of a running case can be; other nodes are passed at once and need no counterpart chosen."""


@page(CONFIGURE)
@require_http_methods(["GET", "POST"])
def migrate(request: PageRequest, pk: int) -> HttpResponse:
    """The versions, the table of counterparts, what would become of each case; with `go` it is done."""
    versions = FlowVersion.objects.select_related("definition")
    old = get_object_or_404(versions, pk=pk)
    choices = list(_targets(old))
    wanted = key_in(request.GET.get("to", "") or request.POST.get("to", ""))
    new = next((each for each in choices if each.pk == wanted), choices[0] if choices else None)
    if new is None:
        to = reverse("workflow:definition", args=[old.definition_id])
        return redirect_with_notice(request, to, "没有别的已发布版本可以换用，请先发布新版本。", level="warning")
    mapping = {**identity(old, new), **_mapped(request, old)}
    objections: Any = ()
    if "go" in request.POST:
        try:
            moved = migrate_instances(
                actor=request.user,
                from_version_id=old.pk,
                to_version_id=new.pk,
                mapping=mapping,
                text=typed(request, "text"),
                today=request.today,
            )
        except Refused as refusal:
            objections = refusal.objections
        else:
            to = reverse("workflow:definition", args=[old.definition_id])
            return redirect_with_notice(request, to, f"{len(moved)} 件在办事项已换用第 {new.number} 版。")
    return _shown(request, old, new, choices, mapping, objections)


def _targets(old: FlowVersion) -> Any:
    published = old.definition.versions.filter(status=VersionStatus.PUBLISHED)
    return published.exclude(pk=old.pk).order_by("-number").select_related("definition")


def _mapped(request: PageRequest, old: FlowVersion) -> dict[str, str]:
    sent = request.POST if request.method == "POST" else request.GET
    return {node: sent[f"map-{node}"] for node in process_of(old).nodes if f"map-{node}" in sent}


def _shown(
    request: PageRequest,
    old: FlowVersion,
    new: FlowVersion,
    choices: list[FlowVersion],
    mapping: dict[str, str],
    objections: Any,
) -> HttpResponse:
    before, after = process_of(old), process_of(new)
    passages = preview(old, new, mapping)
    rows = [
        (node, mapping.get(node.id, ""), [each for each in after.nodes.values() if each.kind is node.kind])
        for node in before.nodes.values()
        if node.kind in STANDS_AT
    ]
    context = {
        "old": old,
        "new": new,
        "choices": choices,
        "rows": rows,
        "passages": _named(passages),
        "stuck": sum(bool(passage.why_not) for passage in passages),
        "objections": objections,
        "text": request.POST.get("text", ""),
    }
    return render(request, "workflow/migrate.html", context, status=422 if objections else 200)


def _named(passages: list[Passage]) -> list[tuple[Passage, str]]:
    units = organization_names.names({each.instance.unit_id for each in passages if each.instance.unit_id})
    return [(passage, units.get(passage.instance.unit_id or 0, "")) for passage in passages]
