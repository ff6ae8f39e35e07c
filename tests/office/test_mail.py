"""Mail by a real SMTP conversation: sent, refused, tried again, given up; never inside a transaction."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection

from bianzhi.accounts.services.users import deactivate
from bianzhi.audit.models import AuditEntry
from bianzhi.config.environment import BadSetting
from bianzhi.config.mail_address import MailServer, mail_sender, mail_server
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.office.jobs.mailing import ROUND, send_waiting
from bianzhi.office.models import Mail, MailState, MessageKind
from bianzhi.office.rules.backoff import LONGEST_WAIT, MOST_ATTEMPTS, UNREACHABLE_PAUSE
from bianzhi.office.rules.wording import Words
from bianzhi.office.services.mail import (
    claim_mail,
    note_failure,
    note_sent,
    note_unreachable,
    note_unwanted,
    retry_mail,
    send_test_mail,
)
from bianzhi.office.services.messages import News, tell
from bianzhi.office.services.preferences import set_preference
from tests.accounts.people import CONSOLE
from tests.office.conftest import Staff
from tests.office.smtp_sink import Sink

pytestmark = pytest.mark.django_db
ADDRESS = "zhaomin@example.gov.cn"


def wants(staff: Staff, *kinds: str) -> None:
    set_preference(actor=staff.bureau_clerk, mail_address=ADDRESS, mail_kinds=list(kinds) or ["task", "ended"])


def news(staff: Staff, number: int = 1, kind: str = "task", title: str = "请办理：入编 12") -> None:
    words = Words(title, "“审核”环节，李文静 送来。")
    tell(
        actor=CONSOLE,
        event=f"test:{number}",
        news=[News(user.pk, kind, words, "/matters/12/") for user in (staff.bureau_clerk, staff.audit_clerk)],
    )


def state(number: int = 0) -> str:
    return Mail.objects.order_by("pk")[number].state


def make_due() -> None:
    Mail.objects.filter(state=MailState.WAITING).update(next_at=clock.now() - timedelta(seconds=1))


def test_a_message_goes_by_mail_to_whoever_asked_for_its_kind(staff, mail: Sink):
    wants(staff)
    news(staff)
    news(staff, 2, kind="notice")
    assert Mail.objects.count() == 1
    assert send_waiting() == 1
    letter = mail.letters[0]
    assert (letter.sender, letter.recipients) == ("bianzhi@example.gov.cn", [ADDRESS])
    assert letter.subject == "【编制通】请办理：入编 12"
    assert "“审核”环节，李文静 送来。" in letter.body
    assert "https://bianzhi.example.gov.cn/matters/12/" in letter.body
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert str(letter.message["From"]) == "编制通 <bianzhi@example.gov.cn>"
    assert letter.message["Message-ID"].strip().endswith("@example.gov.cn>")
    row = Mail.objects.get()
    assert (row.state, row.attempts, row.last_error) == ("sent", 1, "")
    assert row.sent_at is not None
    assert send_waiting() == 0
    assert len(mail.letters) == 1


def test_no_id_number_and_no_second_line_gets_into_a_mail(staff, mail: Sink):
    wants(staff)
    news(staff, title="请办理：入编\r\nBcc: evil@example.com 330699199001010011")
    assert send_waiting() == 1
    raw = mail.letters[0].raw.decode() + mail.letters[0].body + mail.letters[0].subject
    assert "330699199001010011" not in raw
    assert mail.letters[0].message["Bcc"] is None


def test_without_a_mail_server_no_mail_is_queued(staff, settings):
    settings.EMAIL_HOST = ""
    wants(staff)
    news(staff)
    assert not Mail.objects.exists()
    assert send_waiting() == 0
    with pytest.raises(Refused) as refused:
        send_test_mail(actor=staff.bureau_clerk, now=clock.now())
    assert refused.value.codes == ["N21"]


def test_an_address_the_server_refuses_for_good_is_given_up_at_once(staff, mail: Sink):
    wants(staff)
    news(staff)
    mail.answers["RCPT"] = b"550 5.1.1 no such user"
    assert send_waiting() == 0
    row = Mail.objects.get()
    assert (row.state, row.attempts) == ("failed", 1)
    assert row.last_error == "收件地址被拒绝：550 5.1.1 no such user"
    assert ADDRESS not in row.last_error


@pytest.mark.parametrize(
    "answers", [{"RCPT": b"451 later"}, {"END OF DATA": b"452 full"}, {"MAIL": b"421 busy"}, {"DATA": b""}]
)
def test_what_may_work_later_is_tried_again_later(staff, mail: Sink, answers):
    wants(staff)
    news(staff)
    mail.answers.update(answers)
    assert send_waiting() == 0
    row = Mail.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.last_error
    assert row.next_at > clock.now() + timedelta(seconds=30)
    assert send_waiting() == 0
    assert Mail.objects.get().attempts == 1, "not before its time"
    mail.answers.clear()
    make_due()
    assert send_waiting() == 1


def test_a_mail_is_given_up_after_its_last_attempt_and_can_be_retried_by_the_administrator(staff, mail: Sink):
    wants(staff)
    news(staff)
    mail.answers["RCPT"] = b"451 later"
    for _ in range(MOST_ATTEMPTS):
        make_due()
        send_waiting()
    row = Mail.objects.get()
    assert (row.state, row.attempts) == ("failed", MOST_ATTEMPTS)
    retry_mail(actor=staff.admin, mail_id=row.pk, now=clock.now())
    assert AuditEntry.objects.filter(action="office.mail_retried").count() == 1
    mail.answers.clear()
    assert send_waiting() == 1
    with pytest.raises(Refused) as refused:
        retry_mail(actor=staff.admin, mail_id=row.pk, now=clock.now())
    assert refused.value.codes == ["N20"]


def test_an_unreachable_server_is_told_by_one_mail_and_costs_none_an_attempt(staff, mail: Sink, settings):
    wants(staff)
    for number in range(3):
        news(staff, number)
    settings.EMAIL_PORT = 1
    assert send_waiting() == 0
    assert set(Mail.objects.values_list("state", "attempts")) == {("waiting", 0)}
    row = Mail.objects.exclude(last_error="").get()
    assert row.last_error.startswith("连接邮件服务器失败：")
    assert row.next_at > clock.now() + timedelta(minutes=1), "the next round is another mail's"


def test_mails_are_sent_when_a_server_that_was_away_for_hours_is_back(staff, mail: Sink, settings):
    wants(staff)
    news(staff)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for _ in range(MOST_ATTEMPTS * 2):
        make_due()
        assert send_waiting() == 0
    settings.EMAIL_PORT = port
    make_due()
    assert send_waiting() == 1


def test_an_attempt_is_given_back_and_those_before_it_are_not(staff, mail: Sink):
    wants(staff)
    news(staff)
    now = clock.now()
    for note in (partial(note_failure, is_final=False), note_unreachable):
        make_due()
        taken = claim_mail(actor=CONSOLE, now=now)
        assert taken is not None
        note(actor=CONSOLE, mail_id=taken.pk, error="没有应答", now=now)
    row = Mail.objects.get()
    assert (row.state, row.attempts, row.next_at) == ("waiting", 1, now + UNREACHABLE_PAUSE)


def test_a_mail_nobody_would_take_for_days_is_given_up(staff, mail: Sink, settings):
    wants(staff)
    news(staff)
    settings.EMAIL_PORT = 1
    for age, expected in ((LONGEST_WAIT - timedelta(minutes=1), "waiting"), (LONGEST_WAIT, "failed")):
        Mail.objects.update(created_at=clock.now() - age)
        make_due()
        assert send_waiting() == 0
        assert state() == expected


def test_a_server_that_hangs_up_ends_the_round(staff, mail: Sink):
    wants(staff)
    for number in range(3):
        news(staff, number)
    mail.answers["RCPT"] = b""
    assert send_waiting() == 0
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_many_mails_share_a_connection_and_a_round_has_an_end(staff, mail: Sink):
    wants(staff)
    for number in range(ROUND + 5):
        news(staff, number)
    assert send_waiting() == ROUND
    assert mail.connections == 1
    assert send_waiting() == 5
    assert len(mail.letters) == ROUND + 5


def test_the_wish_of_now_counts_not_that_of_yesterday(staff, mail: Sink):
    wants(staff)
    news(staff)
    set_preference(actor=staff.bureau_clerk, mail_address="", mail_kinds=[])
    assert send_waiting() == 0
    assert (state(), mail.letters) == ("cancelled", [])
    wants(staff)
    news(staff, 2)
    wants(staff, "ended")
    send_waiting()
    assert state(1) == "cancelled"
    wants(staff)
    news(staff, 3)
    deactivate(actor=CONSOLE, user_id=staff.bureau_clerk.pk)
    send_waiting()
    assert state(2) == "cancelled"
    assert mail.letters == []


def test_a_mail_whose_worker_disappeared_is_taken_up_again(staff, mail: Sink):
    wants(staff)
    news(staff)
    now = clock.now()
    taken = claim_mail(actor=CONSOLE, now=now)
    assert taken is not None
    assert claim_mail(actor=CONSOLE, now=now) is None
    again = claim_mail(actor=CONSOLE, now=now + timedelta(minutes=6))
    assert again is not None
    assert again.pk == taken.pk
    note_failure(actor=CONSOLE, mail_id=again.pk, error="x" * 999, is_final=False, now=now)
    assert len(Mail.objects.get().last_error) == 300
    note_sent(actor=CONSOLE, mail_id=again.pk, now=now)
    note_unwanted(actor=CONSOLE, mail_id=again.pk, why="")
    assert state() == "waiting", "only a mail being sent can be sent or dropped"


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_is_spoken_to(staff, mail: Sink, monkeypatch):
    wants(staff)
    news(staff)
    open_ones: list[bool] = []
    send = EmailBackend.send_messages

    def watched(self: EmailBackend, messages: Any) -> int:
        open_ones.append(connection.in_atomic_block)
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", watched)
    assert send_waiting() == 1
    assert open_ones == [False]


def test_one_can_send_a_test_mail_to_oneself(staff, mail: Sink):
    with pytest.raises(Refused) as refused:
        send_test_mail(actor=staff.bureau_clerk, now=clock.now())
    assert refused.value.codes == ["N22"]
    wants(staff, "ended")
    row = send_test_mail(actor=staff.bureau_clerk, now=clock.now())
    assert row.message.kind == MessageKind.TEST
    assert send_waiting() == 1
    assert mail.letters[0].subject == "【编制通】测试邮件"


@pytest.mark.parametrize(
    ("address", "kinds", "code"),
    [
        ("不是邮箱", [], "N10"),
        ("a@b", [], "N10"),
        (ADDRESS, ["gossip"], "N11"),
        (ADDRESS, ["test"], "N11"),
        ("", ["task"], "N12"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(staff, address, kinds, code):
    with pytest.raises(Refused) as refused:
        set_preference(actor=staff.bureau_clerk, mail_address=address, mail_kinds=kinds)
    assert refused.value.codes == [code]


def test_the_record_says_what_is_wanted_but_not_the_address(staff):
    wants(staff)
    entry = AuditEntry.objects.get(action="office.preference_changed")
    assert '"has_address":true' in entry.facts.replace(" ", "")
    assert ADDRESS not in entry.facts


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("", MailServer()),
        ("smtp://mail.example.gov.cn", MailServer("mail.example.gov.cn", 25)),
        ("smtp+starttls://a%40b:p%3Aq@mail:25", MailServer("mail", 25, "a@b", "p:q", uses_starttls=True)),
        ("smtps://u:p@10.0.0.5", MailServer("10.0.0.5", 465, "u", "p", uses_tls=True)),
    ],
)
def test_the_address_of_the_mail_server_is_read(text, server):
    assert mail_server("BIANZHI_SMTP_URL", text) == server


@pytest.mark.parametrize(
    "text", ["mail.example.gov.cn", "http://mail", "smtp://", "smtp://mail:port", "smtp://mail/path"]
)
def test_an_address_of_a_mail_server_that_makes_no_sense_stops_the_start(text):
    with pytest.raises(BadSetting, match="BIANZHI_SMTP_URL"):
        mail_server("BIANZHI_SMTP_URL", text)


def test_a_mail_server_needs_a_sender():
    server = MailServer("mail")
    assert (
        mail_sender("BIANZHI_SMTP_FROM", " 编制通 <bianzhi@example.gov.cn> ", server)
        == "编制通 <bianzhi@example.gov.cn>"
    )
    assert mail_sender("BIANZHI_SMTP_FROM", "", MailServer()) == ""
    with pytest.raises(BadSetting, match="BIANZHI_SMTP_FROM"):
        mail_sender("BIANZHI_SMTP_FROM", "编制通", server)
