"""Drills: proofs, kept for ever, that a backup could be restored on that day."""

from django.db import models

from bianzhi.audit.models import SealedModel


class Drill(SealedModel):
    """One restore of a backup into a place of its own, and what was found there."""

    begun_at = models.DateTimeField("开始时间")
    backup = models.CharField("备份", max_length=80, blank=True)
    backup_made_at = models.DateTimeField("备份时间", null=True)
    audit_seq = models.BigIntegerField("审计记录序号", default=0)
    files = models.PositiveBigIntegerField("文件数", default=0)
    size = models.PositiveBigIntegerField("文件大小", default=0)
    is_good = models.BooleanField("通过")
    age_minutes = models.PositiveIntegerField("备份距演练（分钟）", default=0)
    seconds = models.PositiveIntegerField("恢复用时（秒）", default=0)
    steps = models.JSONField("步骤", default=list, help_text="[步骤, 用时文字]")
    problems = models.JSONField("发现的问题", default=list)
    actor_name = models.CharField("发起人", max_length=80)

    class Meta:
        verbose_name = "恢复演练"
        ordering = ["-begun_at"]

    def __str__(self) -> str:
        return f"{self.begun_at:%Y-%m-%d %H:%M} {self.backup}"
