"""What stands beside the tree while no unit is chosen."""

from collections import Counter
from typing import Any

from bianzhi.common.web.access import PageRequest
from bianzhi.kernel.codesets import codes
from bianzhi.organizations import scopes
from bianzhi.organizations.models import Lineage, ReorganizationEvent
from bianzhi.organizations.selectors.tree import OrganizationTree
from bianzhi.organizations.selectors.units import names_on

NEWEST = 10


def context(request: PageRequest, tree: OrganizationTree) -> dict[str, Any]:
    """Numbers of units by type, and the newest changes, within the user's scope."""
    reach = scopes.visible_organization_ids(request.user, request.as_of)
    units = [node for node in tree.units if reach is None or node.id in reach]
    types = codes("organization_type")
    counted = Counter(node.org_type for node in units)
    rows = [(types.label(code), counted[code]) for code in sorted(counted)]
    return {"types": rows, "total": len(units), "newest": _newest(request)}


def _newest(request: PageRequest) -> list[dict[str, Any]]:
    """The newest events, each told once however many units have a part in it."""
    parts = scopes.restrict(Lineage.objects.all(), request.user, day=request.as_of)
    within = parts.filter(event__effective_on__lte=request.as_of).values("event_id")
    events = ReorganizationEvent.objects.filter(pk__in=within).select_related("document")
    newest = list(events.order_by("-effective_on", "-pk")[:NEWEST])
    concerned: dict[int, list[int]] = {}
    for event_id, pk in parts.filter(event__in=newest).order_by("pk").values_list("event_id", "organization_id"):
        concerned.setdefault(event_id, []).append(pk)
    names = names_on([ids[0] for ids in concerned.values()], request.as_of)
    return [_told(event, concerned[event.pk], names) for event in newest]


def _told(event: ReorganizationEvent, ids: list[int], names: dict[int, str]) -> dict[str, Any]:
    who = names.get(ids[0], "") + (f"等 {len(ids)} 个机构" if len(ids) > 1 else "")
    return {
        "date": event.effective_on,
        "title": f"{who} {event.get_kind_display()}",
        "text": f"{event.document.doc_no} · {event.summary}",
    }
