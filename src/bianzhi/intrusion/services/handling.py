"""What people do about an alert: acknowledge it, say what came of it, and have a second person close a grave one."""

from typing import Final

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.intrusion.models import Alert, AlertState
from bianzhi.intrusion.rules.ladder import Rung
from bianzhi.intrusion.services.telling import tell_of, tell_of_return
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.office.models import Message

HANDLE: Final = "intrusion.handle"
CLOSE: Final = "intrusion.close"
SHORTEST: Final = 4


@unit_of_work
def acknowledge(*, actor: User, alert_id: int) -> Alert:
    """Take an alert up: it climbs no further. Raises Denied, Refused (I01 state, I02 about oneself)."""
    alert = _taken(actor, alert_id, HANDLE, (AlertState.OPEN,))
    alert.state, alert.acknowledged_at, alert.acknowledged_by = AlertState.ACKNOWLEDGED, timezone.now(), actor
    return _saved(alert, actor, "intrusion.alert_acknowledged", {})


@unit_of_work
def handle(*, actor: User, alert_id: int, result: str, is_false_alarm: bool) -> Alert:
    """Say what was found and done. A grave alert then waits for a second person, who is told; others are closed.

    Raises Denied, Refused: I01 (state), I02 (about oneself), I03 (no result).
    """
    alert = _taken(actor, alert_id, HANDLE, (AlertState.OPEN, AlertState.ACKNOWLEDGED))
    alert.result = _said(result, "处置结果", "请写明核实了什么、做了什么。")
    now = timezone.now()
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = now, actor
    alert.is_false_alarm = is_false_alarm
    alert.handled_at, alert.handled_by, alert.state = now, actor, AlertState.HANDLED
    if not alert.grade.needs_second_person:
        alert.state, alert.closed_at, alert.closed_by = AlertState.CLOSED, now, actor
    else:
        alert.rung = Rung.RAISED.value
    facts = {"result": alert.result, "is_false_alarm": is_false_alarm, "closed": alert.state == AlertState.CLOSED}
    _saved(alert, actor, "intrusion.alert_handled", facts)
    if alert.state == AlertState.HANDLED:
        tell_of(alert, Rung.RAISED)
    return alert


@unit_of_work
def close(*, actor: User, alert_id: int, note: str) -> Alert:
    """Close a grave alert that another person has handled.

    Raises Denied, Refused: I01 (state), I02 (about oneself), I04 (handled by oneself).
    """
    alert = _taken(actor, alert_id, CLOSE, (AlertState.HANDLED,))
    _refuse_own(alert, actor)
    alert.state, alert.closed_at, alert.closed_by = AlertState.CLOSED, timezone.now(), actor
    alert.closing_note = note.strip()[:500]
    return _saved(alert, actor, "intrusion.alert_closed", {"note": alert.closing_note})


@unit_of_work
def send_back(*, actor: User, alert_id: int, note: str) -> Alert:
    """Not agree with what came of an alert: it is to be handled again. Raises as `close`, and I03 without a reason."""
    alert = _taken(actor, alert_id, CLOSE, (AlertState.HANDLED,))
    _refuse_own(alert, actor)
    alert.closing_note = _said(note, "退回的理由", "请写明还要核实什么。")[:500]
    alert.state = AlertState.ACKNOWLEDGED
    _saved(alert, actor, "intrusion.alert_returned", {"note": alert.closing_note})
    tell_of_return(alert)
    return alert


def _taken(actor: User, alert_id: int, permission: str, states: tuple[AlertState, ...]) -> Alert:
    require(actor, permission)
    alert = Alert.objects.select_for_update().get(pk=alert_id)
    if alert.state not in states:
        said = f"这条告警现在是“{alert.get_state_display()}”，不能这样办理。"
        raise Refused([Objection("I01", said, next_step="请刷新页面。")])
    if alert.subject.user_id == actor.pk:
        raise Refused([Objection("I02", "这条告警涉及您本人，不能由您办理。", next_step="请由另一名管理员办理。")])
    return alert


def _refuse_own(alert: Alert, actor: User) -> None:
    if alert.handled_by_id == actor.pk:
        said = f"“{alert.get_severity_display()}”级告警须由处置人以外的第二人复核关闭，处置人是您本人。"
        raise Refused([Objection("I04", said, next_step="请由另一名安全管理员或审计管理员复核。")])


def _said(text: str, what: str, step: str) -> str:
    if len(text.strip()) < SHORTEST:
        raise Refused([Objection("I03", f"没有写明{what}（至少 {SHORTEST} 个字）。", next_step=step)])
    return text.strip()[:2_000]


def _saved(alert: Alert, actor: User, action: str, facts: dict[str, object]) -> Alert:
    alert.save()
    record(action, actor=actor, subject=alert, facts=facts, wrote=[alert])
    if alert.state != AlertState.OPEN:
        with beyond_scope("messages"):
            Message.objects.unread().filter(about=f"alert:{alert.pk}").update(read_at=timezone.now())
    return alert
