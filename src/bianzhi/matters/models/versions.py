"""What an administrator may change of a matter; a case keeps the version it was begun with."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class MatterVersion(SealedModel):
    """One version of a matter: form fields, evidence, clock, publication, supervision, approvers, and its flow.

    `fields`, `evidence`, `approvers` hold what `matters.rules` declares (FieldSpec, EvidenceSpec, ApproverRule) as
    JSON. New cases take the published version with the highest number.
    """

    matter = models.CharField("事项", max_length=8)
    number = models.PositiveIntegerField("版本号")
    status = models.CharField(
        "状态",
        max_length=10,
        choices=[("draft", "草稿"), ("published", "已发布"), ("retired", "已停用")],
        default="draft",
    )
    fields = models.JSONField("表单字段", default=list)
    evidence = models.JSONField("证明材料", default=list)
    approvers = models.JSONField("审批权限", default=list)
    clock_days = models.PositiveIntegerField("办理时限（工作日）", default=5)
    publication_days = models.PositiveIntegerField("公示期（工作日）", default=0, help_text="0 表示不公示")
    sampling_percent = models.PositiveIntegerField("督查抽查比例", default=0, help_text="100 为全部督查，0 为不督查")
    flow_version = models.ForeignKey(
        "workflow.FlowVersion", on_delete=models.PROTECT, related_name="+", verbose_name="流程版本"
    )
    note = models.CharField("修改说明", max_length=300, blank=True)
    created_by_id = models.BigIntegerField("编辑人", null=True)
    created_at = models.DateTimeField("编辑时间", default=timezone.now, editable=False)
    published_by_id = models.BigIntegerField("发布人", null=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    class Meta:
        verbose_name = "事项版本"
        ordering = ["matter", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "number"], name="matter_version_number"),
            models.UniqueConstraint(fields=["matter"], condition=Q(status="draft"), name="matter_version_one_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.matter} 第 {self.number} 版"
