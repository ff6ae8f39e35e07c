"""The pages of what is given back and of push addresses: who sees what, who answers, what is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bianzhi.audit.models import AuditEntry
from bianzhi.exchange.models import Dispatch, DispatchState, Finding, Run, Source, Webhook
from bianzhi.exchange.services.dispatches import News, answer_dispatch, give_back, manifest_of
from bianzhi.exchange.services.webhooks import claim_push, note_push
from bianzhi.exchange.web.dispatches import waiting_count
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from tests.accounts.people import account, signed_in
from tests.cast import TODAY
from tests.exchange.interface import BUILDER, make_source

pytestmark = pytest.mark.django_db

NUMBER = "330699199001010000"


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    cache.clear()


@pytest.fixture
def hr(db: None) -> Source:
    return make_source(code="hr", department="hr", name="人社系统")


@pytest.fixture
def dispatch(hr: Source) -> Dispatch:
    payload = {
        "number": "BD2026-000001",
        "person": {"name": "张三", "id_number": NUMBER},
        "changes": [{"field": "id_number", "label": "身份证号", "old": NUMBER, "new": NUMBER}],
    }
    return give_back(actor=BUILDER, source_id=hr.pk, news=News("CHANGED", "CHANGED:1", payload))


@pytest.fixture
def of_hr() -> Client:
    return signed_in(account("renshe", "liaison_hr", display_name="人社联络员"))


@pytest.fixture
def of_finance() -> Client:
    return signed_in(account("caizheng", "liaison_finance"))


@pytest.fixture
def desk() -> Client:
    return signed_in(account("jingban", "office_clerk"))


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"exchange:{name}", args=args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def post(client: Client, name: str, *args: Any, **fields: Any) -> Any:
    return client.post(reverse(f"exchange:{name}", args=args), fields)


# --- dispatches --------------------------------------------------------------------------------------------------


def test_a_liaison_sees_the_own_departments_dispatches_only(dispatch: Dispatch, of_hr: Client, of_finance: Client):
    assert "CHANGED:1" in page(of_hr, "dispatches")
    assert "CHANGED:1" not in page(of_finance, "dispatches")
    assert of_finance.get(reverse("exchange:dispatch", args=[dispatch.pk])).status_code == 404
    assert post(of_finance, "dispatch_answer", dispatch.pk, outcome="accepted").status_code == 404
    assert post(of_finance, "dispatch_file", dispatch.pk, "manifest").status_code == 404


def test_the_page_masks_numbers_and_shows_the_signature(dispatch: Dispatch, of_hr: Client):
    shown = page(of_hr, "dispatch", dispatch.pk)
    assert NUMBER not in shown
    assert shown.count("330699***********0") == 3
    assert dispatch.signature in shown
    assert "张三" in shown


def test_a_liaison_answers_by_hand(dispatch: Dispatch, of_hr: Client):
    refused = post(of_hr, "dispatch_answer", dispatch.pk, outcome="rejected", reason="")
    assert refused.status_code == 422
    assert "没有写明原因" in refused.content.decode()
    post(of_hr, "dispatch_answer", dispatch.pk, outcome="rejected", reason="单位名称不符")
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.answer) == (DispatchState.REJECTED, "单位名称不符")
    assert "单位名称不符" in page(of_hr, "dispatch", dispatch.pk)
    assert AuditEntry.objects.get(action="exchange.dispatch_answered").actor_name == "人社联络员"
    post(of_hr, "dispatch_answer", dispatch.pk, outcome="accepted", reason="")
    assert "登记回执" not in page(of_hr, "dispatch", dispatch.pk)


def test_what_is_sent_back_waits_for_the_office(dispatch: Dispatch):
    clerk, liaison = account("jingban", "office_clerk"), account("renshe", "liaison_hr")
    assert waiting_count(clerk) == 0
    answer_dispatch(actor=liaison, dispatch_id=dispatch.pk, outcome="rejected", reason="不符")
    assert (waiting_count(clerk), waiting_count(liaison)) == (1, 0)


def test_nobody_answers_for_another_department(dispatch: Dispatch):
    with pytest.raises(Refused) as refused:
        answer_dispatch(actor=account("caizheng", "liaison_finance"), dispatch_id=dispatch.pk, outcome="accepted")
    assert refused.value.codes == ["K24"]


def test_a_download_is_recorded(dispatch: Dispatch, of_hr: Client):
    answer = post(of_hr, "dispatch_file", dispatch.pk, "manifest")
    assert b"".join(answer.streaming_content) == manifest_of(dispatch)
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(action="exchange.dispatch_opened").count() == 1
    assert post(of_hr, "dispatch_file", dispatch.pk, "package").status_code == 404


def test_who_may_not_see_numbers_may_not_download(dispatch: Dispatch):
    secretary = signed_in(account("mishu", "commission_secretary"))
    assert "签名文本" not in page(secretary, "dispatch", dispatch.pk)
    assert post(secretary, "dispatch_file", dispatch.pk, "manifest").status_code == 403
    assert post(secretary, "dispatch_answer", dispatch.pk, outcome="accepted").status_code == 403


def test_a_clerk_makes_difference_lists_and_downloads_one(hr: Source, desk: Client, of_hr: Client):
    run = Run.objects.create(period="2026-02", state="done")
    assert 'id="differences-run"' in page(desk, "dispatches")
    assert 'id="differences-run"' not in page(of_hr, "dispatches")
    assert post(of_hr, "differences_new", run=run.pk).status_code == 403
    nothing = desk.post(reverse("exchange:differences_new"), {"run": run.pk}, follow=True)
    assert "没有需要回送的差异" in nothing.content.decode()
    row = {"source": "establishment", "delivery": "e" * 64, "row": 2, "name": "张三", "unit": "财政局"}
    Finding.objects.create(
        key="1", kind="unpaid", owner="hr", severity="red", lane="accuse", state="confirmed", found_on=TODAY,
        first_run=run, last_run=run, first_period="2026-02", last_period="2026-02", evidence={"rows": [row]},
    )  # fmt: skip
    made = desk.post(reverse("exchange:differences_new"), {"run": run.pk}, follow=True)
    assert "已生成 1 份差异清单：人社系统" in made.content.decode()
    listed = Dispatch.objects.get()
    for name in ("xlsx", "csv", "json", "package"):
        answer = post(of_hr, "dispatch_file", listed.pk, name)
        assert b"".join(answer.streaming_content)
    wrong = desk.post(reverse("exchange:differences_new"), {"run": "x"}, follow=True)
    assert "不存在或尚未完成" in wrong.content.decode()


# --- push addresses ----------------------------------------------------------------------------------------------


def test_an_address_is_registered_switched_and_its_tries_are_seen(
    dispatch: Dispatch, hr: Source, monkeypatch: pytest.MonkeyPatch
):
    admin = signed_in(account("xitong", "system_admin"))
    fields = {"source": hr.pk, "url": "https://hr.example.gov.cn/h", "secret_name": "BIANZHI_WEBHOOK_SECRET_HR"}
    unset = post(admin, "webhook_new", **fields)
    assert unset.status_code == 422
    assert "没有设置" in unset.content.decode()
    monkeypatch.setenv("BIANZHI_WEBHOOK_SECRET_HR", "correct-horse-battery")
    assert post(admin, "webhook_new", **fields).status_code == 302
    webhook = Webhook.objects.get()
    attempt = claim_push(actor=BUILDER, webhook_id=webhook.pk, now=clock.now())
    assert attempt is not None
    note_push(actor=BUILDER, attempt_id=attempt.pk, status=503, error="对方应答 503", now=clock.now())
    shown = page(admin, "webhook", webhook.pk)
    assert "对方应答 503" in shown
    assert "correct-horse" not in shown
    assert "https://hr.example.gov.cn/h" in page(admin, "webhooks")
    assert 'name="active" value="0"' in shown
    post(admin, "webhook_switch", webhook.pk)
    assert Webhook.objects.get().is_active, "nothing said, nothing done"
    for _ in range(2):
        post(admin, "webhook_switch", webhook.pk, active="0")
        assert not Webhook.objects.get().is_active, "pressed twice, it stays switched off"
    assert 'name="active" value="1"' in page(admin, "webhook", webhook.pk)
    assert "对方应答 503" in page(signed_in(account("renshe", "liaison_hr")), "dispatch", dispatch.pk)
    assert post(admin, "webhook_switch", 10**6).status_code == 404


def test_a_liaison_does_not_reach_the_addresses(of_hr: Client):
    for name in ("webhooks", "webhook_new"):
        assert of_hr.get(reverse(f"exchange:{name}")).status_code == 403
