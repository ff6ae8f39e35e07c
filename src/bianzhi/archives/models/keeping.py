"""Keeping: inspections of scans, the four-property checks, appraisal and disposal, packages."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.archives.models.catalogue import Item, Retention
from bianzhi.audit.models import SealedModel


class CheckOccasion(models.TextChoices):
    """When the four properties are checked (DA/T 70-2018)."""

    FILING = "filing", "归档环节"
    TRANSFER = "transfer", "移交与接收环节"
    KEEPING = "keeping", "长期保存环节"


class FourPropertyCheck(models.Model):
    """真实性、完整性、可用性、安全性 of one item at one occasion. Never changed."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="four_checks")
    occasion = models.CharField("环节", max_length=10, choices=CheckOccasion.choices)
    passed = models.BooleanField("合格")
    results = models.JSONField("检测项", default=list, help_text="项目、属性、结论、说明")
    checked_at = models.DateTimeField("检测时间", default=timezone.now)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "四性检测"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.item} {self.get_occasion_display()}"


class Inspection(models.Model):
    """DA/T 31: scans looked through, all or a sample, with what was found by page. Never changed."""

    title = models.CharField("检查名称", max_length=120)
    scope = models.JSONField("范围", default=dict, help_text="批次、单位、抽样比例、种子")
    pages = models.PositiveIntegerField("检查页数", default=0)
    problems = models.JSONField("问题", default=list, help_text="档号、页次、种类、说明")
    inspected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    inspected_at = models.DateTimeField("检查时间", default=timezone.now)

    class Meta:
        verbose_name = "数字化质量检查"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title


class AppraisalState(models.TextChoices):
    """How far an appraisal has come."""

    DRAFT = "draft", "拟制"
    SUBMITTED = "submitted", "待审批"
    APPROVED = "approved", "已批准"
    REJECTED = "rejected", "未批准"
    CARRIED_OUT = "carried_out", "已执行"


class Appraisal(SealedModel):
    """鉴定: what to do with items whose term is over, decided by a second person before anything happens."""

    title = models.CharField("鉴定名称", max_length=120)
    reason = models.TextField("鉴定意见")
    state = models.CharField("状态", max_length=12, choices=AppraisalState.choices, default=AppraisalState.DRAFT)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField("提出时间", default=timezone.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision = models.TextField("审批意见", blank=True)
    carried_out_at = models.DateTimeField("执行时间", null=True, blank=True)

    class Meta:
        verbose_name = "档案鉴定"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title


class AppraisalLine(SealedModel):
    """What is proposed for one item: kept on with another term, or destroyed."""

    appraisal = models.ForeignKey(Appraisal, on_delete=models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="appraisals")
    outcome = models.CharField("处置", max_length=10, choices=[("extend", "续存"), ("destroy", "销毁")])
    new_retention = models.CharField("新保管期限", max_length=4, choices=Retention.choices, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "鉴定明细"
        ordering = ["appraisal", "pk"]
        constraints = [models.UniqueConstraint(fields=["appraisal", "item"], name="archives_appraisal_item")]

    def __str__(self) -> str:
        return f"{self.item} {self.get_outcome_display()}"


class Package(models.Model):
    """移交包: an export in BagIt with EEP metadata, or one that was taken in, with its digest."""

    direction = models.CharField("方向", max_length=4, choices=[("out", "导出"), ("in", "接收")])
    title = models.CharField("名称", max_length=120)
    items = models.ManyToManyField(Item, related_name="packages")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    facts = models.JSONField("清单", default=dict)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField("时间", default=timezone.now)
    job = models.ForeignKey("common.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "移交包"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title
