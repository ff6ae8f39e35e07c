"""Staffing approvals (用编核准单) and their numbered slots."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.personnel.models.persons import Person


class StaffingApproval(SealedModel):
    """Permission to bring people onto a unit's quota: a slip with slots, a mode and an end of validity.

    Held (预占待核准) from the acceptance of an application until it is confirmed: its slots count as reserved, so
    nobody else gets the vacancy, but nobody may enter on them.
    """

    number = models.CharField("核准单号", max_length=30, unique=True)
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        related_name="staffing_approvals",
        verbose_name="用编单位",
    )
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, null=True, blank=True, verbose_name="依据文件"
    )
    plan_item = models.ForeignKey(
        "personnel.PlanItem",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="approvals",
        verbose_name="计划项",
    )
    issued_on = models.DateField("签发日期", help_text="名额自此日预占")
    confirmed_on = models.DateField(
        "核准日期", null=True, blank=True, help_text="空为预占待核准：名额已留出，尚不能用于进人"
    )
    valid_until = models.DateField("有效期至", help_text="含当日")
    purpose = models.CharField("用途说明", max_length=300, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "用编核准单"
        ordering = ["-issued_on", "-number"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=models.F("issued_on")), name="approval_validity"),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True) | Q(confirmed_on__gte=models.F("issued_on")),
                name="approval_confirmed_after_issue",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SlotState(models.TextChoices):
    """Where a slot stands; only `reserved` counts against the quota."""

    DORMANT = "dormant", "待激活（出一进一）"
    RESERVED = "reserved", "有效"
    CONSUMED = "consumed", "已使用"
    EXPIRED = "expired", "已过期"
    RETURNED = "returned", "已退回"


class ApprovalSlot(SealedModel):
    """One vacancy set aside: one person may enter on it, once (R01)."""

    approval = models.ForeignKey(
        StaffingApproval, on_delete=models.PROTECT, related_name="slots", verbose_name="核准单"
    )
    number = models.CharField("名额号", max_length=36, unique=True)
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="slots", verbose_name="用编单位"
    )
    internal_body = models.ForeignKey(
        "organizations.InternalBody", on_delete=models.PROTECT, null=True, blank=True, verbose_name="内设机构"
    )
    quota_type = models.CharField("编制类型", max_length=4)
    entry_mode = models.CharField("进入形式", max_length=4)
    replaces = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="replacement_slots",
        verbose_name="接替人员",
        help_text="出一进一：此人出编后名额才生效（R03）",
    )
    term_until = models.DateField("周转（人才）编制期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=SlotState.choices, default=SlotState.RESERVED)
    reserved_on = models.DateField("生效日期", null=True, blank=True)
    released_on = models.DateField("释放日期", null=True, blank=True)
    release_reason = models.CharField("释放原因", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "核准名额"
        ordering = ["number"]
        indexes = [models.Index(fields=["organization", "quota_type", "state"], name="slot_by_unit")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="dormant", reserved_on__isnull=True) | ~Q(state="dormant"),
                name="slot_dormant_reserves_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(state="reserved") | Q(reserved_on__isnull=False, released_on__isnull=True),
                name="slot_reserved_since",
            ),
        ]

    def __str__(self) -> str:
        return self.number
