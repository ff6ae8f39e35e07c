"""Whom the office's identity provider means: one account for one subject, linked by people, never by e-mail or name."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from bianzhi.accounts.models import LinkedIdentity, User
from bianzhi.accounts.policies import MANAGE, require
from bianzhi.accounts.services.failed_logins import GATE, UNKNOWN
from bianzhi.accounts.services.two_persons import needs_two
from bianzhi.accounts.services.users import locked_own
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused

LONGEST_SUBJECT = 255


@unit_of_work
def link(*, actor: Actor, user_id: int, issuer: str, subject: str) -> LinkedIdentity:
    """Say for another account whom the provider means by a subject.

    Raises Denied without accounts.manage; Refused for the own account, for one that administers or approves, closed or
    not (its owner links it, knowing the password), and where either side is linked already.
    """
    require(actor, MANAGE)
    if actor.pk == user_id:
        raise Refused([Objection("S60", "自己的统一身份在“我的账号”中关联。")])
    user = User.objects.select_for_update().get(pk=user_id)
    if needs_two(user):
        step = "请本人用账号和密码登录后，在“我的账号 → 统一身份认证”关联。"
        raise Refused([Objection("S61", "管理员和有审批权限的账号只能由本人关联。", next_step=step)])
    return _link(actor, user, issuer, subject.strip())


@unit_of_work
def link_own(*, user: User, issuer: str, subject: str) -> LinkedIdentity:
    """Link the own account to the subject its owner has just signed in as. Raises Refused where either is linked."""
    return _link(user, locked_own(user), issuer, subject)


@unit_of_work
def unlink(*, actor: Actor, user_id: int) -> None:
    """End the link of another account. Raises Denied without accounts.manage, Refused where there is none."""
    require(actor, MANAGE)
    _unlink(actor, User.objects.get(pk=user_id))


@unit_of_work
def unlink_own(*, user: User) -> None:
    """End the own link. Raises Refused where there is none."""
    _unlink(user, user)


@unit_of_work
def recognise(*, issuer: str, subject: str, address: str) -> User | None:
    """The account linked to a subject the provider vouched for; on record either way. Nobody's account is made here."""
    row = _live(issuer).filter(subject_key=_key(subject)).select_related("user").first()
    if row is None:
        facts = {"address": address, "why": "统一身份没有关联账号"}
        record("accounts.login_failed", actor=GATE, subject=UNKNOWN, facts=facts)
        return None
    row.last_used_at = timezone.now()
    row.save(update_fields=["last_used_at"])
    record("accounts.identity_passed", actor=row.user, subject=row.user, facts={"link": row.pk, "address": address})
    return row.user


def linked(user: User) -> LinkedIdentity | None:
    """The link of an account that is in force."""
    return LinkedIdentity.objects.filter(user=user, revoked_at__isnull=True).first()


def account_of(issuer: str, subject: str) -> User | None:
    """The account linked to a subject, without any note of it."""
    row = _live(issuer).filter(subject_key=_key(subject)).select_related("user").first()
    return row.user if row else None


def _live(issuer: str) -> QuerySet[LinkedIdentity]:
    return LinkedIdentity.objects.filter(issuer=issuer, revoked_at__isnull=True)


def _key(subject: str) -> str:
    return LinkedIdentity._meta.get_field("subject_key").fingerprint(subject)


def _link(actor: Actor, user: User, issuer: str, subject: str) -> LinkedIdentity:
    if not subject or len(subject) > LONGEST_SUBJECT:
        raise Refused([Objection("S62", f"统一身份编号应为 1 至 {LONGEST_SUBJECT} 个字符。")])
    if linked(user) is not None:
        raise Refused([Objection("S63", "该账号已关联统一身份。", next_step="请先解除原来的关联。")])
    if _live(issuer).filter(subject_key=_key(subject)).exists():
        step = "一个统一身份只能关联一个账号；请核对是否选错了人。"
        raise Refused([Objection("S64", "这个统一身份已关联另一个账号。", next_step=step)])
    row = LinkedIdentity.objects.create(user=user, issuer=issuer, subject=subject)
    record("accounts.identity_linked", actor=actor, subject=user, facts=_facts(row), wrote=[row])
    return row


def _unlink(actor: Actor, user: User) -> None:
    row = linked(user)
    if row is None:
        raise Refused([Objection("S65", "该账号没有关联统一身份。")])
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    record("accounts.identity_unlinked", actor=actor, subject=user, facts=_facts(row), wrote=[row])


def _facts(row: LinkedIdentity) -> dict[str, Any]:
    return {"link": row.pk, "issuer": row.issuer}
