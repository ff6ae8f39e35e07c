"""Appointments to leadership posts (R09) and other positions."""

from django.db import models
from django.db.models import F, Q

from bianzhi.organizations.models.periods import PeriodModel
from bianzhi.personnel.models.persons import Person


class Appointment(PeriodModel):
    """One position of one person over a period.

    Only a principal appointment with a post level counts against the unit's leadership posts; 兼职 is
    recorded but counted once, at the principal post. `post_level` is empty for positions that use none.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments", verbose_name="人员")
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="appointments", verbose_name="单位"
    )
    internal_body = models.ForeignKey(
        "organizations.InternalBody",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name="内设机构",
    )
    position = models.CharField("职务名称", max_length=100)
    post_level = models.CharField("职数类别", max_length=20, blank=True)
    rank_code = models.CharField("职务层次", max_length=3, blank=True)
    is_principal = models.BooleanField("主要职务", default=True, help_text="兼职只在主要职务处计一次")
    is_high_rank = models.BooleanField("高配", default=False)
    exceeds_posts = models.BooleanField("超职数配备", default=False)
    basis_document = models.ForeignKey(
        "documents.ApprovalDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="exceptional_appointments",
        verbose_name="高配（超配）依据",
    )
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, related_name="appointments", verbose_name="任职文件"
    )
    end_document = models.ForeignKey(
        "documents.ApprovalDocument",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ended_appointments",
        verbose_name="免职文件",
    )

    class Meta:
        verbose_name = "任职"
        ordering = ["-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="appointment_period"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(valid_to__isnull=True, superseded_at__isnull=True, is_principal=True),
                name="appointment_one_principal",
                violation_error_message="该人员已有主要职务，请登记为兼职或先免去原职务（R09）",
            ),
        ]
        indexes = [models.Index(fields=["organization", "post_level"], name="appointment_by_unit")]

    def __str__(self) -> str:
        return f"{self.person} {self.position}"
