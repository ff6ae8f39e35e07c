"""The secret address under which a calendar program reads one person's calendar."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class CalendarFeed(SealedModel):
    """One subscription. The token is shown once and kept only as a digest: the table cannot give the address away."""

    unsealed_fields = ("last_used_at",)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feeds", verbose_name="用户"
    )
    token_digest = models.CharField("令牌摘要", max_length=64, unique=True)
    created_at = models.DateTimeField("建立时间", default=timezone.now)
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    last_used_at = models.DateTimeField("最近读取", null=True, blank=True)

    class Meta:
        verbose_name = "日历订阅"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(revoked_at__isnull=True), name="calendar_feed_one"),
        ]

    def __str__(self) -> str:
        return f"{self.user} 的日历订阅"
