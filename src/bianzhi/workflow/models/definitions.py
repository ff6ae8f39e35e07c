"""Definitions of flows and their versions; a published version never changes, running cases keep theirs."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class FlowDefinition(SealedModel):
    """A flow by its name for ever (`key`); what it says is in its versions."""

    key = models.CharField("标识", max_length=40, unique=True)
    title = models.CharField("名称", max_length=80)
    subject_kind = models.CharField("办理对象", max_length=40)
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "流程"
        ordering = ["key"]

    def __str__(self) -> str:
        return self.title


class VersionStatus(models.TextChoices):
    """Where a version stands."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    RETIRED = "retired", "已停用"


class FlowVersion(SealedModel):
    """One version of a flow as BPMN 2.0 XML. New cases take the published one with the highest number."""

    definition = models.ForeignKey(
        FlowDefinition, on_delete=models.PROTECT, related_name="versions", verbose_name="流程"
    )
    number = models.PositiveIntegerField("版本号")
    bpmn_xml = models.TextField("定义")
    digest = models.CharField("摘要", max_length=64)
    status = models.CharField("状态", max_length=10, choices=VersionStatus.choices, default=VersionStatus.DRAFT)
    note = models.CharField("修改说明", max_length=300, blank=True)
    created_by_id = models.BigIntegerField("编辑人", null=True)
    created_at = models.DateTimeField("编辑时间", default=timezone.now, editable=False)
    published_by_id = models.BigIntegerField("发布人", null=True)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)

    class Meta:
        verbose_name = "流程版本"
        ordering = ["definition", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="flow_version_number"),
            models.UniqueConstraint(fields=["definition"], condition=Q(status="draft"), name="flow_version_one_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.definition} 第 {self.number} 版"
