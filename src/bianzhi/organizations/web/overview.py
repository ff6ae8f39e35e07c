"""What stands beside the tree while no unit is chosen."""

from collections import Counter
from typing import Any

from bianzhi.common.web.access import PageRequest
from bianzhi.kernel.codesets import codes
from bianzhi.organizations import scopes
from bianzhi.organizations.models import Lineage
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
    parts = scopes.restrict(Lineage.objects.all(), request.user, day=request.as_of)
    parts = parts.filter(event__effective_on__lte=request.as_of).select_related("event", "event__document")
    newest = list(parts.order_by("-event__effective_on", "-event_id", "pk")[:NEWEST])
    names = names_on([part.organization_id for part in newest], request.as_of)
    return [
        {
            "date": part.event.effective_on,
            "title": f"{names.get(part.organization_id, '')} {part.event.get_kind_display()}",
            "text": f"{part.event.document.doc_no} · {part.event.summary}",
        }
        for part in newest
    ]
