"""The tabs and panels organizations themselves have on the unit page."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.as_of import with_day
from bianzhi.kernel.codesets import codes
from bianzhi.organizations import figures
from bianzhi.organizations.models import Lineage, Organization, ReorganizationEvent
from bianzhi.organizations.selectors import units
from bianzhi.organizations.selectors.history import HistoryRow, history
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.web.branches import Branches

NEWEST = 6
NAMED = 5
CITED = 100
"""Changes of structure listed on the page of their document; how many more there are is said below."""


def bodies(request: PageRequest, organization: Organization) -> SafeString:
    """内设机构 of the day."""
    ranks = codes("organization_rank")
    rows = [(body, ranks.label(body.rank)) for body in units.bodies(organization, request.as_of)]
    context = {"organization": organization, "rows": rows, "may_change": _may_change(request, organization)}
    return render_to_string("organizations/bodies.html", context, request=request)


def count_bodies(request: PageRequest, organization: Organization) -> int:
    """How many internal bodies there are, 领导 not counted."""
    return units.bodies(organization, request.as_of).exclude(kind="leaders").count()


def duties(request: PageRequest, organization: Organization) -> SafeString:
    """职责任务, nameplates and other names."""
    context = {
        "organization": organization,
        "version": organization.shown,
        "plates": units.nameplates(organization, request.as_of),
        "aliases": units.aliases(organization) if request.user.can(CHANGE) else [],
        "former": units.former_names(organization, request.as_of),
        "may_change": _may_change(request, organization),
    }
    return render_to_string("organizations/duties.html", context, request=request)


def subordinate(request: PageRequest, organization: Organization) -> SafeString:
    """下属单位: children and supervised units of the day, with their figures."""
    branches = Branches(request)
    tree = branches.tree
    found = [*tree.children(organization.pk), *tree.supervised(organization.pk)]
    shown = [node for node in dict.fromkeys(found) if branches.may_open(node.id)]
    counted = figures.of([node.id for node in shown if not node.is_grouping], request.as_of)
    ranks, types = codes("organization_rank"), codes("organization_type")
    rows = [(node, types.label(node.org_type), ranks.label(node.rank), counted.get(node.id)) for node in shown]
    context = {"organization": organization, "rows": rows}
    return render_to_string("organizations/subordinate.html", context, request=request)


def history_tab(request: PageRequest, organization: Organization) -> SafeString:
    """历史沿革 (T18): every event with how the unit stood after it."""
    context = {"organization": organization, "rows": history(organization, request.as_of)}
    return render_to_string("organizations/history_table.html", context, request=request)


def newest_events(request: PageRequest, organization: Organization) -> SafeString:
    """The newest events beside the roster."""
    rows = history(organization, request.as_of)[:NEWEST]
    address = reverse("organizations:detail", args=[organization.pk])
    link = with_day(request, f"{address}?tab=history")
    context = {"events": [_as_event(request, row) for row in rows], "link": link}
    return render_to_string("organizations/newest_events.html", context, request=request)


def cited_by(request: PageRequest, document: Any) -> SafeString:
    """On the page of a document: the changes of structure that rest on it."""
    events = ReorganizationEvent.objects.filter(document=document, effective_on__lte=request.as_of)
    reach = Branches(request)
    if reach.reach is not None:
        own = Lineage.objects.filter(organization_id__in=reach.reach)
        events = events.filter(Exists(own.filter(event=OuterRef("pk"))))
    total = events.count()
    rows = []
    for event in events.prefetch_related("parts").order_by("-effective_on", "-pk")[:CITED]:
        parts = [part.organization_id for part in event.parts.all() if reach.may_open(part.organization_id)]
        rows.append((event, parts))
    names = units.names_on({pk for _, parts in rows for pk in parts[:NAMED]}, request.as_of)
    shown = [(event, [(pk, names.get(pk, f"机构 {pk}")) for pk in parts[:NAMED]], len(parts)) for event, parts in rows]
    if not shown:
        return SafeString("")
    context = {"rows": shown, "more": total - len(shown)}
    return render_to_string("organizations/cited_by.html", context, request=request)


def _as_event(request: PageRequest, row: HistoryRow) -> dict[str, Any]:
    url = row.url
    if not url and row.document_id and request.user.can("documents.view"):
        url = reverse("documents:detail", args=[row.document_id])
    text = " · ".join(part for part in (row.doc_no, row.summary) if part)
    return {"date": row.date, "title": row.title, "text": text, "url": url}


def _may_change(request: PageRequest, organization: Organization) -> bool:
    version = organization.shown
    return bool(request.user.can(CHANGE) and version is not None and version.is_open)
