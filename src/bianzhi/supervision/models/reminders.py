"""督办: a case that stays too long with somebody gets a yellow, then a red card, and has to be answered for."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.scopes import restrict
from bianzhi.workflow.models import FlowInstance, FlowTask


class Colour(models.TextChoices):
    """How late the task is (workflow.md §8.5)."""

    YELLOW = "yellow", "黄牌"
    RED = "red", "红牌"


class SupervisionItemQuerySet(models.QuerySet["SupervisionItem"]):
    """Reads of cards."""

    def visible_to(self, user: Any) -> Self:
        """Every card for who may see supervision (within scope); for others the cards of their own tasks."""
        own = Q(holder_id=user.pk) if user.pk is not None else Q(pk__in=[])
        if not user.can("supervision.view"):
            return self.filter(own)
        if user.sees_everything():
            return self
        return self.filter(own | Q(pk__in=restrict(self.model.objects.all(), user).values("pk")))

    def unanswered(self) -> Self:
        """Cards nobody has answered for."""
        return self.filter(answered_on__isnull=True)


class SupervisionItem(SealedModel):
    """One card for one task of a case. It never goes away; the holder answers for it."""

    number = models.CharField("督办编号", max_length=30, unique=True)
    instance = models.ForeignKey(
        FlowInstance, on_delete=models.PROTECT, related_name="supervision_items", verbose_name="办件"
    )
    task = models.ForeignKey(FlowTask, on_delete=models.PROTECT, related_name="supervision_items", verbose_name="任务")
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="申请单位",
    )
    colour = models.CharField("级别", max_length=6, choices=Colour.choices)
    holder_id = models.BigIntegerField("承办人", null=True, blank=True)
    holder_name = models.CharField("承办人姓名", max_length=80)
    due_on = models.DateField("应办日期")
    issued_on = models.DateField("发出日期")
    answer = models.CharField("情况说明", max_length=1000, blank=True)
    answered_on = models.DateField("答复日期", null=True, blank=True)
    answered_by_id = models.BigIntegerField("答复人", null=True, blank=True)
    answered_by_name = models.CharField("答复人姓名", max_length=80, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    objects: ClassVar[SupervisionItemQuerySet] = SupervisionItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "督办件"
        ordering = ["-issued_on", "-id"]
        indexes = [models.Index(fields=["holder_id", "answered_on"], name="supervision_by_holder")]
        constraints = [models.UniqueConstraint(fields=["task", "colour"], name="supervision_one_card")]

    def __str__(self) -> str:
        return f"{self.number}（{self.get_colour_display()}）"
