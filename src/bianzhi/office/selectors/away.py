"""Who is away and who stands in for them: the delegations (委托) in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.accounts.models import RoleGrant
from bianzhi.workflow.models import Delegation, FlowDefinition
from bianzhi.workflow.registries import reached_by


@dataclass(frozen=True, slots=True)
class Absence:
    """One person away for some days."""

    name: str
    office: str
    substitute: str
    first: date
    last: date
    reason: str
    flows: str


def absences(user: Any, first: date, last: date) -> list[Absence]:
    """Delegations that hold on any of the days, of people the user may know of; two or three queries."""
    rows = visible(user, last).filter(
        ended_at__isnull=True, valid_from__lte=last, valid_until__gte=first, delegator__is_active=True
    )
    found = list(rows.select_related("delegator", "delegate").order_by("valid_from", "pk"))
    titles = _titles({key for row in found for key in row.flows})
    return [
        Absence(
            row.delegator.display_name,
            row.delegator.office,
            row.delegate.display_name,
            row.valid_from,
            row.valid_until,
            row.reason,
            "、".join(titles.get(key, key) for key in row.flows) or "全部事项",
        )
        for row in found
    ]


def visible(user: Any, day: date) -> QuerySet[Delegation]:
    """Delegations one gave or holds, and those of people of the units within one's reach; all for the office."""
    reached = reached_by(user, day)
    if reached is None:
        return Delegation.objects.all()
    colleagues = RoleGrant.objects.filter(organization_id__in=reached, revoked_at__isnull=True).values("user_id")
    return Delegation.objects.filter(Q(delegator=user) | Q(delegate=user) | Q(delegator__in=colleagues))


def _titles(keys: Sequence[str] | set[str]) -> dict[str, str]:
    return dict(FlowDefinition.objects.filter(key__in=keys).values_list("key", "title")) if keys else {}
