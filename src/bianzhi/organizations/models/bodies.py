"""Internal bodies (内设机构) and other parts of a unit."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.models.organization import Organization
from bianzhi.organizations.models.periods import PeriodModel


class BodyKind(models.TextChoices):
    """What part of a unit it is."""

    LEADERS = "leaders", "领导"
    INTERNAL = "internal", "内设机构"
    DISPATCHED = "dispatched", "派出（驻）机构"
    ATTACHED = "attached", "挂牌机构"


class InternalBody(SealedModel):
    """The lasting identity of an internal body."""

    code = models.CharField("编码", max_length=40, unique=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "内设机构"

    def __str__(self) -> str:
        return self.code


class InternalBodyVersion(PeriodModel):
    """Name, rank and place of an internal body over a period."""

    body = models.ForeignKey(InternalBody, on_delete=models.PROTECT, related_name="versions", verbose_name="内设机构")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="body_versions", verbose_name="所属单位"
    )
    name = models.CharField("名称", max_length=120)
    kind = models.CharField("种类", max_length=12, choices=BodyKind.choices, default=BodyKind.INTERNAL)
    rank = models.CharField("规格", max_length=10, blank=True)
    duties = models.TextField("职责", blank=True)
    sort_order = models.IntegerField("排序", default=0)
    document = models.ForeignKey("documents.ApprovalDocument", on_delete=models.PROTECT, verbose_name="依据文件")

    class Meta:
        verbose_name = "内设机构版本"
        ordering = ["organization", "sort_order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="bodyversion_period"
            ),
            models.UniqueConstraint(
                fields=["body"],
                condition=Q(valid_to__isnull=True, superseded_at__isnull=True),
                name="bodyversion_one_open",
            ),
        ]

    def __str__(self) -> str:
        return self.name
