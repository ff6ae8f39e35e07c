"""How organisations are found from the search box and from forms."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from bianzhi.common.web.lookups import Option, key_in
from bianzhi.common.web.search import Result
from bianzhi.kernel import clock
from bianzhi.organizations import scopes
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.search import exactly_named, search
from bianzhi.organizations.selectors.tree import OrganizationTree
from bianzhi.organizations.selectors.units import names_on


def find(user: Any, text: str, limit: int) -> Iterator[Result]:
    """Results for the global search, abolished units included."""
    today = clock.today()
    reach = scopes.visible_organization_ids(user, today)
    hits = search(text, day=today, within=reach, limit=limit)
    tree = OrganizationTree.as_of(today) if hits else None
    for hit in hits:
        above = tree.path(hit.organization_id)[:-1] if tree else []
        notes = [hit.by, " / ".join(node.name for node in above), "" if hit.is_in_force else "已撤销"]
        url = reverse("organizations:detail", args=[hit.organization_id])
        yield Result(hit.name, " · ".join(note for note in notes if note), url)


def unit_options(user: Any, text: str, limit: int) -> Iterator[Option]:
    """Units in force today, for forms and filters."""
    return _options(user, text, limit, groupings=False)


def node_options(user: Any, text: str, limit: int) -> Iterator[Option]:
    """Units and grouping nodes, for the place a unit hangs in the tree."""
    return _options(user, text, limit, groupings=True)


def _options(user: Any, text: str, limit: int, *, groupings: bool) -> Iterator[Option]:
    today = clock.today()
    reach = scopes.visible_organization_ids(user, today)
    tree = OrganizationTree.as_of(today)
    if text:
        ids = [hit.organization_id for hit in search(text, day=today, within=reach, limit=limit * 2)]
    else:
        ids = [node.id for node in tree.in_order() if reach is None or node.id in reach]
    nodes = [node for pk in ids if (node := tree.get(pk)) is not None and (groupings or not node.is_grouping)]
    for node in nodes[:limit]:
        superior = tree.get(node.parent_id)
        yield Option(str(node.id), node.name, superior.name if superior else "")


def chosen_unit(user: Any, value: str) -> Organization | None:
    """The unit of an option, or the only one in force of a typed name; its `known_as` is set."""
    return _chosen(user, value, groupings=False)


def chosen_node(user: Any, value: str) -> Organization | None:
    """As `chosen_unit`, grouping nodes included."""
    return _chosen(user, value, groupings=True)


def _chosen(user: Any, value: str, *, groupings: bool) -> Organization | None:
    today = clock.today()
    key = key_in(value)
    ids = [key] if key is not None else exactly_named(value, day=today)
    found = Organization.objects.visible_to(user).filter(pk__in=ids)
    if not groupings:
        found = found.exclude(versions__is_grouping=True)
    rows = list(found[:2])
    if len(rows) != 1:
        return None
    rows[0].known_as = label(rows[0])
    return rows[0]


def label(organization: Organization) -> str:
    """Its name today."""
    names = names_on([organization.pk], clock.today())
    return organization.known_as or names.get(organization.pk, organization.code)
