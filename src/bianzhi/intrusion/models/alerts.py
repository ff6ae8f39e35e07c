"""告警: one sign of intrusion about one subject, from its raising to its closing."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from bianzhi.audit.models import SealedModel
from bianzhi.intrusion.rules.catalogue import RULES, SEVERITIES, Severity
from bianzhi.intrusion.rules.ladder import Rung
from bianzhi.intrusion.rules.signs import Subject


class AlertState(models.TextChoices):
    """Where an alert stands."""

    OPEN = "open", "待确认"
    ACKNOWLEDGED = "acknowledged", "处置中"
    HANDLED = "handled", "待复核"
    CLOSED = "closed", "已关闭"


class AlertQuerySet(models.QuerySet["Alert"]):
    """Reads of alerts."""

    def visible_to(self, user: Any) -> Self:
        """Every alert for whoever may see alerts, none for others."""
        return self if user.can("intrusion.view") else self.none()

    def unanswered(self) -> Self:
        """Those nobody has acknowledged."""
        return self.filter(state=AlertState.OPEN)

    def waiting(self) -> Self:
        """Those that wait for somebody to acknowledge or, once handled, to close them."""
        return self.filter(state__in=[AlertState.OPEN, AlertState.HANDLED])

    def waiting_for(self, user: Any) -> Self:
        """Those this person may see and could acknowledge or close, or see acknowledged."""
        found = self.visible_to(user)
        if not user.can("intrusion.close"):
            return found.unanswered()
        own = models.Q(handled_by=user) | models.Q(subject_key=f"user:{user.pk}")
        return found.waiting().exclude(own, state=AlertState.HANDLED)

    def in_progress(self) -> Self:
        """Those not closed."""
        return self.exclude(state=AlertState.CLOSED)


def _by(label: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=label,
    )


class Alert(SealedModel):
    """One alert. While it is in progress, more of the same is added to it; there is never a second one beside it."""

    rule = models.CharField("规则", max_length=40, choices=[(rule.code, rule.label) for rule in RULES.values()])
    subject_key = models.CharField("对象代码", max_length=80)
    subject_label = models.CharField("对象", max_length=200)
    severity = models.CharField("级别", max_length=10, choices=[(each.value, each.label) for each in SEVERITIES])
    state = models.CharField("状态", max_length=20, choices=AlertState.choices, default=AlertState.OPEN)
    count = models.PositiveIntegerField("数量")
    first_at = models.DateTimeField("最早")
    last_at = models.DateTimeField("最近")
    evidence = models.JSONField("审计记录", default=list, help_text="审计记录的序号")
    facts = models.JSONField("情况", default=dict)
    raised_at = models.DateTimeField("告警时间")
    rung = models.PositiveSmallIntegerField("催办", default=Rung.RAISED.value)
    acknowledged_at = models.DateTimeField("确认时间", null=True, blank=True)
    acknowledged_by = _by("确认人")
    handled_at = models.DateTimeField("处置时间", null=True, blank=True)
    handled_by = _by("处置人")
    result = models.TextField("处置结果", blank=True)
    is_false_alarm = models.BooleanField("误报", default=False)
    closed_at = models.DateTimeField("关闭时间", null=True, blank=True)
    closed_by = _by("关闭人")
    closing_note = models.CharField("复核意见", max_length=500, blank=True)

    objects: ClassVar[AlertQuerySet] = AlertQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "入侵迹象告警"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_key"],
                condition=~models.Q(state=AlertState.CLOSED),
                name="intrusion_one_alert_in_progress",
            )
        ]
        indexes = [models.Index(fields=["state", "-id"], name="alert_by_state")]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}：{self.subject_label}"

    @property
    def grade(self) -> Severity:
        """How grave it is."""
        return Severity(self.severity)

    @property
    def subject(self) -> Subject:
        """Whom it is about."""
        return Subject(self.subject_key, self.subject_label)

    @property
    def waits_since(self) -> datetime:
        """Since when it has waited for the next person."""
        return self.handled_at if self.state == AlertState.HANDLED and self.handled_at else self.raised_at

    @property
    def rung_label(self) -> str:
        """How far it has climbed."""
        return Rung(self.rung).label

    @property
    def sentence(self) -> str:
        """The fact and the figure."""
        rule = RULES[self.rule]
        return f"{self.subject_label}：{self.count} {rule.counts}（{rule.looks_for}）"
