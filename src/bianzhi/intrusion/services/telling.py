"""Who is told of an alert and of changes to the rules, and in which words."""

from collections.abc import Collection
from typing import Final

from django.urls import reverse

from bianzhi.accounts.roles import ROLES
from bianzhi.audit.actors import System
from bianzhi.intrusion.models import Alert, AlertState
from bianzhi.intrusion.rules.catalogue import RULES
from bianzhi.intrusion.rules.ladder import Rung
from bianzhi.kernel import clock
from bianzhi.office.models import MessageKind
from bianzhi.office.rules.wording import Words
from bianzhi.office.selectors.people import holders
from bianzhi.office.services.messages import News, tell

WATCH: Final = System("入侵迹象")
SECURITY: Final = "security_admin"
AUDIT: Final = "audit_admin"
ABOVE: Final = (AUDIT, "office_director")
CLOSING: Final = tuple(code for code, role in ROLES.items() if "intrusion.close" in role.permissions)
_HEADS: Final = {Rung.RAISED: "告警", Rung.REMINDED: "告警无人确认", Rung.ESCALATED: "告警超时无人确认，现上报"}
_HEADS_OF_HANDLED: Final = {
    Rung.RAISED: "告警已处置，请复核",
    Rung.REMINDED: "告警无人复核",
    Rung.ESCALATED: "告警超时无人复核，现上报",
}


def tell_of(alert: Alert, rung: Rung) -> list[int]:
    """Tell those the rung reaches, once each; returns their ids. A security administrator in it is not told alone.

    Of an alert that was handled: whoever may close it.
    """
    if alert.state == AlertState.HANDLED:
        event = f"{alert.pk}:handled:{alert.handled_at:%Y%m%d%H%M%S%f}:{rung.value}"
        text = f"{alert.sentence}。处置：{alert.result}"
        return _tell(alert, event, _HEADS_OF_HANDLED[rung], text, _closing(alert, rung))
    text = f"{alert.sentence}。{RULES[alert.rule].advice}"
    return _tell(alert, f"{alert.pk}:{rung.value}", _HEADS[rung], text, _people(alert, rung))


def tell_of_growth(alert: Alert) -> list[int]:
    """Tell whoever has taken an alert up, at most once an hour, that there are more signs; returns their ids."""
    people = _at_work_on(alert)
    if alert.state == AlertState.HANDLED:
        people |= _closing(alert, Rung.RAISED)
    event = f"{alert.pk}:grown:{alert.last_at:%Y%m%d%H}"
    return _tell(alert, event, "告警有新的迹象，请重新核实", f"{alert.sentence}。", people)


def tell_of_return(alert: Alert) -> list[int]:
    """Tell whoever took an alert up and handled it that it is to be handled again; returns their ids."""
    event = f"{alert.pk}:returned:{clock.now():%Y%m%d%H%M%S%f}"
    return _tell(alert, event, "告警复核退回", f"{alert.sentence}。{alert.closing_note}", _at_work_on(alert))


def tell_auditors(*, event: str, title: str, text: str) -> None:
    """Tell the audit administrators that the watch looks less closely now."""
    words, link = Words(title, text), reverse("intrusion:rules")
    people = sorted(holders(AUDIT, None, clock.today()))
    tell(actor=WATCH, event=event, news=[News(person, MessageKind.ALERT, words, link) for person in people])


def _tell(alert: Alert, event: str, head: str, text: str, people: Collection[int]) -> list[int]:
    title = f"安全{head}（{alert.get_severity_display()}）：{RULES[alert.rule].label}"
    words, link = Words(title, text), reverse("intrusion:alert", args=[alert.pk])
    news = [News(person, MessageKind.ALERT, words, link, about=f"alert:{alert.pk}") for person in sorted(people)]
    tell(actor=WATCH, event=f"alert:{event}", news=news)
    return sorted(people)


def _people(alert: Alert, rung: Rung) -> Collection[int]:
    today = clock.today()
    security = holders(SECURITY, None, today)
    above: set[int] = set().union(*(holders(role, None, today) for role in ABOVE))
    if rung is Rung.ESCALATED or not security - {alert.subject.user_id}:
        return security | above
    return security | above if alert.subject.user_id in security else security


def _at_work_on(alert: Alert) -> set[int]:
    return {pk for pk in (alert.acknowledged_by_id, alert.handled_by_id) if pk is not None}


def _closing(alert: Alert, rung: Rung) -> set[int]:
    roles = {*CLOSING, *ABOVE} if rung is Rung.ESCALATED else CLOSING
    people: set[int] = set().union(*(holders(role, None, clock.today()) for role in roles))
    return people - {alert.handled_by_id, alert.subject.user_id}
