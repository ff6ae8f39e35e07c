"""People who work for a unit without occupying its quota, and people lent elsewhere (§2.7, §3.3)."""

from django.db import models
from django.db.models import F, Q

from bianzhi.organizations.models.periods import PeriodModel
from bianzhi.personnel.models.persons import Person


class EngagementKind(models.TextChoices):
    """Against which control number a person counts."""

    NON_QUOTA = "E2", "编外用工"
    FILED = "E1", "备案员额"


class Engagement(PeriodModel):
    """A person working outside the quota, counted against E1 or E2 (R22)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="engagements", verbose_name="人员")
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="engagements", verbose_name="用工单位"
    )
    kind = models.CharField("种类", max_length=4, choices=EngagementKind.choices)
    form = models.CharField("用工形式", max_length=20, blank=True)
    position = models.CharField("岗位", max_length=100, blank=True)
    over_cap = models.BooleanField("超控制数在册", default=False, help_text="历史超控制数待消化")
    funding_source = models.CharField("经费来源", max_length=60, blank=True)
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, related_name="engagements", verbose_name="依据文件"
    )

    class Meta:
        verbose_name = "编外（员额）用工"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="engagement_period"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(valid_to__isnull=True, superseded_at__isnull=True),
                name="engagement_one_open_per_person",
            ),
        ]
        indexes = [models.Index(fields=["organization", "kind"], name="engagement_by_unit")]

    def __str__(self) -> str:
        return f"{self.person} {self.get_kind_display()}"


class Secondment(PeriodModel):
    """借调、挂职、援派、驻村…: the person keeps the home occupancy (R21); `valid_to` is the actual return."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="secondments", verbose_name="人员")
    mode = models.CharField("形式", max_length=4)
    from_organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="secondments_out",
        verbose_name="派出单位",
    )
    to_organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="secondments_in",
        verbose_name="接收单位",
    )
    outside_party = models.CharField("区外单位", max_length=200, blank=True)
    planned_until = models.DateField("约定期限", help_text="必填（R21）")
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, related_name="secondments", verbose_name="批准文件"
    )

    class Meta:
        verbose_name = "借调挂职"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="secondment_period"
            ),
            models.CheckConstraint(condition=Q(planned_until__gte=F("valid_from")), name="secondment_term"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.mode}"
