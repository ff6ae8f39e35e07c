"""What waits is pushed to the department's address: signed, tried again with pauses, never into our own network."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from datetime import timedelta
from typing import Any

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.exchange.jobs.pushing import push_waiting
from bianzhi.exchange.models import Dispatch, DispatchState, Source, Webhook, WebhookAttempt
from bianzhi.exchange.outgoing import UnsafeAddress, post
from bianzhi.exchange.rules.webhooks import MOST_TRIES, PAUSES, may_be_reached, objections_to_url
from bianzhi.exchange.services.dispatches import (
    News,
    answer_dispatch,
    give_back,
    note_fetched,
    note_undeliverable,
)
from bianzhi.exchange.services.sources import change_source
from bianzhi.exchange.services.webhooks import claim_push, note_push, register_webhook, switch_webhook
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from tests.cast import Limited
from tests.exchange.interface import BUILDER, make_source
from tests.exchange.receiver import Receiver

pytestmark = pytest.mark.django_db

NAME = "BIANZHI_WEBHOOK_SECRET_HR"
SECRET = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv(NAME, SECRET)
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]


@pytest.fixture
def hr(db: None) -> Source:
    return make_source(code="hr", department="hr")


def hook(source: Source, url: str) -> Webhook:
    return register_webhook(actor=BUILDER, source_id=source.pk, url=url, secret_name=NAME)


def news(source: Source, key: str = "ENLISTED:1") -> Dispatch:
    return give_back(actor=BUILDER, source_id=source.pk, news=News("ENLISTED", key, {"number": key}))


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=seconds))


def state(dispatch: Dispatch) -> str:
    dispatch.refresh_from_db()
    return dispatch.state


# --- pushing to a real server -------------------------------------------------------------------------------------


def test_a_dispatch_is_pushed_with_a_signature_its_receiver_can_check(hr: Source):
    dispatch = news(hr)
    with Receiver() as receiver:
        hook(hr, receiver.url)
        assert push_waiting() == 1
    (letter,) = receiver.letters
    stamp = letter.headers["X-Bianzhi-Timestamp"]
    digest = hmac.new(SECRET.encode(), stamp.encode() + b"." + letter.body, hashlib.sha256).hexdigest()
    assert letter.headers["X-Bianzhi-Signature"] == f"v1={digest}"
    assert letter.path == "/hook?a=1"
    assert json.loads(letter.body)["key"] == "ENLISTED:1"
    assert json.loads(letter.body)["signature"] == dispatch.signature
    assert state(dispatch) == DispatchState.SENT
    assert push_waiting() == 0


def test_a_server_that_fails_first_gets_it_after_a_pause(hr: Source, monkeypatch: pytest.MonkeyPatch):
    dispatch = news(hr)
    with Receiver(answers=[503, 0]) as receiver:
        hook(hr, receiver.url)
        assert push_waiting() == 0
        assert push_waiting() == 0, "tried again without a pause"
        later(monkeypatch, PAUSES[0] + 1)
        assert push_waiting() == 0
        later(monkeypatch, PAUSES[1] + 1)
        assert push_waiting() == 1
    tries = list(WebhookAttempt.objects.values_list("number", "status", "error"))
    assert [(number, status) for number, status, _ in tries] == [(1, 503), (2, None), (3, 200)]
    assert "503" in tries[0][2]
    assert "对方的应答无法识别" in tries[1][2] or "连接失败" in tries[1][2]
    assert state(dispatch) == DispatchState.SENT


def test_after_the_last_try_it_can_still_be_fetched_and_says_so(hr: Source, monkeypatch: pytest.MonkeyPatch):
    dispatch = news(hr)
    with Receiver(answers=[500] * MOST_TRIES) as receiver:
        hook(hr, receiver.url)
        for pause in (0, *PAUSES):
            later(monkeypatch, pause + 1)
            push_waiting()
        assert len(receiver.letters) == MOST_TRIES
        later(monkeypatch, 10**6)
        push_waiting()
        assert len(receiver.letters) == MOST_TRIES
    assert state(dispatch) == DispatchState.FAILED


def test_a_failing_address_is_left_alone_until_the_next_round(hr: Source):
    news(hr), news(hr, "ENLISTED:2")
    with Receiver(answers=[500, 500]) as receiver:
        hook(hr, receiver.url)
        push_waiting()
        assert len(receiver.letters) == 1


def test_several_go_in_their_order(hr: Source):
    for number in range(3):
        news(hr, f"ENLISTED:{number}")
    with Receiver() as receiver:
        hook(hr, receiver.url)
        assert push_waiting() == 3
    assert [json.loads(letter.body)["key"][-1] for letter in receiver.letters] == ["0", "1", "2"]


def test_a_redirect_is_not_followed(hr: Source):
    dispatch = news(hr)
    with Receiver(answers=[302], location="http://127.0.0.1:1/elsewhere") as receiver:
        hook(hr, receiver.url)
        push_waiting()
        assert len(receiver.letters) == 1
    assert "不跟随转向" in WebhookAttempt.objects.get().error
    assert state(dispatch) == DispatchState.READY


def test_nothing_goes_to_an_address_that_was_switched_off(hr: Source):
    news(hr)
    with Receiver() as receiver:
        webhook = hook(hr, receiver.url)
        switch_webhook(actor=BUILDER, webhook_id=webhook.pk, active=False)
        push_waiting()
        assert not receiver.letters
        switch_webhook(actor=BUILDER, webhook_id=webhook.pk, active=True)
        assert push_waiting() == 1


def test_nothing_goes_to_the_address_of_a_source_out_of_use(hr: Source):
    with Receiver() as receiver:
        hook(hr, receiver.url)
        news(hr)
        change_source(actor=BUILDER, source_id=hr.pk, changes={"is_active": False})
        assert push_waiting() == 0
        assert receiver.letters == []
        change_source(actor=BUILDER, source_id=hr.pk, changes={"is_active": True})
        assert push_waiting() == 1


def test_nothing_goes_out_unsigned_when_the_key_is_gone(hr: Source, monkeypatch: pytest.MonkeyPatch):
    news(hr)
    with Receiver() as receiver:
        hook(hr, receiver.url)
        monkeypatch.delenv(NAME)
        push_waiting()
        assert not receiver.letters
    assert NAME in WebhookAttempt.objects.get().error


def test_nobody_listening_is_a_failed_try(hr: Source):
    news(hr)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        hook(hr, f"http://127.0.0.1:{free.getsockname()[1]}/")
        assert push_waiting() == 0
    assert "连接失败" in WebhookAttempt.objects.get().error


def test_what_was_fetched_meanwhile_is_not_pushed(hr: Source):
    Dispatch.objects.filter(pk=news(hr).pk).update(state=DispatchState.SENT)
    webhook = hook(hr, "https://hr.example.gov.cn/hook")
    assert claim_push(actor=BUILDER, webhook_id=webhook.pk, now=clock.now()) is None


def test_a_try_whose_worker_disappeared_counts_and_is_made_again(hr: Source):
    dispatch, now = news(hr), clock.now()
    webhook = hook(hr, "https://hr.example.gov.cn/hook")
    first = claim_push(actor=BUILDER, webhook_id=webhook.pk, now=now)
    assert first is not None
    assert claim_push(actor=BUILDER, webhook_id=webhook.pk, now=now) is None
    second = claim_push(actor=BUILDER, webhook_id=webhook.pk, now=now + timedelta(seconds=PAUSES[0]))
    assert second is not None
    assert (second.dispatch_id, second.number) == (dispatch.pk, 2)
    assert note_push(actor=BUILDER, attempt_id=second.pk, status=204, error="", now=now)


def test_what_was_answered_is_neither_sent_nor_undeliverable_any_more(hr: Source):
    dispatch = news(hr)
    assert note_fetched(actor=BUILDER, dispatch_ids=[dispatch.pk], now=clock.now()) == 1
    assert note_fetched(actor=BUILDER, dispatch_ids=[dispatch.pk], now=clock.now()) == 0
    assert AuditEntry.objects.filter(action="exchange.dispatch_arrived").count() == 1
    answer_dispatch(actor=BUILDER, dispatch_id=dispatch.pk, outcome="accepted")
    note_undeliverable(actor=BUILDER, dispatch_id=dispatch.pk)
    note_fetched(actor=BUILDER, dispatch_ids=[dispatch.pk], now=clock.now())
    assert state(dispatch) == DispatchState.ACKNOWLEDGED


def test_a_name_nobody_can_resolve_does_not_keep_others_from_their_news(hr: Source):
    broken = hook(hr, f"https://{'长' * 80}.example.gov.cn/hook")
    news(hr)
    assert push_waiting() == 0
    attempt = WebhookAttempt.objects.get(webhook=broken)
    assert (attempt.status, attempt.error) == (None, "地址中的主机名写法有误，请登记正确的地址")


# --- where to ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://hr.example.gov.cn/hook", ""),
        ("https://hr.example.gov.cn:8443/hook?x=1", ""),
        ("http://127.0.0.1:9/hook", ""),
        ("http://hr.example.gov.cn/hook", "K32"),
        ("https://10.1.2.3/hook", "K33"),
        ("https://[::1]/hook", "K33"),
        ("https://169.254.169.254/latest", "K33"),
        ("https://user:word@hr.example.gov.cn/", "K31"),
        ("https://hr.example.gov.cn/#x", "K31"),
        ("https://hr.example.gov.cn:99999/", "K31"),
        ("ftp://hr.example.gov.cn/", "K31"),
        ("https:///hook", "K31"),
        ("https://hr.example.gov.cn/推送", "K31"),
        ("https://hr.example.gov.cn/hook?to=人社", "K31"),
        ("https://[64:ff9b::10.0.0.8]/hook", "K33"),
        ("https://[half/", "K31"),
        ("https://hr.example.gov.cn/\r\nX: y", "K31"),
        ("", "K31"),
    ],
)
def test_an_address_is_whole_encrypted_and_outside(url: str, code: str):
    assert [each.code for each in objections_to_url(url, ["127.0.0.1"])] == ([code] if code else [])


@pytest.mark.parametrize(
    ("address", "reached", "listed"),
    [
        ("1.1.1.1", True, True),
        ("10.0.0.8", False, True),
        ("127.0.0.1", False, True),
        ("::ffff:10.0.0.8", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::10.0.0.8", False, True),
        ("64:ff9b::169.254.169.254", False, False),
        ("2002:a00:8::1", False, True),
        ("::127.0.0.1", False, True),
        ("fec0::1", False, True),
        ("2606:4700:4700::1111", True, True),
        ("::1", False, True),
        ("::", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
    ],
)
def test_inner_addresses_are_for_listed_hosts_and_some_for_nobody(address: str, reached: bool, listed: bool):
    assert may_be_reached(address, is_allowed=False) is reached
    assert may_be_reached(address, is_allowed=True) is listed


def test_a_name_that_leads_inside_is_not_followed(monkeypatch: pytest.MonkeyPatch):
    def leads_inside(*args: Any, **kwargs: Any) -> list[Any]:
        return [(2, 1, 6, "", ("1.1.1.1", 443)), (2, 1, 6, "", ("10.0.0.8", 443))]

    monkeypatch.setattr("bianzhi.exchange.outgoing.socket.getaddrinfo", leads_inside)
    monkeypatch.setattr("socket.create_connection", lambda *_: pytest.fail("connected"))
    with pytest.raises(UnsafeAddress):
        post("https://hr.example.gov.cn/hook", b"{}", {}, allowed_hosts=[])


@pytest.mark.parametrize(
    ("name", "code"), [("DATABASE_URL", "K34"), ("BIANZHI_SECRET_KEY", "K34"), ("BIANZHI_WEBHOOK_SECRET_NONE", "K35")]
)
def test_only_a_variable_made_for_it_signs(hr: Source, name: str, code: str):
    with pytest.raises(Refused) as refused:
        register_webhook(actor=BUILDER, source_id=hr.pk, url="https://hr.example.gov.cn/", secret_name=name)
    assert refused.value.codes == [code]
    assert not Webhook.objects.exists()


def test_a_source_has_one_address_in_use(hr: Source):
    first = hook(hr, "https://hr.example.gov.cn/a")
    with pytest.raises(Refused) as refused:
        hook(hr, "https://hr.example.gov.cn/b")
    assert refused.value.codes == ["K37"]
    switch_webhook(actor=BUILDER, webhook_id=first.pk, active=False)
    hook(hr, "https://hr.example.gov.cn/b")
    with pytest.raises(Refused):
        switch_webhook(actor=BUILDER, webhook_id=first.pk, active=True)


def test_only_who_sets_the_exchange_up_gives_addresses(hr: Source):
    someone = Limited(frozenset({"exchange.deliver"}))
    with pytest.raises(Denied):
        register_webhook(actor=someone, source_id=hr.pk, url="https://hr.example.gov.cn/", secret_name=NAME)
    webhook = hook(hr, "https://hr.example.gov.cn/")
    with pytest.raises(Denied):
        switch_webhook(actor=someone, webhook_id=webhook.pk, active=False)
