"""Whether somebody may do something: the one question every service asks before it writes.

What part of the district a permission reaches is asked separately, by the app that knows the organisation tree.
"""

from typing import Final

from django.core.exceptions import PermissionDenied

from bianzhi.accounts import permissions
from bianzhi.accounts.roles import roles_granting
from bianzhi.audit.actors import Actor

MANAGE: Final = "accounts.manage"
"""What every act on accounts and roles asks for."""


class Denied(PermissionDenied):
    """The actor lacks a permission. The message names the permission, the roles that hold it and who grants them."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(f"您的账号没有“{permissions.label(permission)}”权限。{how_to_get(permission)}")


def require(actor: Actor, permission: str) -> None:
    """Let the actor pass or raise Denied."""
    if not actor.can(permission):
        raise Denied(permission)


def how_to_get(permission: str) -> str:
    """The next step for somebody who lacks a permission."""
    roles = roles_granting(permission)
    if not roles:
        return "目前没有角色具有该权限，请联系安全管理员。"
    return f"具有该权限的角色：{'、'.join(roles)}；角色由安全管理员授予。"
