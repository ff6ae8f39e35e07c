"""检查方案 and what each of them checks: cases that have ended, or units."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.scopes import restrict


class PlanSubject(models.TextChoices):
    """What a plan checks."""

    CASES = "cases", "办件"
    UNITS = "units", "单位"


class PlanScope(models.TextChoices):
    """How many of them."""

    ALL = "all", "全部"
    SAMPLED = "sampled", "抽查"


class PlanState(models.TextChoices):
    """Where a plan stands."""

    DRAWN = "drawn", "检查中"
    CLOSED = "closed", "已完成"
    CANCELLED = "cancelled", "已取消"


class InspectionPlan(SealedModel):
    """A round of checking (督查、核查). `seed` and `percent` draw the same sample from the same things again.

    `candidates` are the keys the draw was made from, in their order, so that whoever doubts it can repeat it.
    """

    number = models.CharField("方案编号", max_length=30, unique=True)
    title = models.CharField("方案名称", max_length=120)
    basis = models.CharField("检查依据", max_length=300)
    subject = models.CharField("检查对象", max_length=6, choices=PlanSubject.choices)
    definition = models.ForeignKey(
        "workflow.FlowDefinition",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="业务事项",
        help_text="检查办件时：只查这一事项；空为全部事项",
    )
    period_from = models.DateField("办结时间起", null=True, blank=True)
    period_until = models.DateField("办结时间止", null=True, blank=True, help_text="含当日")
    scope = models.CharField("检查范围", max_length=8, choices=PlanScope.choices)
    percent = models.PositiveSmallIntegerField("抽查比例（%）", default=100)
    seed = models.CharField("抽样种子", max_length=40)
    starts_on = models.DateField("检查起")
    ends_on = models.DateField("检查止", help_text="含当日")
    state = models.CharField("状态", max_length=10, choices=PlanState.choices, default=PlanState.DRAWN)
    candidates = models.JSONField("抽样范围", default=list)
    drawn_on = models.DateField("抽取日期")
    closed_on = models.DateField("结束日期", null=True, blank=True)
    conclusion = models.CharField("检查结论", max_length=1000, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "检查方案"
        ordering = ["-drawn_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="plan_days_in_order"),
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="plan_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class InspectionResult(models.TextChoices):
    """What a check found."""

    PENDING = "", "待检查"
    CLEAN = "clean", "无问题"
    PROBLEMS = "problems", "有问题"


class InspectionQuerySet(models.QuerySet["Inspection"]):
    """Reads of checks."""

    def visible_to(self, user: Any) -> Self:
        """Checks within a user's scope; a unit's people see what was found, not what is about to be checked."""
        rows: Self = restrict(self, user)  # type: ignore[assignment]
        return rows if user.sees_everything() else rows.exclude(result=InspectionResult.PENDING)

    def pending(self) -> Self:
        """Checks nobody has done yet."""
        return self.filter(result=InspectionResult.PENDING)


class Inspection(SealedModel):
    """One check of one case or one unit: by a plan, or (without one) at the 督查 step of the case itself."""

    plan = models.ForeignKey(
        InspectionPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="inspections", verbose_name="方案"
    )
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="inspections", verbose_name="单位"
    )
    instance = models.ForeignKey(
        "workflow.FlowInstance",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name="办件",
    )
    label = models.CharField("检查对象", max_length=200)
    result = models.CharField(
        "检查结果", max_length=8, choices=InspectionResult.choices, default=InspectionResult.PENDING, blank=True
    )
    text = models.CharField("检查情况", max_length=1000, blank=True)
    checked_on = models.DateField("检查日期", null=True, blank=True)
    checked_by_id = models.BigIntegerField("检查人", null=True, blank=True)
    checked_by_name = models.CharField("检查人姓名", max_length=80, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    objects: ClassVar[InspectionQuerySet] = InspectionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "检查记录"
        ordering = ["id"]
        indexes = [models.Index(fields=["plan", "result"], name="inspection_by_plan")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "instance"], condition=Q(instance__isnull=False), name="inspection_case_once"
            ),
            models.UniqueConstraint(
                fields=["plan", "organization"], condition=Q(instance__isnull=True), name="inspection_unit_once"
            ),
            models.CheckConstraint(
                condition=Q(result="", checked_on__isnull=True) | (~Q(result="") & Q(checked_on__isnull=False)),
                name="inspection_checked_on",
            ),
        ]

    def __str__(self) -> str:
        return self.label
