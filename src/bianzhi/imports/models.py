"""Batches of imported files, what was found in them, and the column mappings people settled on.

None of this is the register: what an import changes there is written, audited and sealed by the services it calls.
"""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from bianzhi.common.db.encrypted import EncryptedField
from bianzhi.common.models import JobState
from bianzhi.kernel.masking import mask_id_number


class BatchState(models.TextChoices):
    """How far a batch has come."""

    UPLOADED = "uploaded", "待核对列"
    CHECKING = "checking", "检查中"
    CHECKED = "checked", "待确认导入"
    COMMITTING = "committing", "导入中"
    COMMITTED = "committed", "已导入"
    DISCARDED = "discarded", "已放弃"


class Action(models.TextChoices):
    """What an import does with one thing a row tells."""

    CREATE = "create", "新增"
    CHANGE = "change", "更新"
    SAME = "same", "不变"
    DIFFERENT = "different", "不一致（保留原登记）"
    SKIP = "skip", "不登记"


class BatchQuerySet(models.QuerySet["ImportBatch"]):
    """Reads of batches."""

    def visible_to(self, user: Any) -> Self:
        """Everything for who sees the whole district, one's own for others."""
        return self if user.sees_everything() else self.filter(created_by_id=user.pk)


class ImportBatch(models.Model):
    """One uploaded file on its way into the register; the file itself lies under its SM3 digest."""

    kind = models.CharField("导入内容", max_length=20)
    file_name = models.CharField("文件名", max_length=200)
    digest = models.CharField("文件摘要（SM3）", max_length=64, db_index=True)
    size = models.PositiveBigIntegerField("大小（字节）")
    state = models.CharField("状态", max_length=12, choices=BatchState.choices, default=BatchState.UPLOADED)
    corrections = models.JSONField("人工核对", default=dict, help_text="按工作表：表头、各列对应的字段、是否跳过")
    options = models.JSONField("导入选项", default=dict)
    counts = models.JSONField("检查结果", default=dict)
    result = models.JSONField("导入结果", default=dict)
    error = models.TextField("未完成的原因", blank=True)
    annotated = models.CharField("批注文件摘要", max_length=64, blank=True)
    job = models.ForeignKey("common.Job", on_delete=models.SET_NULL, null=True, blank=True, verbose_name="任务")
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, null=True, blank=True, verbose_name="依据文件"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, verbose_name="上传人"
    )
    created_at = models.DateTimeField("上传时间", auto_now_add=True)
    checked_at = models.DateTimeField("检查时间", null=True, blank=True)
    committed_at = models.DateTimeField("导入时间", null=True, blank=True)

    objects: ClassVar[BatchQuerySet] = BatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "导入批次"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def stage(self) -> str:
        """Where the batch stands: one whose job failed or was cancelled is back where it was asked for."""
        if self.job is None or not self.job.is_finished or self.job.state == JobState.DONE:
            return self.state
        back = {BatchState.CHECKING: BatchState.UPLOADED, BatchState.COMMITTING: BatchState.CHECKED}
        return back.get(BatchState(self.state), self.state)

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return str(BatchState(self.stage).label)

    @property
    def is_open(self) -> bool:
        """Whether columns and options may still be changed."""
        return self.stage in {BatchState.UPLOADED, BatchState.CHECKED}


class ImportFinding(models.Model):
    """A suspect cell of a batch as the last check found it."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="findings", verbose_name="批次")
    sheet = models.CharField("工作表", max_length=100)
    row = models.PositiveIntegerField("行")
    column = models.CharField("列", max_length=4, blank=True)
    column_label = models.CharField("列名", max_length=60, blank=True)
    field = models.CharField("字段", max_length=60, blank=True)
    value = EncryptedField("单元格内容", max_length=300, blank=True)
    message = EncryptedField("问题和处理办法", max_length=500)
    severity = models.CharField("程度", max_length=8, choices=[("error", "错误"), ("warning", "提醒")])

    class Meta:
        verbose_name = "导入问题"
        ordering = ["pk"]
        indexes = [models.Index(fields=["batch", "severity"], name="finding_by_batch")]

    def __str__(self) -> str:
        return str(self.message)

    @property
    def shown_value(self) -> str:
        """The cell's content for the screen; an ID number is masked, its cell is known."""
        return mask_id_number(self.value) if self.field == "id_number" else self.value


class ImportChange(models.Model):
    """What the last check says a row would do to the register."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="changes", verbose_name="批次")
    sheet = models.CharField("工作表", max_length=100)
    row = models.PositiveIntegerField("行")
    action = models.CharField("处理", max_length=10, choices=Action.choices)
    subject = EncryptedField("对象", max_length=300)
    detail = EncryptedField("内容", max_length=500, blank=True)

    class Meta:
        verbose_name = "导入内容预览"
        ordering = ["pk"]
        indexes = [models.Index(fields=["batch", "action"], name="change_by_batch")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.subject}"


class RememberedMapping(models.Model):
    """Which heading is which field, as somebody settled it for files with these headings."""

    kind = models.CharField("导入内容", max_length=20)
    signature = models.CharField("表头特征", max_length=64)
    mapping = models.JSONField("列名与字段", default=dict)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        verbose_name = "列对应关系"
        constraints = [models.UniqueConstraint(fields=["kind", "signature"], name="mapping_unique_signature")]

    def __str__(self) -> str:
        return f"{self.kind} {self.signature}"
