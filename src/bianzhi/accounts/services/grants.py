"""Giving and taking roles, in force at once: by two persons (`services.changes`) or by the console, never by one."""

from typing import Any

from django.utils import timezone

from bianzhi.accounts import organization_names
from bianzhi.accounts.models import RoleGrant, User
from bianzhi.accounts.policies import MANAGE, require
from bianzhi.accounts.roles import ROLES
from bianzhi.accounts.rules.grants import objections_to_grant
from bianzhi.accounts.services.two_persons import refuse_alone
from bianzhi.accounts.services.users import locked, locked_with_administrators, refuse_without_security_admin
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused, refuse_if


@unit_of_work
def grant_role(
    *,
    actor: Actor,
    user_id: int,
    role: str,
    organization_id: int | None = None,
    includes_subtree: bool = False,
) -> RoleGrant:
    """Give a role, with the organisation it reaches where the role needs one.

    Raises Refused (S00–S06) for an unknown role, one's own account, a missing or needless organisation,
    the three administrators on one account, or roles of different reach on one account; S40 for one person alone.
    """
    require(actor, MANAGE)
    user = locked(user_id)
    held = [(grant.role, grant.organization_id) for grant in open_grants(user)]
    refuse_if(
        objections_to_grant(role=role, organization_id=organization_id, held=held, is_own_account=actor.pk == user_id)
    )
    refuse_unknown(organization_id)
    refuse_alone(actor)
    grant = RoleGrant.objects.create(
        user=user, role=role, organization_id=organization_id, includes_subtree=includes_subtree
    )
    record("accounts.role_granted", actor=actor, subject=user, facts=_facts(grant), wrote=[grant])
    return grant


@unit_of_work
def revoke_role(*, actor: Actor, grant_id: int) -> RoleGrant:
    """Take a role back; it ends with the next request of its user. The last security administrator stays.

    Raises Refused (S04, S07, S16), S40 for one person alone.
    """
    require(actor, MANAGE)
    user = locked_with_administrators(RoleGrant.objects.values_list("user_id", flat=True).get(pk=grant_id))
    grant = RoleGrant.objects.get(pk=grant_id)
    if actor.pk == user.pk:
        raise Refused([Objection("S04", "不能收回自己的角色。", next_step="请由另一名安全管理员办理。")])
    if grant.revoked_at is not None:
        raise Refused([Objection("S07", "该角色已经收回。")])
    if grant.role == "security_admin":
        refuse_without_security_admin(losing=user)
    refuse_alone(actor)
    grant.revoked_at = timezone.now()
    grant.save(update_fields=["revoked_at"])
    record("accounts.role_revoked", actor=actor, subject=grant.user, facts=_facts(grant), wrote=[grant])
    return grant


def open_grants(user: User) -> list[RoleGrant]:
    """The grants in force, read now (not the copy a request keeps)."""
    return list(RoleGrant.objects.filter(user=user, revoked_at__isnull=True).order_by("pk"))


def refuse_unknown(organization_id: int | None) -> None:
    """Raise Refused (S06) for an organisation nobody knows."""
    if organization_id is None:
        return
    known = organization_names.known([organization_id])
    if known is not None and organization_id not in known:
        raise Refused([Objection("S06", "所选机构不存在。", next_step="请重新选择机构。")])


def _facts(grant: RoleGrant) -> dict[str, Any]:
    reach = grant.organization_id
    return {
        "role": grant.role,
        "role_label": ROLES[grant.role].label if grant.role in ROLES else grant.role,
        "organization_id": reach,
        "organization": organization_names.names([reach])[reach] if reach is not None else None,
        "includes_subtree": grant.includes_subtree,
    }
