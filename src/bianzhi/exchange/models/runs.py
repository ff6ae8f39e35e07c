"""Runs of the comparison, what they say of who is who, and what people decided about it for good."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedJSONField
from bianzhi.exchange.models.sources import Delivery
from bianzhi.reconciliation.sources import DEPARTMENTS


class RunState(models.TextChoices):
    """How far a run has come."""

    WAITING = "waiting", "等待运行"
    RUNNING = "running", "运行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    CANCELLED = "cancelled", "已取消"


class Run(models.Model):
    """One comparison of the rosters of a period; its tables lie in Parquet files under BIANZHI_HOME."""

    period = models.CharField("月份", max_length=7)
    engine = models.CharField("计算引擎", max_length=12, default="duckdb")
    state = models.CharField("状态", max_length=12, choices=RunState.choices, default=RunState.WAITING)
    deliveries = models.ManyToManyField(Delivery, related_name="runs")
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    inputs = models.JSONField("输入", default=dict, help_text="各报送的 SHA-256、规则和约束的摘要、各软件的版本")
    stages = models.JSONField("各阶段", default=list, help_text="名称、秒数、行数")
    counts = models.JSONField("结果", default=dict)
    folder = models.CharField("结果所在", max_length=200, blank=True)
    error = models.TextField("未完成的原因", blank=True)
    job = models.ForeignKey("common.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField("提出时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = "核对"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.period} 第 {self.pk} 次核对"


class IdentityEvent(models.Model):
    """A person key was joined to another, or divided. Keys themselves are never given anew."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="identity_events")
    kind = models.CharField(max_length=8, choices=[("merged", "合并"), ("split", "拆分")])
    person_key = models.CharField("人员标识", max_length=40, db_index=True)
    other_key = models.CharField("另一标识", max_length=40, db_index=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "人员标识变化"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.person_key}"


class ReviewState(models.TextChoices):
    """What was said of a pair."""

    OPEN = "open", "待判断"
    SAME = "same", "是同一人"
    DIFFERENT = "different", "不是同一人"
    GONE = "gone", "已不再出现"


class LinkReview(models.Model):
    """Two rows of two departments that may be one person: a question to an official."""

    key = models.CharField("标识", max_length=64, unique=True)
    rule = models.CharField("规则", max_length=40)
    score = models.FloatField("把握")
    sources = models.CharField("涉及部门", max_length=80, blank=True, help_text="代码，首尾和之间各一个逗号")
    words = models.CharField("双方姓名、单位", max_length=600, blank=True)
    left = EncryptedJSONField("一方", default=dict)
    right = EncryptedJSONField("另一方", default=dict)
    evidence = EncryptedJSONField("依据", default=dict)
    state = models.CharField("状态", max_length=10, choices=ReviewState.choices, default=ReviewState.OPEN)
    first_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    last_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("判断时间", null=True, blank=True)

    class Meta:
        verbose_name = "疑似同一人"
        ordering = ["-score", "pk"]

    def __str__(self) -> str:
        return f"{self.rule} {self.score:.3f}"


class LinkDecision(SealedModel):
    """Must-link or never-link, for ever: every later run is bound by it until another decision takes it back."""

    kind = models.CharField(max_length=8, choices=[("must", "是同一人"), ("never", "不是同一人")])
    left_source = models.CharField(max_length=20, choices=DEPARTMENTS)
    left_fingerprint = models.CharField("一方指纹", max_length=64)
    right_source = models.CharField(max_length=20, choices=DEPARTMENTS)
    right_fingerprint = models.CharField("另一方指纹", max_length=64)
    review = models.ForeignKey(LinkReview, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    basis = models.CharField("理由", max_length=200, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "关联判断"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.get_kind_display()


class AliasState(models.TextChoices):
    """Whether an official has approved what a department calls a unit."""

    PROPOSED = "proposed", "待确认"
    APPROVED = "approved", "已确认"
    REJECTED = "rejected", "不采用"


class UnitAlias(models.Model):
    """What a department calls a unit of the register, learned from the people they share."""

    source = models.CharField("来源", max_length=20, choices=DEPARTMENTS)
    text = models.CharField("来源写法", max_length=200)
    unit = models.CharField("编办名称", max_length=200)
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    support = models.PositiveIntegerField("共同人数", default=0)
    share = models.FloatField("占比", default=0)
    state = models.CharField("状态", max_length=10, choices=AliasState.choices, default=AliasState.PROPOSED)
    last_run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "单位别名"
        ordering = ["source", "unit", "text"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "text", "unit"], name="exchange_alias_once"),
            models.UniqueConstraint(
                fields=["source", "text"],
                condition=models.Q(state=AliasState.APPROVED),
                name="exchange_alias_one_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} → {self.unit}"
