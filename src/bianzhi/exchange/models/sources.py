"""Who delivers, under which contract, and what was delivered."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedJSONField
from bianzhi.exchange.scopes import departments_of
from bianzhi.reconciliation.sources import DEPARTMENTS


class Transport(models.TextChoices):
    """How deliveries of a source arrive."""

    UPLOAD = "upload", "网页上传"
    FOLDER = "folder", "投放文件夹"
    API = "api", "接口报送"
    DATABASE = "database", "数据库只读抽取"
    REGISTER = "register", "本系统实名制登记"


class SourceQuerySet(models.QuerySet["Source"]):
    """Reads of sources."""

    def visible_to(self, user: Any) -> Self:
        """Every source for the office and for whoever sets sources up; the own department's for a liaison officer."""
        if user.can("exchange.configure"):
            return self.all()
        return self.filter(department__in=departments_of(user))


class Source(SealedModel):
    """One system of a department that gives rosters, as it is: nothing is changed there."""

    code = models.SlugField("来源代码", max_length=40, unique=True)
    name = models.CharField("来源名称", max_length=80)
    department = models.CharField("部门", max_length=20, choices=DEPARTMENTS)
    transport = models.CharField("报送方式", max_length=12, choices=Transport.choices, default=Transport.UPLOAD)
    settings = models.JSONField("接入设置", default=dict, help_text="文件夹名、查询语句、口令所在的环境变量名")
    breaker_percent = models.PositiveSmallIntegerField("熔断比例", default=20, help_text="一个单位减少超过此比例即暂缓")
    due_day = models.PositiveSmallIntegerField("每月报送日", default=5)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("登记时间", default=timezone.now)

    objects: ClassVar[SourceQuerySet] = SourceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "数据来源"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class ContractStatus(models.TextChoices):
    """Whether a version is worked on, in force, or was."""

    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "生效"
    RETIRED = "retired", "已停用"


class ContractQuerySet(models.QuerySet["Contract"]):
    """Reads of contracts."""

    def visible_to(self, user: Any) -> Self:
        """The contracts of the sources a user sees."""
        return self.filter(source__in=Source.objects.visible_to(user))


class Contract(SealedModel):
    """What a source delivers, in one version: a Frictionless Table Schema with the hub's additions."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="contracts")
    version = models.PositiveIntegerField("版本")
    schema = models.JSONField("数据契约", default=dict)
    status = models.CharField("状态", max_length=12, choices=ContractStatus.choices, default=ContractStatus.DRAFT)
    note = models.CharField("说明", max_length=200, blank=True)
    published_at = models.DateTimeField("生效时间", null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ContractQuerySet] = ContractQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "数据契约"
        ordering = ["source", "-version"]
        constraints = [models.UniqueConstraint(fields=["source", "version"], name="exchange_contract_version")]

    def __str__(self) -> str:
        return f"{self.source} 第 {self.version} 版"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    RECEIVED = "received", "已收到"
    READING = "reading", "读取中"
    HELD = "held", "暂缓，待确认"
    ACCEPTED = "accepted", "已接收"
    REJECTED = "rejected", "已退回"
    SUPERSEDED = "superseded", "已被替换"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Reads of deliveries."""

    def visible_to(self, user: Any) -> Self:
        """Deliveries of the departments whose data a user may see."""
        return self.filter(source__department__in=departments_of(user))


class Delivery(models.Model):
    """One file, or one pull, as it came: immutable, kept under the digest of its bytes."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="deliveries")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, blank=True)
    period = models.CharField("所属月份", max_length=7, help_text="YYYY-MM")
    part = models.PositiveSmallIntegerField("第几部分", default=1)
    parts = models.PositiveSmallIntegerField("共几部分", default=1)
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    file_name = models.CharField("文件名", max_length=200)
    size = models.PositiveBigIntegerField("大小（字节）")
    manifest = models.JSONField("清单", default=dict)
    signer = models.CharField("报送人", max_length=80, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    received_at = models.DateTimeField("收到时间", default=timezone.now)
    state = models.CharField("状态", max_length=12, choices=DeliveryState.choices, default=DeliveryState.RECEIVED)
    reason = models.TextField("说明", blank=True)
    rows = models.PositiveIntegerField("行数", null=True, blank=True)
    report = EncryptedJSONField("读取结果", default=dict, help_text="各列的识别、各类问题的行数、各单位人数")
    roster = models.CharField("标准名册（SHA-256）", max_length=64, blank=True)
    job = models.ForeignKey("common.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)

    is_repeated = False
    """Set on the object that `deliver` returns for content it had already; not kept."""

    objects: ClassVar[DeliveryQuerySet] = DeliveryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "报送"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "period", "sha256", "part", "parts"], name="exchange_delivery_once"
            ),
        ]
        indexes = [models.Index(fields=["source", "period", "state"], name="exchange_delivery_period")]

    def __str__(self) -> str:
        return f"{self.source} {self.period}"
