"""The interface as a department's system meets it: what a key opens, what it does not, and how it says no."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bianzhi.audit.models import AuditEntry
from bianzhi.exchange import signing
from bianzhi.exchange.api import access
from bianzhi.exchange.models import Change, Delivery, Dispatch, DispatchState, Message, Source
from bianzhi.exchange.parameters import CALLS_PER_MINUTE
from bianzhi.exchange.rules.scopes import SCOPES
from bianzhi.exchange.services.contracts import draft_contract, publish_contract
from bianzhi.exchange.services.dispatches import News, give_back, hand_out
from bianzhi.exchange.services.tokens import SystemOf, revoke_token
from bianzhi.kernel import clock
from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from tests.accounts.people import account, signed_in
from tests.cast import TODAY, Cast, assemble
from tests.exchange.interface import BUILDER, Caller, make_key, make_source, message
from tests.office.conftest import deliver as hear_the_outbox

pytestmark = pytest.mark.django_db

ID_NUMBER = make_id_number(UNALLOCATED_REGION, TODAY.replace(year=1990), 11).value
HIRE = {"name": "张三", "id_number": ID_NUMBER, "unit": "测试区财政局", "effective_on": "2026-03-01"}
ROSTER = "姓名,身份证号,单位名称\r\n张三," + ID_NUMBER + ",测试区财政局\r\n"


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    made = assemble()
    hear_the_outbox()
    return made


@pytest.fixture
def hr(cast: Cast) -> Source:
    source = make_source(code="hr", department="hr", name="人社系统")
    draft_contract(actor=BUILDER, source_id=source.pk)
    publish_contract(actor=BUILDER, source_id=source.pk)
    return source


@pytest.fixture
def finance(cast: Cast) -> Source:
    return make_source(code="finance", department="finance", name="财政系统")


@pytest.fixture
def system(hr: Source) -> Caller:
    return Caller(make_key(hr)[1])


def given_back(source: Source, number: int = 1) -> Dispatch:
    return give_back(
        actor=BUILDER, source_id=source.pk, news=News("ENLISTED", f"ENLISTED:{number}", {"number": number})
    )


def roster(text: str = ROSTER, name: str = "名册.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def is_a_problem(answer: Any, status: int, code: str) -> bool:
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert set(told) == {"code", "message", "next_step", "figures", "details", "reference"}
    assert told["message"]
    return True


# --- who may call ------------------------------------------------------------------------------------------------


def test_nobody_comes_in_without_a_key_that_holds(hr: Source):
    token, secret = make_key(hr)
    revoke_token(actor=BUILDER, token_id=token.pk)
    for caller in (Caller(), Caller("bzt_wrong"), Caller(secret)):
        answer = caller.get("dispatches")
        assert is_a_problem(answer, 401, "unauthorized")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_login_is_no_key_and_a_key_is_no_login(hr: Source):
    director = signed_in(account("director", "office_director"))
    assert director.get("/api/v1/dispatches").status_code == 401
    _, secret = make_key(hr)
    assert Client().get("/exchange/tokens/", headers={"Authorization": f"Bearer {secret}"}).status_code == 302


def test_a_key_in_the_address_or_the_form_is_not_looked_at(hr: Source):
    _, secret = make_key(hr)
    assert Caller().get("key", token=secret, access_token=secret, Authorization=f"Bearer {secret}").status_code == 401
    assert Caller("x").get("key", token=secret).status_code == 401


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_key_opens_what_its_scope_says(hr: Source, scope: str):
    dispatch = given_back(hr)
    caller = Caller(make_key(hr, scope)[1])
    answers = {
        "deliver": [caller.send("deliveries", {"period": "2026-02", "file": roster()}), caller.get("deliveries/1")],
        "messages": [caller.post("messages", message("HIRE_DECIDED", "m-1", HIRE))],
        "pull": [
            caller.get("dispatches"),
            caller.get(f"dispatches/{dispatch.pk}"),
            caller.get(f"dispatches/{dispatch.pk}/manifest"),
            caller.get("difference-lists"),
            caller.get("difference-lists/1"),
            caller.get("difference-lists/1/files/csv"),
        ],
        "acknowledge": [caller.post(f"dispatches/{dispatch.pk}/acknowledge", {"outcome": "accepted"})],
    }
    for asked, given in answers.items():
        for answer in given:
            if asked == scope:
                assert answer.status_code in (200, 201, 404), answer.content
            else:
                assert is_a_problem(answer, 403, "scope_missing")
    assert caller.get("key").json()["scopes"] == [scope]


def test_a_key_reaches_nothing_of_another_source(hr: Source, finance: Source):
    theirs = given_back(hr)
    own = Caller(make_key(hr)[1])
    delivery = own.send("deliveries", {"period": "2026-02", "file": roster()}).json()["id"]
    other = Caller(make_key(finance)[1])
    for path in (f"dispatches/{theirs.pk}", f"dispatches/{theirs.pk}/manifest", f"deliveries/{delivery}"):
        assert own.get(path).status_code == 200
        assert is_a_problem(other.get(path), 404, "not_found")
    answer = other.post(f"dispatches/{theirs.pk}/acknowledge", {"outcome": "accepted"})
    assert is_a_problem(answer, 404, "not_found")
    assert other.get("dispatches").json()["items"] == []
    theirs.refresh_from_db()
    assert theirs.state == DispatchState.SENT


def test_who_asks_too_often_is_told_when_to_come_back(hr: Source, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bianzhi.exchange.api.access.time.time", lambda: 1_000_020.0)
    first, second = Caller(make_key(hr)[1]), Caller(make_key(hr, label="乙")[1])
    answers = [first.get("key") for _ in range(CALLS_PER_MINUTE.number + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert is_a_problem(answers[-1], 429, "too_often")
    assert answers[-1]["Retry-After"] == str(answers[-1].json()["figures"]["retry_after"])
    assert second.get("key").status_code == 200, "keys are counted apart"


def test_guessing_keys_is_stopped(hr: Source):
    wrong = Caller("bzt_guess")
    statuses = [wrong.get("key").status_code for _ in range(access.GUESSES.most + 1)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {401}
    assert Caller(make_key(hr)[1]).get("key").status_code == 200, "a right key is let in from the same place"


def test_what_is_too_long_is_refused_before_it_is_read(system: Caller):
    headers = {**system.headers, "Content-Length": str(10**9)}
    answer = system.client.post("/api/v1/messages", "{}", content_type="application/json", headers=headers)
    assert is_a_problem(answer, 413, "too_large")
    answer = system.client.generic("POST", "/api/v1/messages", "{}", headers={**system.headers, "Content-Length": ""})
    assert is_a_problem(answer, 411, "length_required")


def test_the_last_use_of_a_key_is_noted(hr: Source):
    token, secret = make_key(hr)
    Caller(secret).get("key")
    token.refresh_from_db()
    assert token.last_used_at is not None


# --- how it says no ----------------------------------------------------------------------------------------------


def test_every_no_has_the_one_shape(system: Caller):
    assert is_a_problem(system.get("nowhere"), 404, "not_found")
    assert is_a_problem(system.get("dispatches/999999999999999999999999"), 404, "not_found")
    assert is_a_problem(system.get(""), 404, "not_found")
    assert is_a_problem(system.get("messages"), 405, "method_not_allowed")
    assert is_a_problem(system.post("messages", "{half"), 400, "bad_request")
    assert is_a_problem(system.get("dispatches", after=-1), 422, "invalid")
    assert is_a_problem(system.get("dispatches", date="abc"), 400, "bad_request")
    assert is_a_problem(system.get("dispatches", aftr=5), 422, "unknown_parameter")
    assert is_a_problem(system.get("dispatches", x="\0"), 404, "not_found")
    assert system.get("messages")["Allow"] == "POST"


def test_what_does_not_fit_is_named_field_by_field(system: Caller):
    body = message("HIRE_DECIDED", "m 1", {**HIRE, "effective_on": "2026-02-30", "more": "x", "unit": 5})
    details = {each["field"]: each["message"] for each in system.post("messages", body).json()["details"]}
    assert set(details) == {
        "body.message_id",
        "body.payload.effective_on",
        "body.payload.more",
        "body.payload.unit",
    }
    assert "不是真实的日期" in details["body.payload.effective_on"]
    assert "没有这一项" in details["body.payload.more"]
    assert details["body.payload.unit"] == "应为文本"


@pytest.mark.parametrize(("seq", "status"), [(7, 201), (7.0, 201), ("7", 422), (True, 422), (7.5, 422), (-1, 422)])
def test_a_number_is_a_whole_number_however_json_writes_it(system: Caller, seq: Any, status: int):
    body = {**message("HIRE_DECIDED", "hr-1", HIRE, seq=7), "seq": seq}
    assert system.post("messages", body).status_code == status


def test_an_error_of_ours_tells_nothing_but_a_reference(system: Caller, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bianzhi.exchange.api.operations.take_message", lambda **_: 1 / 0)
    answer = system.post("messages", message("HIRE_DECIDED", "m-1", HIRE))
    assert is_a_problem(answer, 500, "server_error")
    assert answer.json()["reference"] == answer["X-Request-ID"]
    assert "ZeroDivision" not in answer.content.decode()


def test_no_answer_is_kept_by_a_cache_or_sets_a_cookie(system: Caller):
    answer = system.get("dispatches")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


# --- deliveries --------------------------------------------------------------------------------------------------


def test_a_delivery_twice_is_one(system: Caller, hr: Source):
    first = system.send("deliveries", {"period": "2026-02", "file": roster(), "signer": "李四"})
    again = system.send("deliveries", {"period": "2026-02", "file": roster(name="别名.csv")})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    delivery = Delivery.objects.get()
    assert (delivery.source, delivery.signer, delivery.received_by) == (hr, "李四", None)
    assert system.get(f"deliveries/{delivery.pk}").json()["state_label"]
    entry = AuditEntry.objects.get(action="exchange.delivered")
    assert entry.actor_name == "接口·人社系统·测试系统"


def test_a_large_file_goes_through_as_a_file(system: Caller, settings: Any):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    answer = system.send("deliveries", {"period": "2026-02", "file": roster(ROSTER + " \r\n" * 1000)})
    assert answer.status_code == 201
    assert Delivery.objects.get().size == len(ROSTER.encode()) + 3000


def test_a_damaged_file_is_not_taken(system: Caller):
    wrong = {"period": "2026-02", "file": roster(), "sha256": "0" * 64}
    assert is_a_problem(system.send("deliveries", wrong), 409, "digest_mismatch")
    assert not Delivery.objects.exists()
    right = {**wrong, "file": roster(), "sha256": hashlib.sha256(ROSTER.encode()).hexdigest()}
    assert system.send("deliveries", right).status_code == 201


def test_a_delivery_that_is_refused_says_why(system: Caller, finance: Source):
    assert is_a_problem(system.send("deliveries", {"period": "2026-13", "file": roster()}), 422, "invalid")
    assert is_a_problem(system.send("deliveries", {"period": "2026-02"}), 422, "invalid")
    answer = system.send("deliveries", {"period": "2026-02", "file": roster(), "part": 3, "parts": 2})
    assert answer.status_code == 422
    assert "第 3 部分" in answer.json()["message"]
    unread = Caller(make_key(finance)[1]).send("deliveries", {"period": "2026-02", "file": roster()})
    assert unread.status_code == 422, "no contract is in force"


# --- messages ----------------------------------------------------------------------------------------------------


def test_a_decision_becomes_a_change_once(system: Caller, hr: Source):
    body = message("HIRE_DECIDED", "hr-1", HIRE)
    first, again = system.post("messages", body), system.post("messages", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["state"] == "accepted"
    change = Change.objects.get(pk=first.json()["change"])
    assert (change.kind, change.person_name) == ("hire", "张三")
    assert Message.objects.get().change == change


def test_a_number_used_for_something_else_is_a_conflict(system: Caller):
    system.post("messages", message("HIRE_DECIDED", "hr-1", HIRE))
    other = message("HIRE_DECIDED", "hr-1", {**HIRE, "name": "李四"})
    answer = system.post("messages", other)
    assert is_a_problem(answer, 409, "K13")
    assert "hr-1" in answer.json()["message"]
    assert is_a_problem(system.post("messages", message("HIRE_DECIDED", "hr-1", HIRE, seq=2)), 409, "K13")
    assert Message.objects.count() == 1


def test_the_same_number_of_another_source_is_another_message(system: Caller, hr: Source):
    second = make_source(code="hr2", department="hr")
    body = message("HIRE_DECIDED", "1", HIRE)
    assert system.post("messages", body).status_code == 201
    assert Caller(make_key(second)[1]).post("messages", body).status_code == 201


def test_a_wrong_digest_is_refused_and_leaves_nothing(system: Caller):
    body = {**message("HIRE_DECIDED", "hr-1", HIRE), "seq": 2}
    assert is_a_problem(system.post("messages", body), 422, "K11")
    assert not Message.objects.exists()


def test_messages_out_of_order_are_taken_and_told(system: Caller):
    later = system.post("messages", message("HIRE_DECIDED", "hr-7", HIRE, seq=7))
    other = {**HIRE, "id_number": make_id_number(UNALLOCATED_REGION, TODAY.replace(year=1991), 13).value}
    earlier = system.post("messages", message("HIRE_DECIDED", "hr-3", other, seq=3))
    assert later.json()["note"] == ""
    assert (earlier.status_code, earlier.json()["state"]) == (201, "accepted")
    assert "序号 3 不大于此前收到的最大序号 7" in earlier.json()["note"]


def test_what_the_register_cannot_follow_is_kept_as_sent_back(system: Caller):
    wrong = message("EXIT_DECIDED", "hr-1", {"name": "张三", "id_number": "1", "unit": "无", "event_on": "2026-03-01"})
    first, again = system.post("messages", wrong), system.post("messages", wrong)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["state"], first.json()["change"]) == ("rejected", None)
    assert "身份证号" in first.json()["reason"]


def test_a_department_tells_only_what_it_decides(finance: Source, system: Caller):
    payroll = Caller(make_key(finance)[1])
    assert is_a_problem(payroll.post("messages", message("HIRE_DECIDED", "f-1", HIRE)), 403, "K12")
    assert payroll.post("messages", message("SALARY_SET", "f-2", HIRE)).status_code == 201


def test_the_record_of_a_message_holds_no_personal_data(system: Caller):
    system.post("messages", message("HIRE_DECIDED", "hr-1", HIRE))
    facts = AuditEntry.objects.get(action="exchange.message_received").facts
    assert ID_NUMBER not in facts
    assert "张三" not in facts


@pytest.mark.parametrize("text", ['{"payload": "\\ud800"}', '{"seq": 1e400}', "[]", "null", '"x"', "1"])
def test_json_that_makes_no_sense_is_refused_in_words(system: Caller, text: str):
    answer = system.post("messages", text)
    assert answer.status_code in (400, 422)
    assert answer.json()["message"]


# --- dispatches --------------------------------------------------------------------------------------------------


def test_dispatches_come_page_by_page_and_count_as_arrived(system: Caller, hr: Source):
    made = [given_back(hr, number).pk for number in range(5)]
    first = system.get("dispatches", limit=3).json()
    rest = system.get("dispatches", after=first["next"], limit=3).json()
    assert [each["id"] for each in [*first["items"], *rest["items"]]] == made
    assert (first["more"], rest["more"], rest["next"]) == (True, False, made[-1])
    end = system.get("dispatches", after=rest["next"]).json()
    assert (end["items"], end["next"]) == ([], made[-1])
    assert not Dispatch.objects.filter(state=DispatchState.READY).exists()
    assert system.get("dispatches").json()["items"][0]["id"] == made[0], "at least once: asked again, given again"


def test_what_a_system_fetches_is_on_record_a_page_of_it_once(system: Caller, hr: Source, finance: Source):
    made = [given_back(hr, number).pk for number in range(3)]
    foreign = given_back(finance).pk

    def entries(action: str) -> list[tuple[str, str, Any]]:
        found = AuditEntry.objects.filter(action=f"exchange.{action}").order_by("seq")
        told = [(entry, json.loads(entry.facts)) for entry in found]
        return [(entry.actor_name, facts.get("file", ""), facts["dispatches"]) for entry, facts in told]

    system.get("dispatches")
    system.get(f"dispatches/{made[0]}")
    system.get(f"dispatches/{made[0]}/manifest")
    assert system.get(f"dispatches/{foreign}/manifest").status_code == 404
    system.get("dispatches", after=made[-1])
    who = "接口·人社系统·测试系统"
    assert entries("dispatch_opened") == [
        (who, "list", made), (who, "dispatch", made[:1]), (who, "manifest", made[:1]),
    ]  # fmt: skip
    assert entries("dispatch_arrived") == [(who, "", made)]
    assert Dispatch.objects.get(pk=foreign).state == DispatchState.READY


def test_nothing_of_another_source_is_handed_out(hr: Source, finance: Source):
    foreign = given_back(finance)
    actor = SystemOf(make_key(hr)[0])
    assert hand_out(actor=actor, dispatch_ids=[foreign.pk], what="list", now=clock.now()) == []
    foreign.refresh_from_db()
    assert foreign.state == DispatchState.READY
    assert not AuditEntry.objects.filter(action__in=("exchange.dispatch_opened", "exchange.dispatch_arrived")).exists()


def test_the_signed_text_fits_its_signature(system: Caller, hr: Source):
    told = system.get(f"dispatches/{given_back(hr).pk}").json()
    answer = system.get(f"dispatches/{told['id']}/manifest")
    key = Caller().get("public-key").json()
    assert signing.is_signed(answer.content, answer["X-Signature-Ed25519"], key["pem"])
    assert answer["X-Signature-Ed25519"] == told["signature"]
    assert answer["X-Key-Id"] == key["key_id"]


def test_an_answer_is_noted_and_the_same_again_changes_nothing(system: Caller, hr: Source):
    dispatch = given_back(hr)
    path = f"dispatches/{dispatch.pk}/acknowledge"
    sent_back = system.post(path, {"outcome": "rejected", "reason": "单位名称不符"})
    assert (sent_back.status_code, sent_back.json()["state"], sent_back.json()["answer"]) == (
        200,
        "rejected",
        "单位名称不符",
    )
    for _ in range(2):
        assert system.post(path, {"outcome": "accepted"}).json()["state"] == "acknowledged"
    assert AuditEntry.objects.filter(action="exchange.dispatch_answered").count() == 2
    assert is_a_problem(system.post(path, {"outcome": "rejected", "reason": "反悔"}), 409, "K23")


def test_sending_back_needs_a_reason(system: Caller, hr: Source):
    path = f"dispatches/{given_back(hr).pk}/acknowledge"
    for body in ({"outcome": "rejected"}, {"outcome": "rejected", "reason": " "}, {"outcome": "maybe"}, {}):
        assert is_a_problem(system.post(path, body), 422, "invalid")


# --- its description ---------------------------------------------------------------------------------------------


def test_the_description_is_open_and_names_every_operation(client: Client):
    told = client.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.")
    assert set(told["paths"]) >= {"/api/v1/deliveries", "/api/v1/messages", "/api/v1/dispatches"}
    page = client.get("/api/v1/docs/").content.decode()
    for path, operations in told["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}" in page
    assert "<script" not in page.split("<main")[1]


def test_the_operations_say_which_scope_they_ask_for(client: Client):
    told = client.get("/api/v1/openapi.json").json()
    scopes = {each.get("x-scope") for operations in told["paths"].values() for each in operations.values()}
    assert scopes == {*SCOPES, None}
