"""整改通知书 and the steps it goes through: report, extension, verification, 销号, and its reversal."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.scopes import restrict


class OrderState(models.TextChoices):
    """Where a rectification stands: with the unit, with the office, settled."""

    ISSUED = "issued", "整改中"
    REPORTED = "reported", "已报整改"
    VERIFIED = "verified", "核查通过"
    CLOSED = "closed", "已销号"


class OrderQuerySet(models.QuerySet["RectificationOrder"]):
    """Reads of orders."""

    def visible_to(self, user: Any) -> Self:
        """Orders to the units within a user's scope."""
        return restrict(self, user)  # type: ignore[return-value]

    def overdue_on(self, day: Any) -> Self:
        """Orders the unit has not reported on although their day is past (W13)."""
        return self.filter(state=OrderState.ISSUED, due_on__lt=day)


class RectificationOrder(SealedModel):
    """《整改通知书》: what a unit is asked to put right, and until when. One order may cover several problems."""

    number = models.CharField("文书编号", max_length=30, unique=True)
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="rectifications", verbose_name="单位"
    )
    measures = models.CharField("整改要求", max_length=1000)
    issued_on = models.DateField("签发日期")
    first_due_on = models.DateField("原定期限")
    due_on = models.DateField("整改期限", help_text="含当日；延期后为新期限")
    state = models.CharField("状态", max_length=10, choices=OrderState.choices, default=OrderState.ISSUED)
    instance = models.ForeignKey(
        "workflow.FlowInstance",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rectifications",
        verbose_name="所在办件",
        help_text="在办件流程中发出的整改",
    )
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "整改通知书"
        ordering = ["-issued_on", "-id"]
        indexes = [
            models.Index(fields=["state", "due_on"], name="rectification_due"),
            models.Index(fields=["organization", "state"], name="rectification_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="rectification_days_in_order"),
        ]

    def __str__(self) -> str:
        return self.number


class StepKind(models.TextChoices):
    """What happened to a rectification."""

    ISSUED = "issued", "签发整改通知书"
    REPORTED = "reported", "报送整改情况"
    EXTENDED = "extended", "延长整改期限"
    ACCEPTED = "accepted", "核查通过"
    REFUSED = "refused", "核查未通过"
    CLOSED = "closed", "销号"
    REOPENED = "reopened", "撤销销号"


class RectificationStep(SealedModel):
    """One act upon an order, written once; a 销号 that was wrong is reversed by a step of its own (R26)."""

    order = models.ForeignKey(
        RectificationOrder, on_delete=models.PROTECT, related_name="steps", verbose_name="整改通知书"
    )
    kind = models.CharField("事项", max_length=10, choices=StepKind.choices)
    number = models.CharField("销号单编号", max_length=30, unique=True, null=True, blank=True)
    text = models.CharField("内容", max_length=2000)
    happened_on = models.DateField("日期")
    due_on = models.DateField("期限", null=True, blank=True)
    by_id = models.BigIntegerField("经办人", null=True, blank=True)
    by_name = models.CharField("经办人姓名", max_length=80)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name="撤销"
    )
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "整改经过"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="closed", number__isnull=False) | (~Q(kind="closed") & Q(number__isnull=True)),
                name="rectification_closing_number",
            ),
            models.CheckConstraint(
                condition=Q(kind="reopened", reverses__isnull=False) | (~Q(kind="reopened") & Q(reverses__isnull=True)),
                name="rectification_reversal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.get_kind_display()}"
