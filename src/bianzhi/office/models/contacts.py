"""Where a person takes mail, and of what."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class ContactPreference(SealedModel):
    """A person's mail address and the kinds of message wanted there; no row, no address or no kinds: no mail."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contact_preference", verbose_name="用户"
    )
    mail_address = models.EmailField("邮箱", blank=True)
    mail_kinds = models.JSONField("邮件接收种类", default=list)
    changed_at = models.DateTimeField("修改时间", default=timezone.now)

    class Meta:
        verbose_name = "消息接收设置"

    def __str__(self) -> str:
        return f"{self.user} 的消息接收设置"
