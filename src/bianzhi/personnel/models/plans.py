"""Staffing plans (用编计划): what a year's recruitment is meant to be."""

from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedJSONField


class StaffingPlan(SealedModel):
    """A plan of one year from one source, e.g. a province's published recruitment plan."""

    title = models.CharField("计划名称", max_length=200)
    year = models.PositiveIntegerField("年度")
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, null=True, blank=True, verbose_name="依据文件"
    )
    source = models.CharField("来源", max_length=200, blank=True)
    source_digest = models.CharField("来源摘要", max_length=64, unique=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)

    class Meta:
        verbose_name = "用编计划"
        ordering = ["-year", "-id"]

    def __str__(self) -> str:
        return self.title


class PlanItem(SealedModel):
    """One post of a plan: unit, post, number of people wanted."""

    plan = models.ForeignKey(StaffingPlan, on_delete=models.PROTECT, related_name="items", verbose_name="计划")
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="plan_items", verbose_name="用编单位"
    )
    unit_name = models.CharField("表中单位名称", max_length=200)
    post_name = models.CharField("职位（岗位）名称", max_length=200, blank=True)
    post_code = models.CharField("职位（岗位）代码", max_length=60, blank=True)
    headcount = models.PositiveIntegerField("人数")
    quota_type = models.CharField("编制类型", max_length=4, blank=True)
    entry_mode = models.CharField("进入形式", max_length=4, blank=True)
    conditions = EncryptedJSONField("条件", default=dict)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    row_number = models.PositiveIntegerField("行号", default=0)

    class Meta:
        verbose_name = "计划项"
        ordering = ["plan", "id"]
        indexes = [models.Index(fields=["organization"], name="plan_item_by_unit")]

    def __str__(self) -> str:
        return f"{self.unit_name} {self.post_name}".strip()
