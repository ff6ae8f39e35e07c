"""Units of the whole district by name: an application may concern a unit outside the applicant's scope."""

from collections.abc import Iterator
from typing import Any

from bianzhi.common.web.lookups import Option, key_in
from bianzhi.kernel import clock
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.search import exactly_named, search
from bianzhi.organizations.selectors.tree import OrganizationTree


def options(user: Any, text: str, limit: int) -> Iterator[Option]:
    """Units in force today, with what they hang below."""
    return _options(text, limit, groupings=False)


def node_options(user: Any, text: str, limit: int) -> Iterator[Option]:
    """Units and grouping nodes, for the place a unit is to hang."""
    return _options(text, limit, groupings=True)


def _options(text: str, limit: int, *, groupings: bool) -> Iterator[Option]:
    today = clock.today()
    tree = OrganizationTree.as_of(today)
    if text:
        ids = [hit.organization_id for hit in search(text, day=today, within=None, limit=limit * 2)]
    else:
        ids = [node.id for node in tree.in_order()]
    nodes = [node for pk in ids if (node := tree.get(pk)) is not None and (groupings or not node.is_grouping)]
    for node in nodes[:limit]:
        superior = tree.get(node.parent_id)
        yield Option(str(node.id), node.name, superior.name if superior else "")


def chosen(user: Any, value: str) -> Organization | None:
    """The unit of an option, or the only one in force of a typed name."""
    return _chosen(value, groupings=False)


def chosen_node(user: Any, value: str) -> Organization | None:
    """As `chosen`, grouping nodes included."""
    return _chosen(value, groupings=True)


def _chosen(value: str, *, groupings: bool) -> Organization | None:
    key = key_in(value)
    ids = [key] if key is not None else exactly_named(value, day=clock.today())
    found = Organization.objects.filter(pk__in=ids)
    rows = list(found[:2] if groupings else found.exclude(versions__is_grouping=True)[:2])
    return rows[0] if len(rows) == 1 else None
