"""News for the rest of the system, written in the transaction of the change it tells of."""

from django.db import models


class OutboxMessage(models.Model):
    """One piece of news; delivered at least once to the subscribers declared in `config.subscriptions`."""

    topic = models.CharField("主题", max_length=80)
    key = models.CharField("对象", max_length=80)
    payload = models.JSONField("内容", default=dict)
    created_at = models.DateTimeField("产生时间", auto_now_add=True)
    delivered_at = models.DateTimeField("送达时间", null=True, blank=True)
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    last_error = models.TextField("最近错误", blank=True)

    class Meta:
        verbose_name = "待发消息"
        indexes = [
            models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(delivered_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
