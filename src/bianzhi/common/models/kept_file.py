"""What the row of a kept file says of it, whichever table it stands in."""

from django.db import models
from django.utils import timezone


class KeptFileRow(models.Model):
    """Name, kind, size and digests of a file kept by its content (`intake.taking`)."""

    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小")
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    uploaded_by_id = models.BigIntegerField("上传人", null=True)
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
