"""What left the platform as a file, and requests for what may leave only with approval."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedField, EncryptedJSONField
from bianzhi.common.field_classes import FieldClass


class RequestState(models.TextChoices):
    """How far a request has come."""

    PENDING = "pending", "待审批"
    APPROVED = "approved", "生成中"
    READY = "ready", "可下载"
    USED = "used", "已下载"
    REJECTED = "rejected", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"
    EXPIRED = "expired", "已过期"
    FAILED = "failed", "生成失败"


ENDED = (
    RequestState.USED,
    RequestState.REJECTED,
    RequestState.WITHDRAWN,
    RequestState.EXPIRED,
    RequestState.FAILED,
)


class ExportRequestQuerySet(models.QuerySet["ExportRequest"]):
    """Reads of requests."""

    def visible_to(self, user: Any) -> Self:
        """The own requests; all of them for who approves."""
        return self if user.can("exports.approve") else self.filter(requested_by=user.pk)

    def waiting_for(self, user: Any) -> Self:
        """Those the user may decide: not the own."""
        waiting = self.filter(state=RequestState.PENDING).exclude(requested_by=user.pk)
        return waiting if user.can("exports.approve") else waiting.none()


class ExportRequest(SealedModel):
    """A request to take away what needs approval, and the file that came of it."""

    number = models.CharField("申请编号", max_length=30, unique=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="申请人"
    )
    path = EncryptedField("导出地址", max_length=4_000, help_text="含筛选条件")
    list_key = models.CharField("名册", max_length=80)
    title = models.CharField("名称", max_length=200)
    format = models.CharField("格式", max_length=8)
    columns = models.JSONField("列", default=list)
    conditions = EncryptedJSONField("条件", default=list)
    classes = models.CharField("明文显示", max_length=80, blank=True)
    rows = models.PositiveIntegerField("申请条数")
    most = models.PositiveIntegerField("最多条数")
    why = models.CharField("须审批的原因", max_length=300)
    purpose = models.CharField("用途", max_length=120)
    uses = models.PositiveSmallIntegerField("可下载次数", default=1)
    fetched = models.PositiveSmallIntegerField("已下载次数", default=0)
    state = models.CharField("状态", max_length=10, choices=RequestState.choices, default=RequestState.PENDING)
    requested_at = models.DateTimeField("申请时间", default=timezone.now)
    expires_at = models.DateTimeField("有效期至")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    note = models.CharField("审批意见", max_length=200, blank=True)
    job = models.ForeignKey("common.Job", on_delete=models.PROTECT, null=True, related_name="+")
    written = models.PositiveIntegerField("实际条数", default=0)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    digest = models.CharField("文件摘要", max_length=64, blank=True)
    problem = models.CharField("未生成的原因", max_length=300, blank=True)

    objects: ClassVar[Any] = ExportRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "导出申请"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="disclosure_request_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="disclosure_request_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "ready", "used", "rejected", "failed"], decided_by__isnull=False)
                | Q(state__in=["pending", "withdrawn"], decided_by__isnull=True)
                | Q(state="expired"),
                name="disclosure_request_decided",
            ),
            models.CheckConstraint(condition=Q(fetched__lte=F("uses")), name="disclosure_request_uses"),
            models.CheckConstraint(condition=Q(written__lte=F("most")), name="disclosure_request_most"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def in_clear(self) -> frozenset[FieldClass]:
        """Classes of personal data the file shows whole."""
        return frozenset(FieldClass(code) for code in self.classes.split(",") if code)

    def clear_words(self) -> str:
        """The same in words."""
        return "、".join(sorted(each.label for each in self.in_clear())) or "无"


class Release(SealedModel):
    """One file that left: who took what, how many rows, under which watermark. Written once."""

    number = models.CharField("导出编号", max_length=30, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name="导出人"
    )
    list_key = models.CharField("名册", max_length=80)
    title = models.CharField("名称", max_length=200)
    format = models.CharField("格式", max_length=8)
    rows = models.PositiveIntegerField("条数")
    of_persons = models.BooleanField("人员信息")
    request = models.ForeignKey(ExportRequest, on_delete=models.PROTECT, null=True, related_name="releases")
    released_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "导出记录"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["user", "released_at"], name="disclosure_release_by_day")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
