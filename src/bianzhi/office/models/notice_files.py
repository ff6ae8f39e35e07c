"""Files that come with a notice."""

from typing import Any, ClassVar, Self

from django.db import models

from bianzhi.audit.models import SealedModel
from bianzhi.common.models.kept_file import KeptFileRow
from bianzhi.office.models.notices import Notice


class NoticeFileQuerySet(models.QuerySet["NoticeFile"]):
    """Reads of the files of notices."""

    def visible_to(self, user: Any) -> Self:
        """Those of notices the user may see, and still on them."""
        return self.filter(removed_at__isnull=True, notice__in=Notice.objects.visible_to(user))


class NoticeFile(KeptFileRow, SealedModel):
    """A file of a notice; put on and taken off while it is a draft, afterwards it stays as it is."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="files", verbose_name="通知")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    objects: ClassVar[NoticeFileQuerySet] = NoticeFileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "通知附件"
        ordering = ["id"]
