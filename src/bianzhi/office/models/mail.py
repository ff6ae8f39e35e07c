"""E-mail waiting to leave, on its way, or gone: one row for each message that also goes by mail."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.office.models.messages import Message


class MailState(models.TextChoices):
    """Where a mail stands."""

    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    CANCELLED = "cancelled", "不再发送"


class Mail(models.Model):
    """One mail. Address, subject and body are taken from the person and the message when it is sent, not kept here.

    `claimed_until` is the lease of the worker that is sending it: past it, another may try.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="mail", verbose_name="消息")
    state = models.CharField("状态", max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveIntegerField("尝试次数", default=0)
    next_at = models.DateTimeField("下次发送", default=timezone.now)
    claimed_until = models.DateTimeField("占用至", null=True, blank=True)
    last_error = models.CharField("最近错误", max_length=300, blank=True)
    created_at = models.DateTimeField("产生时间", default=timezone.now)
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)

    class Meta:
        verbose_name = "邮件"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state__in=["waiting", "sending"]), name="mail_to_send"),
            models.Index(fields=["state", "-id"], name="mail_by_state"),
        ]

    def __str__(self) -> str:
        return f"邮件 {self.pk}"
