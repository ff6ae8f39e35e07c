"""`./bianzhi account`: the first accounts of a new installation, and the way back in when nobody can log in.

A role is in force at once only while no two persons are there to propose and confirm it; then the console proposes.
"""

import argparse
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.accounts.models import AccountChange, RoleGrant, User
from bianzhi.accounts.passwords import one_time_password
from bianzhi.accounts.roles import ROLES
from bianzhi.accounts.selectors.users import grants_by_user
from bianzhi.accounts.services import second_factors
from bianzhi.accounts.services.changes import propose_grant
from bianzhi.accounts.services.grants import grant_role
from bianzhi.accounts.services.users import create_user, reset_password
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.objections import Refused

WRONG_USE: Final = 2
CONSOLE: Final = System("控制台")


class Command(BaseCommand):
    help = "建立账号（create）、重置密码并解锁（reset）、列出账号（list）：0 完成，2 用法错误"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="create|reset|list")
        create = acts.add_parser("create", help="建立账号并打印一次性密码 open an account, print its one-time password")
        create.add_argument("username", help="账号 account name")
        create.add_argument("--name", required=True, help="姓名 name of the person")
        create.add_argument("--office", default="", help="所在处室 office")
        district_wide = [code for code, role in ROLES.items() if role.whole_district]
        create.add_argument("--role", choices=district_wide, help="全区性角色 role that reaches the whole district")
        reset = acts.add_parser("reset", help="重置密码并解除登录锁定 give a one-time password, lift a lock")
        reset.add_argument("username", help="账号 account name")
        reset.add_argument("--factor", action="store_true", help="同时停用动态验证码 also drop the second factor")
        acts.add_parser("list", help="列出账号 list the accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            {"create": self._create, "reset": self._reset, "list": self._list}[options["act"]](options)
        except (Refused, User.DoesNotExist) as error:
            self.stderr.write("没有这个账号。" if isinstance(error, User.DoesNotExist) else str(error))
            raise SystemExit(WRONG_USE) from error

    def _create(self, options: dict[str, Any]) -> None:
        password = one_time_password()
        user = _open_account(
            username=options["username"],
            display_name=options["name"],
            office=options["office"],
            role=options["role"],
            password=password,
        )
        self.stdout.write(f"已建立账号 {user.username}，一次性密码：{password}（首次登录须修改）")
        if AccountChange.objects.pending().filter(account=user).exists():
            self.stdout.write("已有两人可以办理：角色待安全管理员或编办主任、副主任在“账号变更复核”中复核后生效。")

    def _reset(self, options: dict[str, Any]) -> None:
        password = one_time_password()
        user = User.objects.get(username=options["username"])
        _give_back(user, password, factor=options["factor"])
        self.stdout.write(f"账号 {user.username} 的一次性密码：{password}（下次登录须修改）")

    def _list(self, options: dict[str, Any]) -> None:
        users = list(User.objects.order_by("username"))
        grants = grants_by_user(user.pk for user in users)
        for user in users:
            roles = "、".join(str(grant) for grant in grants.get(user.pk, [])) or "未授予角色"
            state = "" if user.is_active else "（停用）"
            self.stdout.write(f"{user.username:<20}{user.display_name}{state}　{roles}")


@unit_of_work
def _open_account(*, username: str, display_name: str, office: str, role: str | None, password: str) -> User:
    """Account and role together: a role that is refused leaves no account behind.

    The role is in force at once only for the first accounts, while nobody could confirm it.
    """
    user = create_user(actor=CONSOLE, username=username, display_name=display_name, office=office, password=password)
    if role is None:
        return user
    if _somebody_confirms():
        propose_grant(actor=CONSOLE, user_id=user.pk, role=role, reason="在服务器控制台建立账号")
    else:
        grant_role(actor=CONSOLE, user_id=user.pk, role=role)
    return user


def _somebody_confirms() -> bool:
    """Whether one person can propose and another confirm, so that the console no longer needs to act alone."""
    open_grants = RoleGrant.objects.filter(revoked_at__isnull=True, user__is_active=True)
    proposers = set(open_grants.filter(role__in=_holding("accounts.manage")).values_list("user_id", flat=True))
    confirmers = set(open_grants.filter(role__in=_holding("accounts.confirm")).values_list("user_id", flat=True))
    return bool(proposers) and len(proposers | confirmers) > 1


def _holding(permission: str) -> list[str]:
    return [code for code, role in ROLES.items() if permission in role.permissions]


@unit_of_work
def _give_back(user: User, password: str, *, factor: bool) -> None:
    """Password and second factor together: where the device cannot be dropped, the password stays, too."""
    reset_password(actor=CONSOLE, user_id=user.pk, password=password)
    if factor:
        second_factors.reset(actor=CONSOLE, user_id=user.pk, reason="在服务器控制台重置")
