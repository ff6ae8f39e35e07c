"""Approval documents (批复/三定/会议纪要): the paper behind every figure."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.documents import visibility


class DocumentKind(models.TextChoices):
    """What sort of paper it is."""

    REPLY = "reply", "批复"
    THREE_FIX = "three_fix", "三定规定"
    NOTICE = "notice", "通知"
    MINUTES = "minutes", "会议纪要"
    APPOINTMENT = "appointment", "任免通知"
    HIRING = "hiring", "录用（聘用）手续"
    TRANSFER = "transfer", "调动手续"
    RETIREMENT = "retirement", "退休审批"
    DISCIPLINE = "discipline", "处分（处理）决定"
    REGISTER = "register", "底册（期初登记）"
    OTHER = "other", "其他"


class IssuerLevel(models.TextChoices):
    """Whose decision it is; some rules ask for a document of the upper level (R07, R08, R10)."""

    UPPER = "upper", "上级"
    COMMISSION = "commission", "本级编委"
    OFFICE = "office", "本级编办"
    OTHER = "other", "其他部门"


class DocumentQuerySet(models.QuerySet["ApprovalDocument"]):
    """Reads of documents."""

    def visible_to(self, user: Any) -> Self:
        """All for who sees the whole district; for others the documents that rows within their scope cite."""
        if user.sees_everything():
            return self
        within = Q(pk__in=[])
        for ids in visibility.cited_within_scope(user):
            within |= Q(pk__in=ids)
        return self.filter(within)


class ApprovalDocument(SealedModel):
    """One document, found by its 文号 with brackets normalised to 〔〕."""

    doc_no = models.CharField("文号", max_length=120, db_index=True)
    title = models.CharField("标题", max_length=300)
    issuer = models.CharField("发文机关", max_length=120)
    issuer_level = models.CharField("发文层级", max_length=12, choices=IssuerLevel.choices, default=IssuerLevel.OFFICE)
    kind = models.CharField("种类", max_length=20, choices=DocumentKind.choices, default=DocumentKind.REPLY)
    issued_on = models.DateField("成文日期")
    note = models.CharField("备注", max_length=500, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    objects: ClassVar[DocumentQuerySet] = DocumentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "批准文件"
        ordering = ["-issued_on", "doc_no"]
        constraints = [models.UniqueConstraint(fields=["doc_no", "issuer"], name="document_unique_number")]

    def __str__(self) -> str:
        return f"{self.doc_no} {self.title}"
