"""通知公告: what the office tells its people, to whom, and who has read it."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class NoticeState(models.TextChoices):
    """Where a notice stands. Only a draft can be changed; what was published is withdrawn, never rewritten."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"
    DISCARDED = "discarded", "已废弃"


class Audience(models.TextChoices):
    """Whom a notice is for."""

    ALL = "all", "全体用户"
    ROLES = "roles", "按角色"
    UNITS = "units", "按单位"
    PEOPLE = "people", "指定人员"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Reads of notices."""

    def visible_to(self, user: Any) -> Self:
        """Published ones addressed to the user; to publishers all of them, drafts included."""
        if user.can("notices.publish"):
            return self.all()
        addressed = NoticeRecipient.objects.filter(user=user).values("notice_id")
        return self.filter(state=NoticeState.PUBLISHED, pk__in=addressed)

    def addressed_to(self, user: Any) -> Self:
        """Published ones the user is asked to read."""
        addressed = NoticeRecipient.objects.filter(user=user).values("notice_id")
        return self.filter(state=NoticeState.PUBLISHED, pk__in=addressed)


class Notice(SealedModel):
    """One notice. `audience_keys` holds role codes, organisation ids or user ids, as `audience` says."""

    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文", max_length=20_000)
    audience = models.CharField("发送范围", max_length=8, choices=Audience.choices, default=Audience.ALL)
    audience_keys = models.JSONField("范围明细", default=list)
    includes_subtree = models.BooleanField("含下级单位", default=True)
    must_confirm = models.BooleanField("须确认已读", default=False)
    state = models.CharField("状态", max_length=10, choices=NoticeState.choices, default=NoticeState.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="拟稿人"
    )
    created_at = models.DateTimeField("拟稿时间", default=timezone.now, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="发布人"
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdraw_reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "通知公告"
        ordering = ["-published_at", "-id"]
        indexes = [models.Index(fields=["state", "-published_at"], name="notice_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"]) | Q(published_at__isnull=False),
                name="notice_published_at",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed."""
        return self.state == NoticeState.DRAFT

    @property
    def is_published(self) -> bool:
        """Whether it is in force."""
        return self.state == NoticeState.PUBLISHED


class NoticeRecipient(models.Model):
    """One person asked to read one notice, and when they did."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="recipients", verbose_name="通知")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="接收人"
    )
    read_at = models.DateTimeField("阅读时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = "通知接收人"
        ordering = ["id"]
        indexes = [models.Index(fields=["user", "read_at"], name="notice_recipient_unread")]
        constraints = [
            models.UniqueConstraint(fields=["notice", "user"], name="notice_recipient_once"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(read_at__isnull=False), name="notice_confirmed_is_read"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.notice}"
