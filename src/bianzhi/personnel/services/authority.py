"""Whether the actor may do this to these units: the permission first, then the data scope."""

from bianzhi.audit.actors import Actor
from bianzhi.organizations.scopes import require_organization


def require(by: Actor, permission: str, *organization_ids: int) -> None:
    """Let the actor pass, or raise Denied or OutOfScope, for every unit the act touches."""
    require_organization(by, permission, *organization_ids)
