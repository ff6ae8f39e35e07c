"""Originals as they came: content-addressed, written once, checked again and again."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class OriginalState(models.TextChoices):
    """What the last check of an original found."""

    INTACT = "intact", "完好"
    DAMAGED = "damaged", "已损坏"
    MISSING = "missing", "找不到"
    DISPOSED = "disposed", "已依规销毁"


class Original(SealedModel):
    """One file as it was received, under the SHA-256 of its bytes; where it lies is the storage's business."""

    unsealed_fields = ("state", "checked_at")

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    sm3 = models.CharField("SM3", max_length=64)
    size = models.PositiveBigIntegerField("大小（字节）")
    media_type = models.CharField("格式", max_length=80)
    extension = models.CharField("扩展名", max_length=10)
    kept_at = models.DateTimeField("保存时间", default=timezone.now, editable=False)
    state = models.CharField("状态", max_length=10, choices=OriginalState.choices, default=OriginalState.INTACT)
    checked_at = models.DateTimeField("最近核验", null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = "原件"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.sha256[:12]


class FixityCheck(models.Model):
    """One re-reading of an original, or of all of them; damage and repair are told here for ever."""

    started_at = models.DateTimeField("开始时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    scope = models.CharField("范围", max_length=40, default="all", help_text="all 全部；due 到期；restored 恢复后")
    checked = models.PositiveIntegerField("核验件数", default=0)
    findings = models.JSONField("发现", default=list, help_text="损坏或缺失的原件：sha256、状态、说明")
    job = models.ForeignKey("common.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "原件核验"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"第 {self.pk} 次核验"
