"""How the office has set the rules, what it takes for false alarms, and when each rule ran."""

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from bianzhi.audit.models import SealedModel
from bianzhi.intrusion.rules.catalogue import RULES, SEVERITIES

_CHOICES = [(rule.code, rule.label) for rule in RULES.values()]


class RuleSetting(SealedModel):
    """One version of a rule's parameters; the highest is in force, before the first the catalogue's defaults."""

    rule = models.CharField("规则", max_length=40, choices=_CHOICES)
    version = models.PositiveIntegerField("版本")
    is_enabled = models.BooleanField("启用", default=True)
    window_minutes = models.PositiveIntegerField("时段（分钟）")
    threshold = models.PositiveIntegerField("达到多少告警")
    factor = models.PositiveIntegerField("平日水平的倍数", default=0)
    severity = models.CharField("级别", max_length=10, choices=[(each.value, each.label) for each in SEVERITIES])
    reason = models.CharField("调整原因", max_length=200)
    set_at = models.DateTimeField("调整时间")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_constraint=False, verbose_name="调整人"
    )

    class Meta:
        verbose_name = "告警规则参数"
        ordering = ["rule", "-version"]
        constraints = [models.UniqueConstraint(fields=["rule", "version"], name="intrusion_setting_once")]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} 第 {self.version} 版"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    """Reads of suppressions."""

    def in_force(self, now: datetime) -> Self:
        """Those that hold at a moment."""
        return self.filter(until__gt=now).filter(Q(ended_at__isnull=True) | Q(ended_at__gt=now))


class Suppression(SealedModel):
    """误报抑制: signs of one rule about one subject (or about any) raise no alert until a day."""

    rule = models.CharField("规则", max_length=40, choices=_CHOICES)
    subject_key = models.CharField("对象代码", max_length=80, blank=True)
    subject_label = models.CharField("对象", max_length=200, blank=True)
    reason = models.CharField("原因", max_length=200)
    until = models.DateTimeField("有效期至")
    made_at = models.DateTimeField("设置时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_constraint=False,
        verbose_name="设置人",
    )  # fmt: skip
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)

    objects: ClassVar[SuppressionQuerySet] = SuppressionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "误报抑制"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}：{self.subject_label or '全部对象'}"


class RuleRun(models.Model):
    """When a rule last ran and what came of it: whether the watch itself is awake."""

    rule = models.CharField("规则", max_length=40, primary_key=True)
    ran_at = models.DateTimeField("最近运行", null=True)
    seconds = models.FloatField("用时（秒）", default=0)
    signs = models.PositiveIntegerField("迹象", default=0)
    suppressed = models.PositiveIntegerField("其中已抑制", default=0)
    error = models.CharField("出错", max_length=300, blank=True)

    class Meta:
        verbose_name = "告警规则的运行"
        ordering = ["rule"]

    def __str__(self) -> str:
        return self.rule
