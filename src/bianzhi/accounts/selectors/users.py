"""Accounts with their roles in words, in a number of queries that does not depend on how many accounts there are."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bianzhi.accounts import organization_names
from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.roles import ROLES


@dataclass(frozen=True, slots=True)
class GrantWithReach:
    """A role in force and what it reaches, for people to read."""

    pk: int
    role: str
    label: str
    reach: str
    grant: RoleGrant

    def __str__(self) -> str:
        return self.label if self.is_district else f"{self.label}（{self.reach}）"

    @property
    def is_district(self) -> bool:
        """Whether the role reaches the whole district by its nature."""
        return ROLES[self.role].whole_district


def grants_with_reach(user: User) -> list[GrantWithReach]:
    """The roles in force of one account, read now."""
    return grants_by_user([user.pk])[user.pk]


def grants_by_user(ids: Iterable[int]) -> dict[int, list[GrantWithReach]]:
    """The roles in force of several accounts."""
    grants = list(RoleGrant.objects.filter(user_id__in=list(ids), revoked_at__isnull=True).order_by("pk"))
    names = organization_names.names({g.organization_id for g in grants if g.organization_id is not None})
    found: dict[int, list[GrantWithReach]] = defaultdict(list)
    for grant in grants:
        if grant.role in ROLES:
            label = ROLES[grant.role].label
            found[grant.user_id].append(GrantWithReach(grant.pk, grant.role, label, _reach(grant, names), grant))
    return found


def _reach(grant: RoleGrant, names: dict[int, str]) -> str:
    if grant.organization_id is None:
        return "全区"
    return names[grant.organization_id] + ("及其下级" if grant.includes_subtree else "")
