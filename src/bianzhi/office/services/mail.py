"""The queue of mails: claimed one at a time, their fate noted. Sending itself is the job's, outside any transaction."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.office.models import Mail, MailState, Message, MessageKind
from bianzhi.office.rules.backoff import next_attempt, next_connection
from bianzhi.office.rules.wording import Words, fitting
from bianzhi.office.selectors.contacts import mail_is_configured, preference_of

MANAGE: Final = "system.manage"
LEASE: Final = timedelta(minutes=5)
ERROR_LENGTH: Final = 300


@unit_of_work
def claim_mail(*, actor: Actor, now: datetime) -> Mail | None:
    """Take the oldest mail that is due, for `LEASE`; None when there is none.

    One whose worker disappeared is taken again: its reader may get it twice, but never not at all.
    """
    due = Q(state=MailState.WAITING, next_at__lte=now) | Q(state=MailState.SENDING, claimed_until__lt=now)
    can_skip = transaction.get_connection().features.has_select_for_update_skip_locked
    rows = Mail.objects.select_for_update(skip_locked=can_skip, of=("self",) if can_skip else ())
    mail = rows.filter(due).select_related("message").order_by("next_at", "pk").first()
    if mail is None:
        return None
    mail.state, mail.claimed_until = MailState.SENDING, now + LEASE
    mail.attempts += 1
    mail.save(update_fields=["state", "claimed_until", "attempts"])
    return mail


@unit_of_work
def note_sent(*, actor: Actor, mail_id: int, now: datetime) -> None:
    """The server has taken the mail."""
    Mail.objects.filter(pk=mail_id, state=MailState.SENDING).update(
        state=MailState.SENT, sent_at=now, claimed_until=None, last_error=""
    )


@unit_of_work
def note_unwanted(*, actor: Actor, mail_id: int, why: str) -> None:
    """The reader has taken the address or the wish back since; the mail stays here."""
    Mail.objects.filter(pk=mail_id, state=MailState.SENDING).update(
        state=MailState.CANCELLED, claimed_until=None, last_error=why
    )


@unit_of_work
def note_failure(*, actor: Actor, mail_id: int, error: str, is_final: bool, now: datetime) -> None:
    """The mail could not be sent: it waits for its next attempt, or is given up."""
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    _put_off(mail, None if is_final else next_attempt(mail.attempts, now), error)


@unit_of_work
def note_unreachable(*, actor: Actor, mail_id: int, error: str, now: datetime) -> None:
    """The server was not there: the mail gets its attempt back and waits, or is given up when it has grown too old."""
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    mail.attempts -= 1
    _put_off(mail, next_connection(mail.created_at, now), error)


def _put_off(mail: Mail, until: datetime | None, error: str) -> None:
    mail.state = MailState.FAILED if until is None else MailState.WAITING
    mail.next_at = until or mail.next_at
    mail.claimed_until, mail.last_error = None, fitting(error, ERROR_LENGTH)
    mail.save(update_fields=["state", "attempts", "next_at", "claimed_until", "last_error"])


@unit_of_work
def retry_mail(*, actor: Actor, mail_id: int, now: datetime) -> Mail:
    """Put a failed mail back in the queue with all its attempts. Raises Refused (N20) for any other."""
    require(actor, MANAGE)
    mail = Mail.objects.select_for_update().get(pk=mail_id)
    if mail.state != MailState.FAILED:
        raise Refused(
            [
                Objection(
                    "N20",
                    f"这封邮件{MailState(mail.state).label}，不能重发。",
                    next_step="只有发送失败的邮件可以重发。",
                )
            ]
        )
    mail.state, mail.attempts, mail.next_at = MailState.WAITING, 0, now
    mail.save(update_fields=["state", "attempts", "next_at"])
    record("office.mail_retried", actor=actor, subject=mail, facts={"error": mail.last_error})
    return mail


@unit_of_work
def send_test_mail(*, actor: User, now: datetime) -> Mail:
    """Queue a mail to the actor's own address, to see that it arrives.

    Raises Refused when mail is not set up (N21) or no address was given (N22).
    """
    if not mail_is_configured():
        raise Refused([Objection("N21", "本平台没有设置邮件服务器，不能发送邮件。", next_step="请联系系统管理员。")])
    preference = preference_of(actor)
    if preference is None or not preference.mail_address:
        raise Refused([Objection("N22", "您还没有填写邮箱。", next_step="请填写邮箱并保存后再试。")])
    words = Words("测试邮件", "收到这封邮件，说明您的邮箱可以接收本平台的消息。")
    message = Message.objects.create(
        recipient_id=actor.pk,
        kind=MessageKind.TEST,
        title=words.title,
        text=words.text,
        event=f"test:{now.timestamp()}",
        read_at=now,
    )
    return Mail.objects.create(message=message, next_at=now)
