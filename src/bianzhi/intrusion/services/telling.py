"""Who is told of an alert, and in which words."""

from collections.abc import Collection
from typing import Final

from django.urls import reverse

from bianzhi.audit.actors import System
from bianzhi.intrusion.models import Alert
from bianzhi.intrusion.rules.catalogue import RULES
from bianzhi.intrusion.rules.ladder import Rung
from bianzhi.kernel import clock
from bianzhi.office.models import MessageKind
from bianzhi.office.rules.wording import Words
from bianzhi.office.selectors.people import holders
from bianzhi.office.services.messages import News, tell

WATCH: Final = System("入侵迹象")
SECURITY: Final = "security_admin"
ABOVE: Final = ("audit_admin", "office_director")
_HEADS: Final = {Rung.RAISED: "告警", Rung.REMINDED: "告警无人确认", Rung.ESCALATED: "告警超时无人确认，现上报"}


def tell_of(alert: Alert, rung: Rung) -> list[int]:
    """Tell those the rung reaches, once each; returns their ids. A security administrator in it is not told alone."""
    people = _people(alert, rung)
    rule = RULES[alert.rule]
    title = f"安全{_HEADS[rung]}（{alert.get_severity_display()}）：{rule.label}"
    words = Words(title, f"{alert.sentence}。{rule.advice}")
    link = reverse("intrusion:alert", args=[alert.pk])
    news = [News(person, MessageKind.ALERT, words, link, about=f"alert:{alert.pk}") for person in sorted(people)]
    tell(actor=WATCH, event=f"alert:{alert.pk}:{rung.value}", news=news)
    return sorted(people)


def _people(alert: Alert, rung: Rung) -> Collection[int]:
    today = clock.today()
    security = holders(SECURITY, None, today)
    above: set[int] = set().union(*(holders(role, None, today) for role in ABOVE))
    if rung is Rung.ESCALATED or not security - {alert.subject.user_id}:
        return security | above
    return security | above if alert.subject.user_id in security else security
