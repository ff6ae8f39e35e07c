"""消息: one line for one person about one event."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class MessageKind(models.TextChoices):
    """Why somebody is told. A person may have each kind sent by mail as well."""

    TASK = "task", "待办"
    RETURNED = "returned", "退回"
    URGED = "urged", "催办"
    REMINDER = "reminder", "到期提醒"
    OVERDUE = "overdue", "超期督办"
    COPIED = "copied", "传阅"
    CANCELLED = "cancelled", "取消办理"
    ENDED = "ended", "办理结果"
    DELEGATED = "delegated", "委托"
    ORDER = "order", "整改督办"
    NOTICE = "notice", "通知公告"
    EVENT = "event", "日程"
    ALERT = "alert", "安全告警"
    TEST = "test", "测试邮件"


ABOUT_OPEN_TASKS = (
    MessageKind.TASK,
    MessageKind.RETURNED,
    MessageKind.URGED,
    MessageKind.REMINDER,
    MessageKind.OVERDUE,
    MessageKind.DELEGATED,
    MessageKind.COPIED,
)
"""Kinds that have nothing to say any more once their task is no longer open."""


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads of messages."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and nobody else's."""
        return self.filter(recipient=user)

    def unread(self) -> Self:
        """Those not opened yet."""
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """One message. `event` and `about` name what it tells of, so that news delivered twice is told once."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="接收人"
    )
    kind = models.CharField("种类", max_length=10, choices=MessageKind.choices)
    title = models.CharField("标题", max_length=240)
    text = models.CharField("内容", max_length=500, blank=True)
    link = models.CharField("去处", max_length=200, blank=True)
    task = models.ForeignKey(
        "workflow.FlowTask", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="任务"
    )
    event = models.CharField("事件", max_length=60)
    about = models.CharField("事件中的对象", max_length=60, blank=True)
    created_at = models.DateTimeField("时间", default=timezone.now)
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "消息"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="message_by_recipient"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="message_unread"),
            models.Index(fields=["task"], condition=Q(read_at__isnull=True), name="message_unread_task"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "event", "about"], name="message_once"),
        ]

    def __str__(self) -> str:
        return self.title
