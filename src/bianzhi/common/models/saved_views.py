"""Filters and columns of a list that a user wants to come back to."""

from django.conf import settings
from django.db import models

from bianzhi.common.db.encrypted import EncryptedField


class SavedView(models.Model):
    """A named query string of one list, kept for its user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, verbose_name="用户")
    list_key = models.CharField("列表", max_length=60)
    name = models.CharField("名称", max_length=40)
    query = EncryptedField("查询")
    created_at = models.DateTimeField("保存时间", auto_now_add=True)

    class Meta:
        verbose_name = "常用视图"
        constraints = [
            models.UniqueConstraint(fields=["user", "list_key", "name"], name="saved_view_unique_name"),
        ]

    def __str__(self) -> str:
        return self.name
