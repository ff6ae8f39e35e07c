"""公示 (P14): what is published for so many working days, and the objections raised against it."""

from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedField
from bianzhi.common.field_classes import FieldClass
from bianzhi.matters.models.cases import Case


class PublicationState(models.TextChoices):
    """Where a publication stands."""

    OPEN = "open", "公示中"
    SUSPENDED = "suspended", "有异议，暂停计时"
    CLOSED = "closed", "公示期满"
    WITHDRAWN = "withdrawn", "已撤下"


class Publication(SealedModel):
    """One publication of one case; while an objection is open its days do not count."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="publications", verbose_name="办件")
    number = models.CharField("编号", max_length=30, unique=True)
    title = models.CharField("标题", max_length=200)
    lines = models.JSONField("公示内容", default=list, help_text="[名称, 内容] 对；不含证件号码")
    days = models.PositiveIntegerField("公示期（工作日）")
    opened_on = models.DateField("公示起")
    closes_on = models.DateField("公示止", help_text="含当日；有异议时顺延")
    state = models.CharField("状态", max_length=10, choices=PublicationState.choices, default=PublicationState.OPEN)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "公示"
        ordering = ["-opened_on", "-id"]

    def __str__(self) -> str:
        return self.title


class PublicationObjection(SealedModel):
    """An objection against a publication, and how the office answered it."""

    publication = models.ForeignKey(
        Publication, on_delete=models.PROTECT, related_name="objections", verbose_name="公示"
    )
    raised_by = models.CharField("异议人", max_length=60)
    contact = EncryptedField("联系方式", max_length=60, blank=True)
    text = models.CharField("异议内容", max_length=1000)
    received_at = models.DateTimeField("收到时间", default=timezone.now)
    registered_by_id = models.BigIntegerField("登记人", null=True)
    upheld = models.BooleanField("异议成立", null=True)
    answer = models.CharField("处理结果", max_length=1000, blank=True)
    answered_by_id = models.BigIntegerField("处理人", null=True)
    answered_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = "公示异议"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.publication} 异议"

    @property
    def masked_contact(self) -> str:
        """The contact as it is shown until somebody says what they need it for."""
        return FieldClass.CONTACT.mask(self.contact)
