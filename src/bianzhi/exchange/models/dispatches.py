"""Messages that departments send, what is given back to them, and the keys their systems use."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedJSONField
from bianzhi.exchange.models.findings import Change
from bianzhi.exchange.models.runs import Run
from bianzhi.exchange.models.sources import Source
from bianzhi.exchange.scopes import departments_of


class AccessToken(SealedModel):
    """The key of a department's system: only its digest is kept."""

    unsealed_fields = ("last_used_at",)

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="tokens")
    label = models.CharField("用途", max_length=80)
    digest = models.CharField("摘要", max_length=64, unique=True)
    scopes = models.JSONField("范围", default=list)
    expires_on = models.DateField("有效期至")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "接口密钥"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.label


class Message(models.Model):
    """HIRE_DECIDED, EXIT_DECIDED, SALARY_SET from a department; the same message twice is one."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="messages")
    message_id = models.CharField("消息编号", max_length=80)
    seq = models.PositiveBigIntegerField("序号")
    kind = models.CharField("种类", max_length=20)
    sha256 = models.CharField("摘要", max_length=64)
    payload = EncryptedJSONField("内容", default=dict)
    state = models.CharField(
        "状态", max_length=10, choices=[("accepted", "已接收"), ("rejected", "已退回")], default="accepted"
    )
    reason = models.CharField("说明", max_length=300, blank=True)
    change = models.ForeignKey(Change, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "部门消息"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="exchange_message_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.message_id}"


class DispatchState(models.TextChoices):
    """Whether a department has what was given back."""

    READY = "ready", "待取"
    SENT = "sent", "已送达"
    ACKNOWLEDGED = "acknowledged", "已回执"
    REJECTED = "rejected", "已退回"
    FAILED = "failed", "送达失败"


class DispatchQuerySet(models.QuerySet["Dispatch"]):
    """Reads of dispatches."""

    def visible_to(self, user: Any) -> Self:
        """Those to the departments whose data a user may see; setting sources up does not open what is in them."""
        return self.filter(source__department__in=departments_of(user))


class Dispatch(models.Model):
    """One thing given back to a department: ENLISTED, DELISTED, CHANGED, a difference list. Its pk is the cursor."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="dispatches")
    key = models.CharField("标识", max_length=80)
    kind = models.CharField("种类", max_length=20)
    payload = EncryptedJSONField("内容", default=dict)
    sha256 = models.CharField("摘要", max_length=64)
    signature = models.CharField("签名", max_length=128, blank=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="dispatches")
    files = models.JSONField("文件", default=dict, help_text="格式 → SHA-256")
    state = models.CharField("状态", max_length=14, choices=DispatchState.choices, default=DispatchState.READY)
    answer = models.CharField("回执说明", max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[DispatchQuerySet] = DispatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "回送"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="exchange_dispatch_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Webhook(SealedModel):
    """Where a department's system wants to be told at once."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="webhooks")
    url = models.URLField("地址", max_length=300)
    secret_name = models.CharField("签名密钥所在环境变量", max_length=80)
    is_active = models.BooleanField("启用", default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "推送地址"

    def __str__(self) -> str:
        return self.url


class WebhookAttempt(models.Model):
    """One try to tell a department. Its row is written before the try: two workers never make the same one."""

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="attempts")
    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField("第几次", default=1)
    tried_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField("应答", null=True, blank=True)
    error = models.CharField("错误", max_length=200, blank=True)

    class Meta:
        verbose_name = "推送记录"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "dispatch", "number"], name="exchange_attempt_once"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 次"
