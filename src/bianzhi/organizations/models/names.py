"""Other names of an organisation: nameplates it bears and aliases others use."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.models.organization import Organization
from bianzhi.organizations.models.periods import PeriodModel


class Nameplate(PeriodModel):
    """加挂牌子: a further name one organisation bears by approval."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="nameplates", verbose_name="机构"
    )
    name = models.CharField("牌子名称", max_length=200)
    document = models.ForeignKey("documents.ApprovalDocument", on_delete=models.PROTECT, verbose_name="依据文件")

    class Meta:
        verbose_name = "加挂牌子"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="nameplate_period"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OrganizationAlias(SealedModel):
    """A name under which files and other systems know the organisation; helps matching, proves nothing."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="aliases", verbose_name="机构"
    )
    name = models.CharField("别名", max_length=200)
    name_folded = models.CharField("比对键", max_length=200, db_index=True)
    source = models.CharField("来源", max_length=100)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "机构别名"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name_folded"], condition=Q(withdrawn_at__isnull=True), name="alias_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name
