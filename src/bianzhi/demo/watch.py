"""Signs of intrusion in the synthetic district: an attack on a password, probing, and what was done about them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.intrusion.models import Alert
from bianzhi.intrusion.rules.signs import Sign, Subject
from bianzhi.intrusion.selectors.in_force import rules_in_force
from bianzhi.intrusion.services.handling import acknowledge, handle
from bianzhi.intrusion.services.raising import Outcome, note_outcomes
from bianzhi.intrusion.services.setting import suppress
from bianzhi.intrusion.services.telling import WATCH


def raise_alerts(accounts: Mapping[str, User]) -> dict[str, int]:
    """Four alerts in four states, and one suppression; returns how many there are."""
    now = timezone.now()
    security = accounts["anquan"]
    signs = [
        _sign("brute_user", _person(accounts["caizheng"]), 9, now - timedelta(hours=3), addresses=["10.20.3.17"]),
        _sign(
            "denied", _person(accounts["yizhong"]), 14, now - timedelta(hours=2), routes=[["organizations:unit", 14]]
        ),
        _sign("odd_hours", _person(accounts["jingban2"]), 75, now - timedelta(hours=9)),
        _sign("spraying", Subject("address:10.20.9.4", "网络地址 10.20.9.4"), 7, now - timedelta(minutes=20)),
    ]
    rules = rules_in_force()
    outcomes = [Outcome(rules[sign.rule], now, signs=(sign,)) for sign in signs]
    raised: dict[str, Alert] = {alert.rule: alert for alert in note_outcomes(actor=WATCH, outcomes=outcomes, now=now)}
    handle(
        actor=security, alert_id=raised["brute_user"].pk, result="电话核实，本人忘记密码，已重置。", is_false_alarm=True
    )
    handle(
        actor=security,
        alert_id=raised["denied"].pk,
        result="核实为本人逐个试探外单位网址，已约谈，暂未发现数据外泄。",
        is_false_alarm=False,
    )
    acknowledge(actor=security, alert_id=raised["odd_hours"].pk)
    odd = raised["odd_hours"]
    suppress(
        actor=security,
        rule=odd.rule,
        subject_key=odd.subject_key,
        subject_label=odd.subject_label,
        days=14,
        reason="年终统计期间经批准加班",
    )
    return {"alerts": len(raised)}


def _person(user: User) -> Subject:
    return Subject(f"user:{user.pk}", str(user))


def _sign(rule: str, subject: Subject, count: int, at: datetime, **facts: object) -> Sign:
    return Sign(rule, subject, count, at, at + timedelta(minutes=15), facts=facts)
