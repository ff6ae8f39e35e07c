"""Occupancies (占编) and how a person is on duty meanwhile."""

from django.db import models
from django.db.models import F, Q

from bianzhi.organizations.models.periods import PeriodModel
from bianzhi.personnel.models.persons import Person


class Occupancy(PeriodModel):
    """One person on one quota of one unit over a period; at most one is open per person (R04)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="occupancies", verbose_name="人员")
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="occupancies", verbose_name="单位"
    )
    internal_body = models.ForeignKey(
        "organizations.InternalBody",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="occupancies",
        verbose_name="内设机构",
    )
    quota_type = models.CharField("编制类型", max_length=4)
    entry_mode = models.CharField("进入形式", max_length=4)
    entry_source = models.CharField("进入来源", max_length=120, blank=True)
    entry_document = models.ForeignKey(
        "documents.ApprovalDocument",
        on_delete=models.PROTECT,
        related_name="entered_occupancies",
        verbose_name="入编依据",
    )
    joined_unit_on = models.DateField("进入本单位时间", null=True, blank=True)
    slot = models.ForeignKey(
        "personnel.ApprovalSlot",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="occupancies",
        verbose_name="核准名额",
    )
    term_until = models.DateField("周转（人才）编制期限", null=True, blank=True)
    over_quota = models.BooleanField("超编在册", default=False, help_text="历史超编待消化，按规定只出不进")
    exit_mode = models.CharField("出编类型", max_length=4, blank=True)
    exit_event_on = models.DateField("出编事由发生日期", null=True, blank=True)
    exit_destination = models.CharField("去向", max_length=120, blank=True)
    exit_document = models.ForeignKey(
        "documents.ApprovalDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="exited_occupancies",
        verbose_name="出编依据",
    )
    superseded_reason = models.CharField("更正原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "占编记录"
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="occupancy_period"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(valid_to__isnull=True, superseded_at__isnull=True),
                name="occupancy_one_open_per_person",
                violation_error_message="该人员已在编，一人只能占用一个编制（R04）",
            ),
            models.UniqueConstraint(
                fields=["slot"],
                condition=Q(slot__isnull=False, superseded_at__isnull=True),
                name="occupancy_slot_consumed_once",
                violation_error_message="该核准名额已被使用（R01）",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "quota_type", "valid_from"], name="occupancy_by_unit"),
            models.Index(fields=["valid_from"], name="occupancy_by_start"),
            models.Index(fields=["valid_to"], name="occupancy_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.quota_type}"


class DutyPeriod(PeriodModel):
    """A stretch in which a person on quota is not simply on duty: probation, seconded out, off duty (§2.7)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="duty_periods", verbose_name="人员")
    state = models.CharField("人员状态", max_length=40)
    reason = models.CharField("原因", max_length=40, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, null=True, blank=True, verbose_name="依据文件"
    )

    class Meta:
        verbose_name = "在岗情况"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="duty_period"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(valid_to__isnull=True, superseded_at__isnull=True),
                name="duty_one_open_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.state}"
