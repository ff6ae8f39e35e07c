"""The rules as the office sets them, version by version, and what it takes for false alarms."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Max
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.intrusion.models import RuleRun, RuleSetting, Suppression
from bianzhi.intrusion.rules.catalogue import OF_THE_RECORD, RULES, SEVERITIES, Severity
from bianzhi.intrusion.selectors.in_force import InForce, rules_in_force
from bianzhi.intrusion.services.telling import tell_auditors
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
    """Set a rule's parameters as its next version; the audit administrators are told where it sees less than before.

    Raises Denied; Refused: I10 (no such rule), I11 (figures), I12 (proofs of the record stay on), I13 (no reason), I16
    (a grave rule below the grade of the catalogue).
    """
    require(actor, CONFIGURE)
    refuse_if(_objections(rule, values, reason))
    _one_at_a_time(rule)
    before = rules_in_force()[rule]
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
    if loosened := list(_loosened(before, values)):
        text = f"{actor.display_name}：{'；'.join(loosened)}。原因：{row.reason}。请核实。"
        tell_auditors(event=f"intrusion.rule:{row.pk}", title=f"安全告警规则放宽：{RULES[rule].label}", text=text)
    return row


@unit_of_work
def suppress(*, actor: User, rule: str, subject_key: str, subject_label: str, days: int, reason: str) -> Suppression:
    """Raise no alerts of a rule about a subject (any, with an empty key) for some days; audit administrators are told.

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
    until = f"{timezone.localtime(row.until):%Y-%m-%d %H:%M}"
    text = f"{actor.display_name}：{subject_label or '全部对象'}，到 {until} 前不再告警。原因：{row.reason}。请核实。"
    tell_auditors(event=f"intrusion.suppression:{row.pk}", title=f"设置误报抑制：{RULES[rule].label}", text=text)
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


def _one_at_a_time(rule: str) -> None:
    """Two who set the same rule at once make two versions; the row is there from the first watch on."""
    list(RuleRun.objects.select_for_update().filter(rule=rule))


def _objections(rule: str, values: Values, reason: str) -> list[Objection]:
    found = [*_unknown(rule), *_unsaid(reason)]
    if not 1 <= values.window_minutes <= LONGEST_WINDOW or not 1 <= values.threshold <= 1_000_000:
        said = f"时段应为 1 至 {LONGEST_WINDOW} 分钟，数量应为 1 至 1000000。"
        found.append(Objection("I11", said, figures={"minutes": values.window_minutes, "threshold": values.threshold}))
    if not 0 <= values.factor <= 100:
        found.append(Objection("I11", "平日水平的倍数应为 0（不比较）至 100。", figures={"factor": values.factor}))
    found += _to_severity(rule, values.severity)
    if rule in OF_THE_RECORD and not values.is_enabled:
        found.append(Objection("I12", "审计链、锚点和备份的核对不能停用。"))
    return found


def _to_severity(rule: str, severity: str) -> list[Objection]:
    if severity not in {each.value for each in Severity}:
        return [Objection("I11", "没有这个级别。")]
    least = RULES[rule].severity if rule in RULES else Severity.LOW
    if not (least.needs_second_person and _is_below(severity, least)):
        return []
    said = f"这条规则的级别不能低于平台默认的“{least.label}”：“高”“严重”级须第二人复核。"
    return [Objection("I16", said, next_step="误报过多的，请调整数量、时段，或对具体对象设置误报抑制。")]


def _is_below(severity: str, other: Severity) -> bool:
    return SEVERITIES.index(Severity(severity)) < SEVERITIES.index(other)


def _loosened(before: InForce, now: Values) -> Iterator[str]:
    """In which way a rule sees less than it did."""
    if before.is_enabled and not now.is_enabled:
        yield "停用"
    if now.threshold > before.threshold:
        yield f"数量由 {before.threshold} 调到 {now.threshold}"
    if now.window_minutes < before.window_minutes:
        yield f"时段由 {before.window_minutes} 分钟缩短到 {now.window_minutes} 分钟"
    if now.factor > before.factor:
        yield f"平日水平的倍数由 {before.factor} 调到 {now.factor}"
    if _is_below(now.severity, before.severity):
        yield f"级别由“{before.severity.label}”降为“{Severity(now.severity).label}”"


def _unknown(rule: str) -> list[Objection]:
    return [] if rule in RULES else [Objection("I10", "没有这条规则。", next_step="请刷新页面。")]


def _unsaid(reason: str) -> list[Objection]:
    if len(reason.strip()) >= SHORTEST:
        return []
    return [Objection("I13", f"没有写明原因（至少 {SHORTEST} 个字）。", next_step="请写明为何这样设置。")]
