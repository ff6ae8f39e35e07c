"""Files on their way in: batches, files with their stages, and what was read off the pages as candidates."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.archives.models.catalogue import Fonds, Item
from bianzhi.archives.models.originals import Original
from bianzhi.common.db.encrypted import EncryptedField
from bianzhi.organizations.models import Organization


class Channel(models.TextChoices):
    """How a batch came."""

    UPLOAD = "upload", "网页上传"
    FOLDER = "folder", "监视文件夹"
    API = "api", "接口"
    MAIL = "mail", "邮箱"
    COMMAND = "command", "命令行"
    PACKAGE = "package", "移交包"


class BatchState(models.TextChoices):
    """How far a batch has come."""

    OPEN = "open", "接收中"
    WORKING = "working", "处理中"
    WAITING = "waiting", "待著录"
    DONE = "done", "已完成"
    CANCELLED = "cancelled", "已取消"


class BatchQuerySet(models.QuerySet["Batch"]):
    """Reads of batches."""

    def visible_to(self, user: Any) -> Self:
        """All for the archivist; for others those they brought themselves."""
        return self.all() if user.can("archives.manage") else self.filter(brought_by=user.pk)


class Batch(models.Model):
    """Files that came together."""

    title = models.CharField("批次名称", max_length=120)
    channel = models.CharField("来源", max_length=10, choices=Channel.choices, default=Channel.UPLOAD)
    fonds = models.ForeignKey(Fonds, on_delete=models.PROTECT, related_name="+", verbose_name="全宗")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所属单位"
    )
    splitting = models.CharField(
        "分件方式", max_length=10, default="file", help_text="file 一文件一件；blank 空白页；barcode 条码；hand 手工"
    )
    state = models.CharField("状态", max_length=10, choices=BatchState.choices, default=BatchState.OPEN)
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField("收到时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    job = models.ForeignKey("common.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar[BatchQuerySet] = BatchQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "接收批次"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_worked_on(self) -> bool:
        """Whether a job is at its files, or is going to be."""
        return self.state == BatchState.WORKING and self.job is not None and not self.job.is_finished


class FileState(models.TextChoices):
    """Where an incoming file stands."""

    RECEIVING = "receiving", "上传中"
    RECEIVED = "received", "已收到"
    WORKING = "working", "处理中"
    DONE = "done", "处理完毕"
    REFUSED = "refused", "未接收"
    DUPLICATE = "duplicate", "已有同一文件"
    FAILED = "failed", "处理失败"


class IncomingFile(models.Model):
    """One file of a batch. Refused ones stay in quarantine with the reason, and are never shown."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="files")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="members")
    name = models.CharField("文件名", max_length=300, help_text="含包内路径")
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    received = models.PositiveBigIntegerField("已收到（字节）", default=0)
    upload_key = models.CharField("续传标识", max_length=64, blank=True, db_index=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, db_index=True)
    original = models.ForeignKey(Original, on_delete=models.PROTECT, null=True, blank=True, related_name="arrivals")
    format = models.CharField("格式", max_length=20, blank=True)
    state = models.CharField("状态", max_length=10, choices=FileState.choices, default=FileState.RECEIVING)
    stage = models.CharField("阶段", max_length=20, blank=True)
    done = models.PositiveIntegerField("已处理页", default=0)
    total = models.PositiveIntegerField("总页数", default=0)
    reason = models.TextField("原因", blank=True)
    retryable = models.BooleanField("可重试", default=False)
    attempts = models.PositiveSmallIntegerField("处理次数", default=0)
    created_at = models.DateTimeField("收到时间", default=timezone.now)

    class Meta:
        verbose_name = "接收文件"
        ordering = ["batch", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["upload_key"], condition=~models.Q(upload_key=""), name="archives_upload_key_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class StageRecord(models.Model):
    """A stage a file, or an item of it, has passed, with the version of the stage: what is done is not done again."""

    file = models.ForeignKey(IncomingFile, on_delete=models.PROTECT, related_name="stages")
    stage = models.CharField("阶段", max_length=20)
    version = models.CharField("阶段版本", max_length=40)
    seconds = models.FloatField("用时（秒）", default=0.0)
    facts = models.JSONField("结果", default=dict)
    done_at = models.DateTimeField("完成时间", default=timezone.now)

    class Meta:
        verbose_name = "处理阶段"
        ordering = ["file", "pk"]
        constraints = [models.UniqueConstraint(fields=["file", "stage"], name="archives_stage_once")]

    def __str__(self) -> str:
        return f"{self.file} {self.stage}"


class ItemOrigin(models.Model):
    """Which incoming file a draft item was made from."""

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="origin")
    file = models.ForeignKey(IncomingFile, on_delete=models.PROTECT, related_name="items")

    class Meta:
        verbose_name = "档案来源"

    def __str__(self) -> str:
        return f"{self.item} ← {self.file}"


class Candidate(models.Model):
    """A value read off a page and proposed for a field: a suggestion until a person confirms it."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="candidates")
    field = models.CharField("项目", max_length=40, help_text="件的字段名，或 quota:A1、post:org_chief 等数字")
    value = EncryptedField("值")
    confidence = models.FloatField("置信度")
    page = models.PositiveIntegerField("页次", null=True, blank=True)
    box = models.JSONField("位置", null=True, blank=True, help_text="左、上、宽、高，占页面的比例")
    method = models.CharField("依据", max_length=80, blank=True)
    is_taken = models.BooleanField("已采用", null=True, blank=True)

    class Meta:
        verbose_name = "著录建议"
        ordering = ["item", "field", "-confidence", "pk"]

    def __str__(self) -> str:
        return f"{self.field}：{self.value}"
