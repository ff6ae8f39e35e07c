"""The rules as the office sets them, version by version, and what it takes for false alarms."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Max
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.intrusion.models import RuleSetting, Suppression
from bianzhi.intrusion.rules.catalogue import OF_THE_RECORD, RULES, Severity
from bianzhi.kernel.objections import Objection, Refused, refuse_if

CONFIGURE: Final = "intrusion.handle"
LONGEST_WINDOW: Final = 7 * 24 * 60
MOST_DAYS: Final = 90
SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class Values:
    """The parameters of a rule."""

    is_enabled: bool
    window_minutes: int
    threshold: int
    factor: int
    severity: str


@unit_of_work
def set_rule(*, actor: User, rule: str, values: Values, reason: str) -> RuleSetting:
    """Set a rule's parameters as its next version.

    Raises Denied; Refused: I10 (no such rule), I11 (figures), I12 (proofs of the record stay on), I13 (no reason).
    """
    require(actor, CONFIGURE)
    refuse_if(_objections(rule, values, reason))
    newest = RuleSetting.objects.filter(rule=rule).aggregate(version=Max("version"))["version"] or 0
    row = RuleSetting.objects.create(
        rule=rule,
        version=newest + 1,
        is_enabled=values.is_enabled,
        window_minutes=values.window_minutes,
        threshold=values.threshold,
        factor=values.factor,
        severity=values.severity,
        reason=reason.strip()[:200],
        set_at=timezone.now(),
        set_by=actor,
    )
    facts = {
        "rule": rule,
        "version": row.version,
        "is_enabled": row.is_enabled,
        "window_minutes": row.window_minutes,
        "threshold": row.threshold,
        "factor": row.factor,
        "severity": row.severity,
        "reason": row.reason,
    }
    record("intrusion.rule_set", actor=actor, subject=row, facts=facts, wrote=[row])
    return row


@unit_of_work
def suppress(*, actor: User, rule: str, subject_key: str, subject_label: str, days: int, reason: str) -> Suppression:
    """Raise no alerts of a rule about a subject (about any, with an empty key) for so many days.

    Raises Denied; Refused: I10 (no such rule), I12 (proofs of the record), I13 (no reason), I14 (days), I02 (oneself).
    """
    require(actor, CONFIGURE)
    objections = [*_unknown(rule), *_unsaid(reason)]
    if rule in OF_THE_RECORD:
        objections.append(Objection("I12", "审计链、锚点和备份的核对不能抑制。", next_step="请查明原因并处理。"))
    if not 1 <= days <= MOST_DAYS:
        objections.append(Objection("I14", f"有效期应为 1 至 {MOST_DAYS} 天。", figures={"days": days}))
    if subject_key == f"user:{actor.pk}":
        objections.append(Objection("I02", "不能抑制关于您本人的告警。", next_step="请由另一名安全管理员办理。"))
    refuse_if(objections)
    now = timezone.now()
    row = Suppression.objects.create(
        rule=rule,
        subject_key=subject_key,
        subject_label=subject_label,
        reason=reason.strip()[:200],
        until=now + timedelta(days=days),
        made_at=now,
        made_by=actor,
    )
    facts = {"rule": rule, "subject": subject_key, "until": row.until, "reason": row.reason}
    record("intrusion.suppressed", actor=actor, subject=row, facts=facts, wrote=[row])
    return row


@unit_of_work
def end_suppression(*, actor: User, suppression_id: int) -> Suppression:
    """Let signs raise alerts again before the day. Raises Denied, Refused (I15) when it has ended already."""
    require(actor, CONFIGURE)
    row = Suppression.objects.select_for_update().get(pk=suppression_id)
    now = timezone.now()
    if row.ended_at is not None or row.until <= now:
        raise Refused([Objection("I15", "这项误报抑制已经结束。", next_step="请刷新页面。")])
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    record("intrusion.suppression_ended", actor=actor, subject=row, facts={"rule": row.rule}, wrote=[row])
    return row


def _objections(rule: str, values: Values, reason: str) -> list[Objection]:
    found = [*_unknown(rule), *_unsaid(reason)]
    if not 1 <= values.window_minutes <= LONGEST_WINDOW or not 1 <= values.threshold <= 1_000_000:
        said = f"时段应为 1 至 {LONGEST_WINDOW} 分钟，数量应为 1 至 1000000。"
        found.append(Objection("I11", said, figures={"minutes": values.window_minutes, "threshold": values.threshold}))
    if not 0 <= values.factor <= 100:
        found.append(Objection("I11", "平日水平的倍数应为 0（不比较）至 100。", figures={"factor": values.factor}))
    if values.severity not in {each.value for each in Severity}:
        found.append(Objection("I11", "没有这个级别。"))
    if rule in OF_THE_RECORD and not values.is_enabled:
        found.append(Objection("I12", "审计链、锚点和备份的核对不能停用。"))
    return found


def _unknown(rule: str) -> list[Objection]:
    return [] if rule in RULES else [Objection("I10", "没有这条规则。", next_step="请刷新页面。")]


def _unsaid(reason: str) -> list[Objection]:
    if len(reason.strip()) >= SHORTEST:
        return []
    return [Objection("I13", f"没有写明原因（至少 {SHORTEST} 个字）。", next_step="请写明为何这样设置。")]
