"""Alerts: one at a time for a subject, told, climbing, handled, closed by two people where they are grave."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bianzhi.accounts.policies import Denied
from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.common.db.row_scope import acting
from bianzhi.config.row_scope import scope_of
from bianzhi.intrusion import installation, reading_files, watching
from bianzhi.intrusion.models import Alert, AlertState, HourlyReading, RuleRun, RuleSetting, Suppression
from bianzhi.intrusion.rules.catalogue import RULES, Severity
from bianzhi.intrusion.rules.ladder import Rung
from bianzhi.intrusion.rules.signs import PLATFORM, Sign, beyond_usual
from bianzhi.intrusion.selectors.in_force import rules_in_force
from bianzhi.intrusion.services.handling import acknowledge, close, handle, send_back
from bianzhi.intrusion.services.raising import Outcome, climb, keep_hours, note_outcomes
from bianzhi.intrusion.services.sealing import seal_installation
from bianzhi.intrusion.services.setting import Values, end_suppression, set_rule, suppress
from bianzhi.intrusion.services.telling import WATCH
from bianzhi.intrusion.watching import watch, watch_everything
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import Message, MessageKind
from tests.beside import another_can
from tests.intrusion.conftest import acted, failures, opened

pytestmark = pytest.mark.django_db
SO = "没有问题"
BEHAVIOUR = ("brute_user", "brute_address", "spraying", "reveals", "denied", "mass_reading")


@pytest.fixture(autouse=True)
def only_behaviour(monkeypatch):
    """The state of this machine is none of these tests' business."""
    monkeypatch.setattr(watching, "WATCHED", {code: watching.WATCHED[code] for code in BEHAVIOUR})
    monkeypatch.setattr(watching, "seal_once", lambda: None)


def again(minutes: int = 4) -> list[Alert]:
    """The watch, so many minutes from now."""
    return watch(timezone.now() + timedelta(minutes=minutes))


def grave(people) -> Alert:
    opened(people.clerk, 12, way="o")
    [alert] = watch()
    return alert


def told(user) -> list[str]:
    return list(Message.objects.filter(recipient=user, kind=MessageKind.ALERT).values_list("title", flat=True))


def test_a_sign_becomes_one_alert_with_its_evidence_and_the_security_administrators_are_told(people):
    failures(8, people.clerk)
    [alert] = watch()
    assert (alert.rule, alert.subject_key, alert.count) == ("brute_user", f"user:{people.clerk.pk}", 8)
    assert AuditEntry.objects.filter(seq__in=alert.evidence, action="accounts.login_failed").count() == 8
    assert told(people.security) == told(people.second) == ["安全告警（中）：反复猜一个账号的密码"]
    assert told(people.audit) == told(people.clerk) == told(people.system) == []
    assert list(chain.verify_rows()) == []


def test_the_same_signs_seen_again_make_no_second_alert_and_no_second_message(people):
    failures(8, people.clerk)
    assert len(watch()) == 1
    assert again() == again(8) == []
    assert Alert.objects.count() == len(told(people.security)) == 1
    assert AuditEntry.objects.filter(action="intrusion.alert_raised").count() == 1


def test_two_workers_that_found_the_same_raise_it_once(people):
    failures(8, people.clerk)
    outcomes = watching.ask(["brute_user"], timezone.now() + timedelta(seconds=1))
    assert len(note_outcomes(actor=WATCH, outcomes=outcomes, now=timezone.now())) == 1
    assert note_outcomes(actor=WATCH, outcomes=outcomes, now=timezone.now()) == []


def test_more_of_the_same_is_added_to_the_alert_in_progress(people):
    failures(8, people.clerk)
    watch()
    failures(4, people.clerk)
    assert again() == []
    alert = Alert.objects.get()
    assert (alert.count, len(alert.evidence)) == (12, 12)
    assert AuditEntry.objects.filter(action="intrusion.alert_grown").count() == 1


def test_what_was_handled_is_not_raised_again_and_a_new_attack_is(people):
    failures(8, people.clerk)
    [alert] = watch()
    handle(actor=people.security, alert_id=alert.pk, result="本人忘记密码", is_false_alarm=True)
    assert again() == []
    failures(7, people.clerk)
    assert again(5) == []
    failures(1, people.clerk)
    assert [each.count for each in again(9)] == [16]


def test_a_rule_that_breaks_is_told_as_broken_and_keeps_none_of_the_others(people, monkeypatch):
    def broken(rule, now):
        raise ValueError("x")

    monkeypatch.setitem(watching.WATCHED, "reveals", watching.Watched(broken))
    failures(8, people.clerk)
    assert len(watch()) == 1
    assert "没有运行完" in RuleRun.objects.get(rule="reveals").error
    assert RuleRun.objects.get(rule="brute_user").error == ""


def test_a_rule_runs_no_more_often_than_it_should(people, monkeypatch):
    ran: list[str] = []

    def counting(rule, now):
        ran.append("x")
        return ()

    monkeypatch.setitem(watching.WATCHED, "reveals", watching.Watched(counting, 60))
    watch()
    again(10)
    assert len(ran) == 1
    again(61)
    assert len(ran) == 2


def test_what_stands_wrong_is_told_once_and_again_a_day_after_it_was_closed(people):
    rule, now = rules_in_force()["structure"], timezone.now()

    def found(at, *findings):
        sign = Sign("structure", PLATFORM, len(findings), at, at, facts={"findings": list(findings)})
        return note_outcomes(actor=WATCH, outcomes=[Outcome(rule, at, signs=(sign,))], now=at)

    [alert] = found(now, "触发器缺失：a")
    assert found(now + timedelta(minutes=3), "触发器缺失：a") == []
    assert found(now + timedelta(minutes=6), "触发器缺失：a", "触发器缺失：b") == []
    alert.refresh_from_db()
    assert (alert.count, alert.severity) == (2, Severity.CRITICAL)
    handle(actor=people.security, alert_id=alert.pk, result="升级所致，已核对", is_false_alarm=False)
    close(actor=people.audit, alert_id=alert.pk, note="")
    assert found(now + timedelta(hours=1), "触发器缺失：a", "触发器缺失：b") == []
    assert len(found(now + timedelta(hours=30), "触发器缺失：a", "触发器缺失：b")) == 1


# --- the ladder --------------------------------------------------------------------------------------------------


def test_an_alert_nobody_acknowledges_climbs_and_one_acknowledged_does_not(people):
    alert = grave(people)
    start = alert.raised_at
    assert climb(actor=WATCH, now=start + timedelta(minutes=59)) == []
    assert climb(actor=WATCH, now=start + timedelta(minutes=60)) == [alert]
    assert climb(actor=WATCH, now=start + timedelta(minutes=61)) == []
    assert (len(told(people.security)), len(told(people.audit))) == (2, 0)
    climb(actor=WATCH, now=start + timedelta(minutes=240))
    assert Alert.objects.get().rung == Rung.ESCALATED
    assert (len(told(people.security)), len(told(people.audit)), len(told(people.director))) == (3, 1, 1)
    acknowledge(actor=people.security, alert_id=alert.pk)
    assert climb(actor=WATCH, now=start + timedelta(days=9)) == []


def test_an_alert_about_a_security_administrator_is_told_above_at_once(people):
    opened(people.security, 12, way="d")
    watch()
    assert len(told(people.audit)) == len(told(people.director)) == 1


# --- what people do ----------------------------------------------------------------------------------------------


def test_whoever_takes_an_alert_up_settles_the_messages_of_the_others_as_well(people, behind_the_wall):
    alert = grave(people)
    with acting(scope_of(people.security)):
        acknowledge(actor=people.security, alert_id=alert.pk)
    assert not Message.objects.unread().filter(about=f"alert:{alert.pk}").exists()
    assert Message.objects.filter(about=f"alert:{alert.pk}", recipient=people.second).exists()


def test_a_light_alert_is_closed_by_whoever_handled_it(people):
    failures(8, people.clerk)
    [alert] = watch()
    handled = handle(actor=people.security, alert_id=alert.pk, result="本人忘记密码", is_false_alarm=True)
    assert (handled.state, handled.is_false_alarm, handled.closed_by) == (AlertState.CLOSED, True, people.security)


def test_a_grave_alert_is_closed_by_a_second_person_only(people):
    alert = grave(people)
    handle(actor=people.security, alert_id=alert.pk, result="账号被盗用，已停用", is_false_alarm=False)
    with pytest.raises(Refused, match="第二人") as refusal:
        close(actor=people.security, alert_id=alert.pk, note="")
    assert refusal.value.codes == ["I04"]
    with pytest.raises(Refused):
        send_back(actor=people.audit, alert_id=alert.pk, note="")
    assert send_back(actor=people.audit, alert_id=alert.pk, note="还要查来源").state == AlertState.ACKNOWLEDGED
    handle(actor=people.security, alert_id=alert.pk, result="来源已查明", is_false_alarm=False)
    assert close(actor=people.audit, alert_id=alert.pk, note="同意").state == AlertState.CLOSED
    assert list(chain.verify_rows()) == []


def unread(user) -> list[str]:
    return list(Message.objects.unread().filter(recipient=user).order_by("pk").values_list("title", flat=True))


def test_who_may_close_a_grave_alert_is_told_when_it_was_handled_and_its_handler_when_it_comes_back(people):
    alert = grave(people)
    handle(actor=people.security, alert_id=alert.pk, result="账号被盗用，已停用", is_false_alarm=False)
    waiting = "安全告警已处置，请复核（高）：试探无权查看的内容"
    assert unread(people.second) == unread(people.audit) == [waiting]
    assert unread(people.security) == unread(people.clerk) == unread(people.director) == []
    send_back(actor=people.audit, alert_id=alert.pk, note="还要查来源")
    assert unread(people.security) == ["安全告警复核退回（高）：试探无权查看的内容"]
    handle(actor=people.security, alert_id=alert.pk, result="来源已查明", is_false_alarm=False)
    assert unread(people.second) == [waiting]
    close(actor=people.audit, alert_id=alert.pk, note="同意")
    assert unread(people.second) == unread(people.audit) == unread(people.security) == []


def test_a_handled_alert_nobody_closes_climbs_anew(people):
    alert = grave(people)
    climb(actor=WATCH, now=alert.raised_at + timedelta(minutes=240))
    handled = handle(actor=people.security, alert_id=alert.pk, result="账号被盗用，已停用", is_false_alarm=False)
    since = handled.waits_since
    assert climb(actor=WATCH, now=since + timedelta(minutes=59)) == []
    assert climb(actor=WATCH, now=since + timedelta(minutes=60)) == [alert]
    assert unread(people.audit)[-1] == "安全告警无人复核（高）：试探无权查看的内容"
    assert unread(people.director) == []
    climb(actor=WATCH, now=since + timedelta(minutes=240))
    assert unread(people.director) == ["安全告警超时无人复核，现上报（高）：试探无权查看的内容"]
    assert unread(people.security) == []


def test_new_signs_of_an_alert_that_was_taken_up_are_told_once_an_hour(people):
    alert = grave(people)
    acknowledge(actor=people.security, alert_id=alert.pk)
    for minutes, first in ((4, 100), (8, 200)):
        opened(people.clerk, 3, way="o", first=first)
        again(minutes)
    assert AuditEntry.objects.filter(action="intrusion.alert_grown").count() == 2
    grown = "安全告警有新的迹象，请重新核实（高）：试探无权查看的内容"
    assert unread(people.security) == [grown]
    assert unread(people.second) == unread(people.audit) == []
    handle(actor=people.security, alert_id=alert.pk, result="账号被盗用，已停用", is_false_alarm=False)
    opened(people.clerk, 3, way="o", first=300)
    again(12)
    assert grown in unread(people.second)
    assert grown in unread(people.audit)


def test_who_an_alert_is_about_may_not_answer_it(people):
    opened(people.security, 12, way="d")
    [alert] = watch()
    for act in (
        lambda: acknowledge(actor=people.security, alert_id=alert.pk),
        lambda: handle(actor=people.security, alert_id=alert.pk, result="没事没事", is_false_alarm=True),
        lambda: suppress(
            actor=people.security,
            rule="denied",
            subject_key=alert.subject_key,
            subject_label="",
            days=7,
            reason="没事没事",
        ),
    ):
        with pytest.raises(Refused, match="本人"):
            act()
    assert acknowledge(actor=people.second, alert_id=alert.pk).state == AlertState.ACKNOWLEDGED


def test_others_may_neither_handle_nor_set_nor_suppress(people):
    alert = grave(people)
    for user in (people.audit, people.system, people.director, people.clerk):
        for act in (
            lambda user=user: acknowledge(actor=user, alert_id=alert.pk),
            lambda user=user: handle(actor=user, alert_id=alert.pk, result="没有问题", is_false_alarm=True),
            lambda user=user: set_rule(actor=user, rule="denied", values=VALUES, reason="试一试看"),
            lambda user=user: suppress(
                actor=user, rule="denied", subject_key="", subject_label="", days=1, reason="试一试看"
            ),
        ):
            with pytest.raises(Denied):
                act()


def test_a_closed_alert_is_not_handled_again_and_nothing_is_closed_unhandled(people):
    alert = grave(people)
    with pytest.raises(Refused, match="待确认"):
        close(actor=people.audit, alert_id=alert.pk, note="")
    with pytest.raises(Refused, match="没有写明处置结果"):
        handle(actor=people.security, alert_id=alert.pk, result="好", is_false_alarm=False)


def test_the_database_keeps_alerts_and_what_they_were_raised_for(people):
    alert = grave(people)
    for act in (alert.delete, lambda: Alert.objects.update(rule="exports")):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


# --- rules and suppressions --------------------------------------------------------------------------------------

VALUES = Values(is_enabled=True, window_minutes=30, threshold=4, factor=0, severity="critical")


def test_a_rule_is_set_version_by_version_and_the_newest_holds(people):
    assert rules_in_force()["denied"].version == 0
    set_rule(actor=people.security, rule="denied", values=VALUES, reason="收紧阈值")
    opened(people.clerk, 4, way="d")
    [alert] = watch()
    assert (alert.severity, rules_in_force()["denied"].version) == (Severity.CRITICAL, 1)
    off = Values(is_enabled=False, window_minutes=30, threshold=4, factor=0, severity="high")
    set_rule(actor=people.security, rule="denied", values=off, reason="暂停使用")
    assert RuleSetting.objects.filter(rule="denied").count() == 2
    opened(people.director, 50, way="d")
    assert again() == []


@pytest.mark.parametrize(
    ("rule", "changed", "reason", "code"),
    [
        ("nothing", {}, "调整阈值", "I10"),
        ("denied", {"threshold": 0}, "调整阈值", "I11"),
        ("denied", {"window_minutes": 99_999}, "调整阈值", "I11"),
        ("denied", {"factor": 101}, "调整阈值", "I11"),
        ("denied", {"severity": "mild"}, "调整阈值", "I11"),
        ("record", {"is_enabled": False}, "调整阈值", "I12"),
        ("denied", {}, "无", "I13"),
        ("denied", {"severity": "medium"}, "调整级别", "I16"),
        ("structure", {"severity": "high"}, "调整级别", "I16"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(people, rule, changed, reason, code):
    with pytest.raises(Refused) as refusal:
        set_rule(actor=people.security, rule=rule, values=replace(VALUES, **changed), reason=reason)
    assert refusal.value.codes == [code]


@pytest.mark.django_db(transaction=True)
def test_two_who_set_a_rule_at_once_make_two_versions(people):
    RuleRun.objects.create(rule="denied", ran_at=timezone.now())
    setting_it = [
        partial(set_rule, actor=user, rule="denied", values=replace(VALUES, threshold=user.pk), reason="收紧阈值")
        for user in (people.security, people.second)
    ]
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(another_can, setting_it))
    assert sorted(RuleSetting.objects.values_list("version", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"is_enabled": False}, "停用"),
        ({"threshold": 11}, "数量由 10 调到 11"),
        ({"window_minutes": 29}, "时段由 30 分钟缩短到 29 分钟"),
        ({"factor": 2}, "平日水平的倍数由 0 调到 2"),
    ],
)
def test_the_audit_administrator_is_told_at_once_of_a_rule_that_sees_less(people, changed, words):
    as_it_was = Values(is_enabled=True, window_minutes=30, threshold=10, factor=0, severity="high")
    set_rule(actor=people.security, rule="denied", values=as_it_was, reason="照旧设置")
    stricter = replace(as_it_was, threshold=9, severity="critical")
    set_rule(actor=people.security, rule="exports", values=replace(stricter, window_minutes=60), reason="收紧阈值")
    assert told(people.audit) == []
    set_rule(actor=people.security, rule="denied", values=replace(as_it_was, **changed), reason="误报太多")
    [message] = Message.objects.filter(recipient=people.audit)
    assert message.title == "安全告警规则放宽：试探无权查看的内容"
    assert words in message.text
    assert "误报太多" in message.text


def test_the_grade_of_a_light_rule_may_be_lowered_and_the_audit_administrator_is_told(people):
    values = Values(is_enabled=True, window_minutes=30, threshold=8, factor=0, severity="low")
    set_rule(actor=people.security, rule="brute_user", values=values, reason="误报太多")
    assert "级别由“中”降为“低”" in Message.objects.get(recipient=people.audit).text


def test_the_audit_administrator_is_told_of_a_suppression(people):
    suppress(actor=people.security, rule="denied", subject_key="", subject_label="", days=7, reason="权限测试")
    assert told(people.audit) == ["设置误报抑制：试探无权查看的内容"]
    assert "全部对象" in Message.objects.get(recipient=people.audit).text


def test_a_suppressed_subject_raises_no_alert_until_the_day_and_others_do(people):
    key = f"user:{people.clerk.pk}"
    row = suppress(
        actor=people.security, rule="denied", subject_key=key, subject_label="经办", days=7, reason="权限测试"
    )
    opened(people.clerk, 12, way="d")
    opened(people.director, 12, way="d")
    assert [alert.subject_key for alert in watch()] == [f"user:{people.director.pk}"]
    assert RuleRun.objects.get(rule="denied").suppressed == 1
    assert not Suppression.objects.in_force(row.until + timedelta(seconds=1)).exists()
    end_suppression(actor=people.security, suppression_id=row.pk)
    assert [alert.subject_key for alert in again()] == [key]
    with pytest.raises(Refused, match="已经结束"):
        end_suppression(actor=people.security, suppression_id=row.pk)


@pytest.mark.parametrize(
    ("rule", "days", "reason", "code"),
    [("anchors", 7, SO, "I12"), ("denied", 0, SO, "I14"), ("denied", 91, SO, "I14"), ("denied", 7, "", "I13")],
)
def test_a_suppression_without_end_or_reason_or_of_the_record_is_refused(people, rule, days, reason, code):
    with pytest.raises(Refused) as refusal:
        suppress(actor=people.security, rule=rule, subject_key="", subject_label="", days=days, reason=reason)
    assert refusal.value.codes == [code]


# --- the usual, the manifest ---------------------------------------------------------------------------------------


def test_past_hours_are_counted_once_and_forgotten_after_two_months(people):
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    HourlyReading.objects.create(user_id=1, hour=now - timedelta(days=70), pages=1, records=1)
    opened(people.clerk, 7, at=hour + timedelta(minutes=5))
    watch(now)
    watch(now)
    row = HourlyReading.objects.get()
    assert (row.user_id, row.hour, row.pages, row.records) == (people.clerk.pk, hour, 7, 7)
    assert keep_hours(actor=WATCH, hours={hour: [(people.clerk.pk, 9, 9)]}, before=hour) == 1
    assert HourlyReading.objects.get().pages == 7


def test_too_little_of_a_past_is_no_usual():
    assert beyond_usual([500] * 19, 3) == 0
    assert beyond_usual([10] * 19 + [900], 3) == 30
    assert beyond_usual([10] * 40, 0) == 0


def test_reading_files_are_swept_after_a_week(people):
    now = timezone.now()
    opened(people.clerk, 1, at=now - timedelta(days=8))
    opened(people.clerk, 1, at=now)
    watch_everything(now)
    assert len(list(reading_files.folder().glob("*.log"))) == 1


def test_the_first_watch_seals_the_installation(people, monkeypatch, settings, home):
    monkeypatch.undo()
    settings.HOME = home
    assert installation.place().exists() is False
    monkeypatch.setattr(watching, "WATCHED", {})
    watch()
    assert installation.kept().version
    assert AuditEntry.objects.filter(action="intrusion.installation_sealed").count() == 1
    watch()
    assert AuditEntry.objects.filter(action="intrusion.installation_sealed").count() == 1
    with pytest.raises(Refused):
        seal_installation(actor=WATCH, reason="")


def test_every_rule_says_what_to_do():
    assert all(rule.advice and rule.looks_for and rule.counts for rule in RULES.values())


def test_reveals_by_a_person_with_evidence_link_to_the_record(people):
    for _ in range(20):
        acted("personnel.id_revealed", people.clerk, people.director, reason="核对")
    [alert] = watch()
    assert len(alert.evidence) == 20
