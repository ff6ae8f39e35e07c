"""Alerts from signs: one for a subject at a time, none for what is suppressed, none again for what was closed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.intrusion.models import Alert, AlertState, HourlyReading, RuleRun, Suppression
from bianzhi.intrusion.parameters import ESCALATE_MINUTES, REMIND_MINUTES
from bianzhi.intrusion.rules.catalogue import OF_STATE, RULES, SEVERITIES
from bianzhi.intrusion.rules.ladder import Rung, rung_due
from bianzhi.intrusion.rules.signs import MOST_EVIDENCE, Sign
from bianzhi.intrusion.selectors.in_force import InForce
from bianzhi.intrusion.services.telling import tell_of, tell_of_growth

QUIET: Final = timedelta(minutes=10)
"""An alert in progress is not written again for every sign of a storm."""
STILL_SO: Final = timedelta(days=1)
"""What still stands wrong this long after its alert was closed raises another."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule came to when it ran."""

    rule: InForce
    ran_at: datetime
    seconds: float = 0.0
    signs: tuple[Sign, ...] = ()
    error: str = ""


@unit_of_work
def note_outcomes(*, actor: Actor, outcomes: Sequence[Outcome], now: datetime) -> list[Alert]:
    """Raise or extend the alerts of what rules found, and note that they ran; returns the new alerts.

    Told twice of the same signs it does nothing the second time: two workers may watch beside each other.
    """
    for outcome in outcomes:
        RuleRun.objects.get_or_create(rule=outcome.rule.code)
    runs = {run.rule: run for run in RuleRun.objects.select_for_update().filter(rule__in=_codes(outcomes))}
    quiet = _suppressions(now)
    raised: list[Alert] = []
    for outcome in outcomes:
        heard = [sign for sign in outcome.signs if not _is_suppressed(sign, quiet)]
        raised += [alert for sign in heard if (alert := _raise(actor, outcome.rule, sign, now)) is not None]
        run = runs[outcome.rule.code]
        run.ran_at, run.seconds, run.error = outcome.ran_at, round(outcome.seconds, 3), outcome.error[:300]
        run.signs, run.suppressed = len(outcome.signs), len(outcome.signs) - len(heard)
        run.save()
    return raised


@unit_of_work
def climb(*, actor: Actor, now: datetime) -> list[Alert]:
    """Take alerts nobody acknowledges, or nobody closes, up the ladder in time; returns those that climbed."""
    minutes = {"remind_minutes": REMIND_MINUTES.number, "escalate_minutes": ESCALATE_MINUTES.number}
    climbed = []
    for alert in Alert.objects.waiting().select_for_update().order_by("pk"):
        due = rung_due(alert.waits_since, now, **minutes)
        if due <= alert.rung:
            continue
        alert.rung = due
        alert.save(update_fields=["rung"])
        told = tell_of(alert, due)
        facts = {"rung": due.label, "people": told}
        record("intrusion.alert_climbed", actor=actor, subject=alert, facts=facts, wrote=[alert])
        climbed.append(alert)
    return climbed


@unit_of_work
def keep_hours(*, actor: Actor, hours: Mapping[datetime, Sequence[tuple[int, int, int]]], before: datetime) -> int:
    """Keep what each account opened in past hours (once each), and drop what is older than `before`."""
    rows = [
        HourlyReading(user_id=user_id, hour=hour, pages=pages, records=records)
        for hour, tallies in hours.items()
        for user_id, pages, records in tallies
    ]
    HourlyReading.objects.bulk_create(rows, ignore_conflicts=True)
    HourlyReading.objects.filter(hour__lt=before).delete()
    return len(rows)


def _codes(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.rule.code for outcome in outcomes]


def _suppressions(now: datetime) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for rule, subject in Suppression.objects.in_force(now).values_list("rule", "subject_key"):
        found[rule].add(subject)
    return found


def _is_suppressed(sign: Sign, quiet: Mapping[str, set[str]]) -> bool:
    subjects = quiet.get(sign.rule, set())
    return "" in subjects or sign.subject.key in subjects


def _raise(actor: Actor, rule: InForce, sign: Sign, now: datetime) -> Alert | None:
    """The new alert, None where the sign belongs to one in progress or to one that was closed."""
    alerts = Alert.objects.filter(rule=sign.rule, subject_key=sign.subject.key)
    present = alerts.in_progress().select_for_update().first()
    if present is not None:
        _extend(actor, rule, present, sign)
        return None
    last = alerts.order_by("-pk").first()
    if last is not None and not _is_news(last, sign, rule.threshold, now):
        return None
    alert = Alert.objects.create(
        rule=sign.rule,
        subject_key=sign.subject.key,
        subject_label=sign.subject.label[:200],
        severity=rule.severity,
        count=sign.count,
        first_at=sign.first_at,
        last_at=sign.last_at,
        evidence=list(sign.evidence),
        facts=dict(sign.facts),
        raised_at=now,
    )
    record("intrusion.alert_raised", actor=actor, subject=alert, facts=_facts(alert, rule), wrote=[alert])
    tell_of(alert, Rung.RAISED)
    return alert


def _is_news(last: Alert, sign: Sign, threshold: int, now: datetime) -> bool:
    """Whether a sign is more than what the last, closed alert spoke of."""
    closed = last.closed_at or last.last_at
    if sign.rule in OF_STATE:
        return _findings(last.facts) != _findings(sign.facts) or now - closed > STILL_SO
    later = [moment for moment in sign.times if moment > max(last.last_at, closed)]
    return len(later) >= threshold


def _extend(actor: Actor, rule: InForce, alert: Alert, sign: Sign) -> None:
    """Add a further sign to the alert in progress, if it says anything new."""
    has_grown = sign.count > alert.count or sign.last_at - alert.last_at > QUIET
    if sign.rule in OF_STATE:
        has_grown = _findings(alert.facts) != _findings(sign.facts)
    if not has_grown:
        return
    alert.count = sign.count if sign.rule in OF_STATE else max(alert.count, sign.count)
    alert.last_at = max(alert.last_at, sign.last_at)
    alert.evidence = sorted({*alert.evidence, *sign.evidence})[-MOST_EVIDENCE:]
    alert.facts = dict(sign.facts)
    alert.severity = max(alert.severity, rule.severity, key=[each.value for each in SEVERITIES].index)
    alert.save()
    record("intrusion.alert_grown", actor=actor, subject=alert, facts=_facts(alert, rule), wrote=[alert])
    if alert.state != AlertState.OPEN:
        tell_of_growth(alert)


def _findings(facts: Mapping[str, Any]) -> list[Any]:
    return list(facts.get("findings", ()))


def _facts(alert: Alert, rule: InForce) -> dict[str, Any]:
    return {
        "rule": alert.rule,
        "version": rule.version,
        "subject": alert.subject_key,
        "severity": alert.severity,
        "count": alert.count,
        "threshold": rule.threshold,
        "advice": RULES[alert.rule].advice,
        "evidence": list(alert.evidence),
        "first_at": alert.first_at,
        "last_at": alert.last_at,
    }
