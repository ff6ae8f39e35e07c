"""The devices an account is logged in on: noted at the login, ended by their owner or the security administrator."""

from axes.utils import reset as reset_failures
from django.contrib.sessions.models import Session
from django.utils import timezone

from bianzhi.accounts.models import SignIn, User
from bianzhi.accounts.policies import MANAGE, require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused

AGENT_LENGTH = 200
ADDRESS_LENGTH = 64
PROVIDER_LENGTH = 255


@unit_of_work
def note_login(*, user: User, address: str, session_key: str, agent: str, provider_session: str = "") -> None:
    """A user has logged in on a device; `provider_session` names the session of the identity provider it came from.

    Their failures from this address are forgotten, and nobody else's: or who guesses at another account would begin
    anew with each login of the own.
    """
    SignIn.objects.create(
        user=user,
        session_key=session_key,
        address=address[:ADDRESS_LENGTH],
        agent=agent[:AGENT_LENGTH],
        provider_session=provider_session[:PROVIDER_LENGTH],
    )
    reset_failures(username=user.username, ip=address)
    record("accounts.logged_in", actor=user, subject=user, facts={"address": address})


@unit_of_work
def note_logout(*, user: User, address: str, session_key: str) -> None:
    """A user has logged out on the device they used."""
    SignIn.objects.filter(user=user, session_key=session_key, ended_at=None).update(ended_at=timezone.now())
    record("accounts.logged_out", actor=user, subject=user, facts={"address": address})


@unit_of_work
def keep_this_one(*, user: User, old_key: str, new_key: str) -> None:
    """After a changed password: this device goes on under its new session key, the logins elsewhere are over."""
    SignIn.objects.filter(user=user, ended_at=None, session_key=old_key).update(session_key=new_key)
    end_others(actor=user, user=user, reason="修改密码", here=new_key)


@unit_of_work
def end(*, user: User, sign_in_id: int) -> None:
    """End one of the own logins elsewhere. Raises Refused when it is over already or was never one's own."""
    row = SignIn.objects.filter(pk=sign_in_id, user=user, ended_at=None).first()
    if row is None:
        raise Refused([Objection("S40", "这次登录已经结束。", next_step="请刷新页面查看当前的登录。")])
    _end([row])
    record("accounts.session_ended", actor=user, subject=user, facts={"address": row.address, "count": 1})


@unit_of_work
def end_all(*, actor: Actor, user_id: int, reason: str) -> int:
    """End every login of an account, for the security administrator; returns how many there were.

    Raises Denied without accounts.manage, Refused without a reason.
    """
    require(actor, MANAGE)
    if len(reason.strip()) < 4:
        raise Refused([Objection("S41", "没有写明原因（至少 4 个字）。", next_step="请写明为何结束登录。")])
    user = User.objects.get(pk=user_id)
    rows = list(SignIn.objects.filter(user=user, ended_at=None))
    _end(rows)
    facts = {"reason": reason.strip(), "count": len(rows)}
    record("accounts.session_ended", actor=actor, subject=user, facts=facts)
    return len(rows)


@unit_of_work
def end_others(*, actor: Actor, user: User, reason: str, here: str | None = None) -> None:
    """End the logins that another act on the account makes void; the one with the session key `here` goes on."""
    rows = list(SignIn.objects.filter(user=user, ended_at=None).exclude(session_key=here))
    if not rows:
        return
    _end(rows)
    record("accounts.session_ended", actor=actor, subject=user, facts={"reason": reason, "count": len(rows)})


@unit_of_work
def end_from_provider(*, actor: Actor, user: User, provider_session: str) -> int:
    """End the logins of an account that the identity provider has ended; without a session, all that came from it."""
    rows = SignIn.objects.filter(user=user, ended_at=None).exclude(provider_session="")
    chosen = list(rows.filter(provider_session=provider_session[:PROVIDER_LENGTH]) if provider_session else rows)
    _end(chosen)
    facts = {"reason": "在统一身份认证退出", "count": len(chosen)}
    record("accounts.session_ended", actor=actor, subject=user, facts=facts)
    return len(chosen)


def _end(rows: list[SignIn]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    SignIn.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=timezone.now())
