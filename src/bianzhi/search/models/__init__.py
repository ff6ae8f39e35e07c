"""What the full-text search keeps beside its index: which index stands, and the searches people keep."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.common.db.encrypted import EncryptedField


class IndexBuild(models.Model):
    """One building of the whole index from the store; the newest finished one is the index in use."""

    backend = models.CharField("检索引擎", max_length=20)
    folder = models.CharField("位置", max_length=200, blank=True)
    documents = models.PositiveIntegerField("条目数", default=0)
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    job = models.ForeignKey("common.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "索引重建"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"第 {self.pk} 次重建"


class IndexChange(models.Model):
    """A thing that has changed and is to be put into the index again: written in the transaction that heard of it.

    Kept for some days after it was applied, so that an index built meanwhile can catch up.
    """

    kind = models.CharField("种类", max_length=60)
    subject_id = models.BigIntegerField("编号")
    noted_at = models.DateTimeField("发生时间", default=timezone.now)
    applied_at = models.DateTimeField("写入索引时间", null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = "索引更新"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    """Reads of kept searches."""

    def visible_to(self, user: Any) -> Self:
        """Everybody's own."""
        return self.filter(owner=user.pk)


class SavedSearch(models.Model):
    """A search somebody keeps under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField("名称", max_length=60)
    query = EncryptedField("查询", max_length=2000, help_text="查询参数，URL 编码")
    created_at = models.DateTimeField("保存时间", default=timezone.now)

    objects: ClassVar[SavedSearchQuerySet] = SavedSearchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "保存的检索"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="search_saved_name")]

    def __str__(self) -> str:
        return self.name
