"""Lineage (沿革): the events that made organisations what they are (T18)."""

from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.models.organization import Organization


class LineageKind(models.TextChoices):
    """What happened to an organisation."""

    ESTABLISHED = "established", "设立"
    RENAMED = "renamed", "更名"
    RANK_CHANGED = "rank_changed", "规格调整"
    NATURE_CHANGED = "nature_changed", "性质（类别）调整"
    FUNDING_CHANGED = "funding_changed", "经费形式调整"
    AFFILIATION_CHANGED = "affiliation_changed", "隶属调整"
    DUTIES_CHANGED = "duties_changed", "职责调整"
    NAMEPLATE_CHANGED = "nameplate_changed", "挂牌调整"
    BODIES_CHANGED = "bodies_changed", "内设机构调整"
    MERGED = "merged", "合并"
    SPLIT = "split", "拆分"
    TRANSFERRED = "transferred", "划转"
    ABOLISHED = "abolished", "撤销"
    CORRECTED = "corrected", "更正"


class LineageRole(models.TextChoices):
    """What part an organisation plays in an event."""

    SUBJECT = "subject", "本单位"
    SOURCE = "source", "来源单位"
    TARGET = "target", "承接单位"


class ReorganizationEvent(SealedModel):
    """One act on one or more organisations, with the document that ordered it. Written once."""

    kind = models.CharField("事项", max_length=24, choices=LineageKind.choices)
    effective_on = models.DateField("生效日期")
    document = models.ForeignKey("documents.ApprovalDocument", on_delete=models.PROTECT, verbose_name="依据文件")
    summary = models.CharField("变动摘要", max_length=500)
    facts = models.JSONField("详情", default=dict)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "沿革事项"
        ordering = ["-effective_on", "-id"]

    def __str__(self) -> str:
        return f"{self.effective_on} {self.get_kind_display()}"


class Lineage(SealedModel):
    """The part one organisation has in an event."""

    event = models.ForeignKey(ReorganizationEvent, on_delete=models.PROTECT, related_name="parts", verbose_name="事项")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="lineage", verbose_name="机构"
    )
    role = models.CharField("角色", max_length=10, choices=LineageRole.choices, default=LineageRole.SUBJECT)

    class Meta:
        verbose_name = "沿革关系"
        constraints = [
            models.UniqueConstraint(fields=["event", "organization", "role"], name="lineage_unique_part"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.get_role_display()}"
