"""Movements: every entry, transfer and exit that happened, written once."""

from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.personnel.models.approvals import ApprovalSlot
from bianzhi.personnel.models.occupancies import Occupancy
from bianzhi.personnel.models.persons import Person


class MovementFamily(models.TextChoices):
    """Which way a movement goes."""

    ENTRY = "entry", "入编"
    INTERNAL = "internal", "内部调动"
    EXIT = "exit", "出编"
    OPENING = "opening", "期初登记"
    CORRECTION = "correction", "更正"


class Movement(SealedModel):
    """One movement of one person, with its mode, days, document and the occupancies it closed and opened."""

    number = models.CharField("业务编号", max_length=30, unique=True)
    family = models.CharField("种类", max_length=12, choices=MovementFamily.choices)
    mode = models.CharField("形式", max_length=4)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="movements", verbose_name="人员")
    from_occupancy = models.ForeignKey(
        Occupancy,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="movements_out",
        verbose_name="转出占编",
    )
    to_occupancy = models.ForeignKey(
        Occupancy, on_delete=models.PROTECT, null=True, blank=True, related_name="movements_in", verbose_name="转入占编"
    )
    slot = models.ForeignKey(
        ApprovalSlot, on_delete=models.PROTECT, null=True, blank=True, related_name="movements", verbose_name="核准名额"
    )
    event_on = models.DateField("事由发生日期")
    effective_on = models.DateField("生效日期")
    filed_on = models.DateField("办理日期")
    is_overdue = models.BooleanField("超期办理", default=False)
    evidence = models.JSONField("证明材料", default=list)
    reason = models.CharField("说明", max_length=300, blank=True)
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, related_name="movements", verbose_name="依据文件"
    )
    event = models.ForeignKey(
        "organizations.ReorganizationEvent",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="movements",
        verbose_name="沿革事项",
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name="冲正对象"
    )
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "人员变动"
        ordering = ["-effective_on", "-id"]
        indexes = [
            models.Index(fields=["effective_on"], name="movement_by_day"),
            models.Index(fields=["person"], name="movement_by_person"),
            models.Index(fields=["recorded_at", "id"], name="movement_by_recording"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.person}"
