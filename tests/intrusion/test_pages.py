"""The pages of the watch, what requests leave behind, and who is held for opening too much."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bianzhi.accounts.services.parameters import set_parameter
from bianzhi.intrusion import reading_files, watching
from bianzhi.intrusion.models import Alert, AlertState, RuleSetting, Suppression
from bianzhi.intrusion.rules.reading_log import Reading, line, read
from bianzhi.intrusion.services.handling import acknowledge, close, handle
from bianzhi.intrusion.watching import watch
from bianzhi.intrusion.web import rules
from bianzhi.intrusion.web.alerts import unanswered
from bianzhi.office.models import Notice
from tests.accounts.people import account, signed_in
from tests.intrusion.conftest import failures, opened

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_behaviour(monkeypatch):
    watched = {code: watching.WATCHED[code] for code in ("brute_user", "denied")}
    monkeypatch.setattr(watching, "WATCHED", watched)
    monkeypatch.setattr(watching, "seal_once", lambda: None)
    assert len(vars(rules)["WATCHED"]) > len(watched), "the pages know every rule; they were loaded before this"


def text(answer) -> str:
    return str(answer.content.decode())


@pytest.fixture
def alert(people) -> Alert:
    opened(people.clerk, 12, way="o")
    [alert] = watch()
    return alert


def test_who_sees_alerts_and_who_does_not(people, alert):
    address = reverse("intrusion:alert", args=[alert.pk])
    for user in (people.security, people.audit, people.director):
        client = signed_in(user)
        for page in (address, "/intrusion/", "/intrusion/rules/", "/intrusion/coverage/"):
            assert client.get(page).status_code == 200, page
    for user in (people.system, people.clerk):
        assert signed_in(user).get(address).status_code == 403


def test_an_alert_is_acknowledged_handled_and_closed_on_its_page(people, alert):
    security, auditor = signed_in(people.security), signed_in(people.audit)
    page = reverse("intrusion:alert", args=[alert.pk])
    shown = text(security.get(page))
    assert "12 个不同网址" in shown
    assert reverse("accounts:user", args=[people.clerk.pk]) in shown
    security.post(f"{page}acknowledge/")
    assert security.post(f"{page}handle/", {"result": ""}).status_code == 422
    security.post(f"{page}handle/", {"result": "账号被盗用，已停用"})
    assert "另一名" in text(security.get(page))
    assert security.post(f"{page}close/", {"note": ""}).status_code == 422
    assert auditor.post(f"{page}handle/", {"result": "没有问题"}).status_code == 403
    auditor.post(f"{page}close/", {"note": "同意"})
    alert.refresh_from_db()
    assert (alert.state, alert.closed_by) == (AlertState.CLOSED, people.audit)


def test_evidence_is_linked_for_who_may_read_the_record_only(people):
    failures(8, people.clerk)
    [alert] = watch()
    page, entry = reverse("intrusion:alert", args=[alert.pk]), reverse("audit:entry", args=[alert.evidence[0]])
    assert entry in text(signed_in(people.audit).get(page))
    shown = text(signed_in(people.security).get(page))
    assert entry not in shown
    assert "登录失败" in shown


def test_a_false_alarm_is_suppressed_on_the_page_and_let_go_again(people, alert):
    client = signed_in(people.security)
    address = reverse("intrusion:suppress", args=[alert.pk])
    assert client.post(address, {"days": "7", "reason": ""}).status_code == 422
    client.post(address, {"days": "7", "reason": "权限测试"})
    row = Suppression.objects.get()
    assert "权限测试" in text(client.get("/intrusion/rules/"))
    client.post(reverse("intrusion:suppression_end", args=[row.pk]))
    row.refresh_from_db()
    assert row.ended_at is not None
    assert client.post(reverse("intrusion:suppression_end", args=[row.pk + 1])).status_code == 404


def test_a_rule_is_set_on_its_page(people):
    client = signed_in(people.security)
    sent = {"is_enabled": "on", "window_minutes": "30", "threshold": "0", "factor": "0", "severity": "high"}
    sent["reason"] = "收紧阈值"
    assert client.post("/intrusion/rules/denied/", sent).status_code == 422
    client.post("/intrusion/rules/denied/", {**sent, "threshold": "5"})
    assert RuleSetting.objects.get().threshold == 5
    assert "收紧阈值" in text(client.get("/intrusion/rules/denied/"))
    assert client.get("/intrusion/rules/nothing/").status_code == 404
    assert signed_in(people.audit).get("/intrusion/rules/denied/").status_code == 403


def test_coverage_says_which_rules_sleep(people):
    client = signed_in(people.audit)
    assert "没有按时运行" in text(client.get("/intrusion/coverage/"))
    watch()
    assert "运行正常" in text(client.get("/intrusion/coverage/"))


# --- what requests leave behind ----------------------------------------------------------------------------------


def readings() -> list[Reading]:
    now = timezone.now()
    return list(reading_files.between(now - timedelta(minutes=5), now + timedelta(minutes=1)))


def test_what_somebody_opens_is_written_down_by_route_and_key_and_nothing_else(people, home):
    client = signed_in(people.security)
    client.get(reverse("accounts:user", args=[people.clerk.pk]), {"q": "330699198706051234"})
    assert client.get(reverse("personnel:people")).status_code == 403
    client.get(reverse("accounts:user", args=[987_654]))
    client.post("/intrusion/suppressions/1/end/")
    found = {(one.route, one.record, one.way) for one in readings()}
    assert ("accounts:user", str(people.clerk.pk), "p") in found
    assert ("accounts:user", "987654", "n") in found
    assert any(way == "d" for _, _, way in found)
    assert all(one.user_id == people.security.pk for one in readings())
    written = "".join(place.read_text("utf-8") for place in (home / "requests").glob("*.log"))
    assert "330699" not in written
    assert "suppression_end" not in written


def test_a_stranger_leaves_no_line(client, db):
    client.get("/accounts/login/")
    assert readings() == []


def test_what_is_there_and_out_of_sight_is_told_from_what_is_not_there(people, home):
    notice = Notice.objects.create(title="x", body="y", audience="people", author=people.director)
    client = signed_in(people.audit)
    assert client.get(reverse("office:notice", args=[notice.pk])).status_code == 404
    assert client.get(reverse("office:notice", args=[notice.pk + 1])).status_code == 404
    assert [one.way for one in readings()] == ["o", "n"]


def test_a_line_that_was_torn_off_is_left_out():
    whole = line(Reading(1, 2, "a:b", "3", "p"))
    assert list(read(whole + whole[:-4])) == [Reading(1, 2, "a:b", "3", "p")]
    assert list(read(line(Reading(1, 2, "a b\n", "张三 1", "p")))) == [Reading(1, 2, "ab", "1", "p")]


@pytest.mark.parametrize("typed", ["33069919870605123X", "330699 19870605 1234", "13905751234"])
def test_the_number_of_a_person_typed_into_an_address_is_not_written_down(typed):
    [found] = read(line(Reading(1, 2, "personnel:person", typed, "n")))
    assert found.record == f"{typed[:6]}.."
    [key] = read(line(Reading(1, 2, "personnel:person", "1234567890", "p")))
    assert key.record == "1234567890"


def test_who_opens_more_than_a_person_can_is_held_for_the_rest_of_the_minute(people):
    reading_files.keep_limit(3)
    client, other = signed_in(people.security), signed_in(people.audit)
    assert [client.get("/intrusion/").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    held = client.get("/intrusion/")
    assert 1 <= int(held["Retry-After"]) <= 60
    assert "超过 3 个" in text(held)
    fragments = [client.get("/intrusion/", headers={"HX-Request": "true"}).status_code for _ in range(14)]
    assert fragments == [200] * 12 + [429] * 2
    assert other.get("/intrusion/").status_code == 200
    reading_files.keep_limit(0)
    assert client.get("/intrusion/").status_code == 200


def test_the_limit_follows_the_parameter_with_the_next_watch(people):
    set_parameter(actor=people.system, key="intrusion.reads_per_minute", text="17", basis="测试")
    watch()
    assert json.loads((reading_files.folder() / "limit.json").read_text("utf-8")) == {"reads_per_minute": 17}
    assert reading_files.limit() == 17


def test_the_menu_counts_alerts_nobody_has_acknowledged(people, alert):
    assert signed_in(account("anquan9", "security_admin")).get("/intrusion/").status_code == 200
    assert (unanswered(people.security), unanswered(people.clerk)) == (1, 0)


def test_the_menu_counts_handled_alerts_for_whoever_may_close_them(people, alert):
    handle(actor=people.security, alert_id=alert.pk, result="账号被盗用，已停用", is_false_alarm=False)
    counts = [unanswered(user) for user in (people.second, people.audit, people.security, people.director)]
    assert counts == [1, 1, 0, 0]
    close(actor=people.audit, alert_id=alert.pk, note="同意")
    assert unanswered(people.second) == 0


def test_who_confirms_what_a_colleague_has_confirmed_is_told_and_sees_the_form_of_the_result(people, alert):
    acknowledge(actor=people.second, alert_id=alert.pk)
    answer = signed_in(people.security).post(reverse("intrusion:acknowledge", args=[alert.pk]))
    assert answer.status_code == 422
    assert "处置中" in text(answer)
    assert 'name="result"' in text(answer)


def test_a_whole_page_is_written_down_as_a_page_whatever_the_request_calls_itself(people):
    client = signed_in(people.security)
    client.get(reverse("intrusion:rules"), headers={"HX-Request": "true"})
    rows = {"HX-Request": "true", "HX-Target": "list-intrusion-alerts-rows"}
    client.get(reverse("intrusion:alerts"), headers=rows)
    assert [one.way for one in readings()] == ["p", "f"]
