"""Opening, changing and closing accounts; every act is audited, passwords never are."""

import re
from typing import Any, Final

from axes.utils import reset as reset_failures
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from bianzhi.accounts.models import FormerPassword, RoleGrant, User
from bianzhi.accounts.policies import MANAGE, require
from bianzhi.accounts.services import sign_ins
from bianzhi.accounts.services.password_memory import refuse_used_before
from bianzhi.accounts.services.two_persons import refuse_alone, refuse_alone_about
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused

PASSWORD_FIELDS: Final = ("password", "password_set_at", "must_change_password")
USERNAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,59}")


@unit_of_work
def create_user(
    *, actor: Actor, username: str, display_name: str, password: str, office: str = "", must_change: bool = True
) -> User:
    """Open an account without any role.

    `must_change` asks for a new password at the first login. Raises Refused when the account name is
    taken (in any case of letters) or malformed, the name is empty or the password is too weak.
    """
    require(actor, MANAGE)
    username, display_name = username.strip(), display_name.strip()
    user = User(username=username, display_name=display_name, office=office.strip(), must_change_password=must_change)
    _refuse_bad_name(user)
    refuse_weak_password(password, user)
    user.set_password(password)
    user.save()
    record("accounts.user_created", actor=actor, subject=user, facts=_facts(user), wrote=[user])
    return user


@unit_of_work
def change_user(*, actor: Actor, user_id: int, display_name: str, office: str) -> User:
    """Correct the person's name or office; the account name stays for ever."""
    require(actor, MANAGE)
    user = locked(user_id)
    before = _facts(user)
    user.display_name, user.office = display_name.strip(), office.strip()
    if not user.display_name:
        raise Refused([Objection("S10", "姓名不能为空。")])
    user.save(update_fields=["display_name", "office"])
    facts = {"before": before, "after": _facts(user)}
    record("accounts.user_changed", actor=actor, subject=user, facts=facts, wrote=[user])
    return user


@unit_of_work
def reset_password(*, actor: Actor, user_id: int, password: str) -> User:
    """Give the account a one-time password that must be changed at the next login; other sessions end.

    Nobody resets the own password here: changing it needs the old one. A lock after failed logins is lifted.
    Raises Refused (S40) for one person alone when the account administers or approves.
    """
    require(actor, MANAGE)
    if actor.pk == user_id:
        raise Refused([Objection("S11", "不能在此重置自己的密码。", next_step="请使用“修改密码”。")])
    user = locked(user_id)
    refuse_alone_about(actor, user)
    refuse_weak_password(password, user)
    _replace_password(user, make_password(password))
    user.must_change_password = True
    user.save(update_fields=PASSWORD_FIELDS)
    reset_failures(username=user.username)
    sign_ins.end_others(actor=actor, user=user, reason="重置密码")
    record("accounts.password_reset", actor=actor, subject=user, facts={}, wrote=[user])
    return user


def hashed_password(user: User, *, old: str, new: str) -> str:
    """The new password hashed, for an owner who has shown the old one; slow, and so done before any transaction.

    Raises Refused when it is the old one, weak, or was used before.
    """
    if old == new:
        raise Refused([Objection("S13", "新密码与原密码相同。", next_step="请换一个新密码。")])
    refuse_weak_password(new, user)
    refuse_used_before(user, new)
    return make_password(new)


@unit_of_work
def change_own_password(*, user: User, hashed: str) -> User:
    """Take a new password, checked and hashed by `hashed_password` for the same `user`. Raises Refused (S12)."""
    user = locked_own(user)
    _replace_password(user, hashed)
    user.must_change_password = False
    user.save(update_fields=PASSWORD_FIELDS)
    record("accounts.password_changed", actor=user, subject=user, facts={}, wrote=[user])
    return user


@unit_of_work
def deactivate(*, actor: Actor, user_id: int) -> User:
    """Close an account and end its logins. Never one's own, never the last security admin's.

    One person does it through `changes.close`, so that a second hears of it; alone here: Refused (S40).
    """
    require(actor, MANAGE)
    if actor.pk == user_id:
        raise Refused([Objection("S14", "不能停用自己的账号。", next_step="请由另一名安全管理员办理。")])
    user = locked_with_administrators(user_id)
    refuse_without_security_admin(losing=user)
    refuse_alone(actor)
    user.is_active = False
    user.save(update_fields=["is_active"])
    sign_ins.end_others(actor=actor, user=user, reason="停用账号")
    record("accounts.user_deactivated", actor=actor, subject=user, facts=_facts(user), wrote=[user])
    return user


@unit_of_work
def reactivate(*, actor: Actor, user_id: int) -> User:
    """Open a closed account again, with the roles it had. Raises Refused (S40) for one person alone."""
    require(actor, MANAGE)
    refuse_alone(actor)
    user = locked(user_id)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record("accounts.user_reactivated", actor=actor, subject=user, facts=_facts(user), wrote=[user])
    return user


def locked(user_id: int) -> User:
    """The account, locked to the end of the transaction; rows that refer to it may be written meanwhile."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def locked_own(user: User) -> User:
    """The own account, locked.

    Raises Refused (S12) when its password was replaced since `user` was read: who acts may be who had the former one.
    """
    now = locked(user.pk)
    if now.password != user.password:
        step = "请用现在的密码重新登录后再办理；不是本人所为的，请联系安全管理员。"
        raise Refused([Objection("S12", "该账号的密码刚刚已修改或重置，本次操作没有生效。", next_step=step)])
    return now


def locked_with_administrators(user_id: int) -> User:
    """The account, locked, and with it every account that could be the last to administer accounts.

    Of two administrators who close each other's account at once the second waits, and finds itself the last one. All
    are locked in the order of their keys, so whoever ends in such an act begins with this.
    """
    rows = User.objects.filter(Q(pk=user_id) | Q(pk__in=_security_admins().values("user")))
    list(rows.order_by("pk").select_for_update(no_key=True))
    return User.objects.get(pk=user_id)


def refuse_weak_password(password: str, user: User) -> None:
    """Raise Refused with every rule of the password policy the password breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused([Objection("S15", message) for message in error.messages]) from error


def refuse_without_security_admin(*, losing: User) -> None:
    """Raise Refused when nobody could manage accounts any more without this one."""
    if not losing.can(MANAGE):
        return
    if not _security_admins().exclude(user=losing).exists():
        raise Refused(
            [Objection("S16", "这是最后一个可用的安全管理员账号。", next_step="请先为另一账号授予安全管理员角色。")]
        )


def _security_admins() -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(role="security_admin", revoked_at__isnull=True, user__is_active=True)


def _replace_password(user: User, encoded: str) -> None:
    FormerPassword.objects.create(user=user, encoded=user.password)
    user.password = encoded
    user.password_set_at = timezone.now()


def _refuse_bad_name(user: User) -> None:
    objections = []
    if not USERNAME.fullmatch(user.username):
        objections.append(
            Objection("S17", "账号应为 3 至 60 个字母、数字或 . _ -，以字母或数字开头。", next_step="请更换账号名。")
        )
    elif User.objects.filter(username__iexact=user.username).exists():
        objections.append(Objection("S18", f"账号“{user.username}”已有人使用。", next_step="请更换账号名。"))
    if not user.display_name:
        objections.append(Objection("S10", "姓名不能为空。"))
    if objections:
        raise Refused(objections)


def _facts(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "office": user.office,
        "is_active": user.is_active,
    }
