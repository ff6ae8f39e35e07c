"""Which part of the district a user reaches: asked by every app that shows or changes something of a unit."""

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet

from bianzhi.accounts import permissions, policies
from bianzhi.audit.actors import Actor
from bianzhi.kernel import clock
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.models.reach import visible_ids

M = TypeVar("M", bound=Model)


class OutOfScope(PermissionDenied):
    """The actor holds the permission, but not for this unit."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(
            f"该机构不在您的管理范围内，不能{permissions.label(permission)}。需要扩大管理范围的，请联系安全管理员。"
        )


def visible_organization_ids(user: Any, day: date) -> set[int] | None:
    """Ids of the organisations within a user's scope by the tree of a day; None means all.

    A role with subtree reaches children and supervised units, and theirs in turn. Offices of the district see all.
    """
    return visible_ids(user, day, OrganizationVersion.objects.all())


def require_organization(actor: Actor, permission: str, *organization_ids: int) -> None:
    """Let the actor pass, or raise policies.Denied (no such permission) or OutOfScope (not for one of these units)."""
    policies.require(actor, permission)
    if actor.sees_everything():
        return
    reached = visible_organization_ids(actor, clock.today()) or set()
    if not set(organization_ids) <= reached:
        raise OutOfScope(permission)


def restrict(queryset: QuerySet[M], user: Any, field: str = "organization", day: date | None = None) -> QuerySet[M]:
    """The rows whose `field` names an organisation within the user's scope (by the tree of today, if not said)."""
    ids = visible_organization_ids(user, day or clock.today())
    return queryset if ids is None else queryset.filter(**{f"{field}__in": ids})
