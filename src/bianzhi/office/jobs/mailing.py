"""Sending the mails that wait: one connection a round, each mail claimed and noted in transactions of their own.

Nothing is locked and no transaction is open while the mail server is spoken to.
"""

import logging
import smtplib
from email.utils import make_msgid, parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from bianzhi.audit.actors import System
from bianzhi.kernel import clock
from bianzhi.office.models import ContactPreference, Mail, MessageKind
from bianzhi.office.rules.wording import fitting, without_id_numbers
from bianzhi.office.selectors.contacts import mail_is_configured
from bianzhi.office.selectors.mail import is_any_due
from bianzhi.office.services.mail import claim_mail, note_failure, note_sent, note_unreachable, note_unwanted

log = logging.getLogger(__name__)

POSTMAN: Final = System("邮件")
ROUND: Final = 20
"""Most mails of one round: the worker has other things to do between rounds."""
ANSWERS: Final = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
"""What the server says about one mail; after it the connection is still good."""
SUBJECT_LENGTH: Final = 120
FOOT: Final = "本邮件由编制通平台自动发送，请勿回复。不再需要时，请在平台“消息接收设置”中修改。"


def send_waiting() -> int:
    """Send what is due, at most `ROUND`; returns how many the server took. Nothing when mail is not set up."""
    if not mail_is_configured() or not is_any_due(clock.now()):
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        _note_unreachable(error)
        return 0
    try:
        return _send_round(connection)
    finally:
        connection.close()


def _send_round(connection: BaseEmailBackend) -> int:
    sent = 0
    for _ in range(ROUND):
        mail = claim_mail(actor=POSTMAN, now=clock.now())
        if mail is None:
            break
        try:
            sent += _send(mail, connection)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail %s was not sent: %s", mail.pk, error)
            words, final = _in_words(error), is_final(error)
            note_failure(actor=POSTMAN, mail_id=mail.pk, error=words, is_final=final, now=clock.now())
            if not isinstance(error, ANSWERS):
                break  # the connection is gone
    return sent


def _note_unreachable(error: Exception) -> None:
    """One mail bears the error, for the administrator to see; none uses up an attempt."""
    log.warning("the mail server cannot be reached: %s", error)
    mail = claim_mail(actor=POSTMAN, now=clock.now())
    if mail is not None:
        words = f"连接邮件服务器失败：{_in_words(error)}"
        note_unreachable(actor=POSTMAN, mail_id=mail.pk, error=words, now=clock.now())


def _send(mail: Mail, connection: BaseEmailBackend) -> bool:
    """Whether the server has taken it; False when its reader no longer wants it. Raises what the server says."""
    preference = ContactPreference.objects.select_related("user").filter(user=mail.message.recipient_id).first()
    why = _why_not(mail, preference)
    if preference is None or why:
        note_unwanted(actor=POSTMAN, mail_id=mail.pk, why=why)
        return False
    connection.send_messages([_letter(mail, preference, connection)])
    note_sent(actor=POSTMAN, mail_id=mail.pk, now=clock.now())
    return True


def _why_not(mail: Mail, preference: ContactPreference | None) -> str:
    """Why the mail should not go after all; the wish of now counts, not that of when the message was written."""
    if preference is None or not preference.mail_address:
        return "收件人没有邮箱"
    if not preference.user.is_active:
        return "收件人的账号已停用"
    wanted = {*preference.mail_kinds, MessageKind.TEST.value}
    return "" if mail.message.kind in wanted else "收件人不再用邮件接收此类消息"


def _letter(mail: Mail, preference: ContactPreference, connection: BaseEmailBackend) -> EmailMessage:
    message = mail.message
    subject = fitting(f"【编制通】{' '.join(message.title.split())}", SUBJECT_LENGTH)
    link = f"{settings.SITE_URL}{message.link}" if settings.SITE_URL and message.link else ""
    parts = [message.title, message.text, f"查看：{link}" if link else "请登录编制通查看。", FOOT]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return EmailMessage(
        subject=without_id_numbers(subject),
        body=without_id_numbers("\n\n".join(part for part in parts if part)),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[preference.mail_address],
        headers={
            "Message-ID": make_msgid(idstring=f"mail-{mail.pk}", domain=domain),
            "Auto-Submitted": "auto-generated",
        },
        connection=connection,
    )


def is_final(error: Exception) -> bool:
    """Whether trying again is of no use: the server said no for good (a 5xx answer about this very mail)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return bool(codes) and all(500 <= code < 600 for code in codes)
    is_about_mail = isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused)
    return is_about_mail and 500 <= int(getattr(error, "smtp_code", 0)) < 600


def _in_words(error: Exception) -> str:
    """What the server said, without the address it was about."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = [f"{code} {_decoded(text)}" for code, text in error.recipients.values()]
        return f"收件地址被拒绝：{'；'.join(said)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _decoded(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
