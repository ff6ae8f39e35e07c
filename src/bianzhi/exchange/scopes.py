"""Which departments' deliveries and findings a user may see."""

from typing import Any, Final, TypeVar

from django.db.models import Model, Q, QuerySet

from bianzhi.accounts.roles import ROLES
from bianzhi.organizations.scopes import restrict
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, FINANCE, HR, ORGANIZATION

M = TypeVar("M", bound=Model)

VIEW: Final = "exchange.view"
LIAISONS: Final = {"liaison_organization": ORGANIZATION, "liaison_hr": HR, "liaison_finance": FINANCE}
"""A liaison officer sees what their own department gave, and the findings it owns or its rows are part of."""


def departments_of(user: Any) -> tuple[str, ...]:
    """Codes of the departments whose sources a user reaches; none for users of units.

    Only roles that let into the exchange count: a liaison officer who administers accounts besides stays a liaison
    officer. The system, which has no roles, reaches every department.
    """
    if not user.can(VIEW) or not user.sees_everything():
        return ()
    if user.pk is None:
        return DEPARTMENT_CODES
    roles = {grant.role for grant in user.grants if _lets_in(grant.role)}
    if roles <= set(LIAISONS):
        return tuple(sorted(LIAISONS[role] for role in roles))
    return DEPARTMENT_CODES


def _lets_in(code: str) -> bool:
    role = ROLES.get(code)
    return role is not None and VIEW in role.permissions


def restrict_findings(queryset: QuerySet[M], user: Any) -> QuerySet[M]:
    """All for the office; a liaison's department's; for a unit, those about it."""
    departments = departments_of(user)
    if departments == DEPARTMENT_CODES:
        return queryset
    if not departments:
        return restrict(queryset, user) if user.can("exchange.findings") else queryset.none()
    reached = Q()
    for code in departments:
        reached |= Q(owner=code) | Q(sources__contains=f",{code},")
    return queryset.filter(reached)
