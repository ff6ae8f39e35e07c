"""How far a user's data scope reaches into the tree."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from bianzhi.organizations.rules.subtrees import Link, below


def visible_ids(user: Any, day: date, versions: QuerySet[Any]) -> set[int] | None:
    """Ids of the organisations a user may see by the tree of a day; None means all of them.

    An abolished unit stays where it hung last, a planned one is where it will hang, so that neither drops out of its
    superior's sight. One query, and none for users without or with every scope.
    """
    if user.sees_everything():
        return None
    roots = user.scope_roots() if hasattr(user, "scope_roots") else []
    found = {organization_id for organization_id, _ in roots}
    with_subtree = [organization_id for organization_id, includes_subtree in roots if includes_subtree]
    return found | below(_links(day, versions), with_subtree) if with_subtree else found


def _links(day: date, versions: QuerySet[Any]) -> list[Link]:
    rows = (
        versions.filter(superseded_at__isnull=True)
        .order_by("valid_from")
        .values_list("organization_id", "parent_id", "supervising_department_id", "valid_from")
    )
    latest: dict[int, Link] = {}
    for organization_id, parent_id, supervising_id, valid_from in rows.iterator(chunk_size=2000):
        if valid_from <= day or organization_id not in latest:
            latest[organization_id] = Link(organization_id, parent_id, supervising_id)
    return list(latest.values())
