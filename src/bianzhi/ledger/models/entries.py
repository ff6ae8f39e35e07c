"""Entries and postings: every change of quota, once and for ever."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.ledger.models.accounts import Account


class EntryKind(models.TextChoices):
    """Why quota moved (domain dossier §2.4)."""

    OPENING = "opening", "期初登记"
    TOTAL_ISSUED = "total_issued", "总量下达"
    TOTAL_WITHDRAWN = "total_withdrawn", "总量收回"
    ESTABLISHED = "established", "设立核编"
    INCREASE = "increase", "编制增"
    DECREASE = "decrease", "编制减"
    TRANSFER = "transfer", "编制划转"
    TYPE_CHANGE = "type_change", "编制类型（经费形式）调整"
    BODY_ALLOTMENT = "body_allotment", "定编到科室"
    POSTS = "posts", "领导职数"
    POOL = "pool", "周转（人才）池调配"
    FROZEN_RELEASE = "frozen_release", "只减不增核销"
    ABOLISHED = "abolished", "撤销收回"
    REVERSAL = "reversal", "冲正"


class LedgerEntry(SealedModel):
    """One change, citing its approval document. Neither updated nor deleted; a mistake is reversed."""

    number = models.CharField("台账号", max_length=30, unique=True)
    kind = models.CharField("种类", max_length=20, choices=EntryKind.choices)
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, related_name="ledger_entries", verbose_name="批准文件"
    )
    effective_on = models.DateField("生效日期", db_index=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    summary = models.CharField("变动摘要", max_length=500)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name="冲正对象"
    )
    allows_overstaffing = models.BooleanField(
        "允许形成超编", default=False, help_text="经批准核减到实有人数以下，超出部分列为待消化超编"
    )
    event = models.ForeignKey(
        "organizations.ReorganizationEvent",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ledger_entries",
        verbose_name="沿革事项",
    )

    class Meta:
        verbose_name = "台账条目"
        ordering = ["-effective_on", "-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.summary}"


class Posting(SealedModel):
    """One side of an entry: `amount` posts or quota into (+) or out of (−) an account."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="postings", verbose_name="台账条目")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings", verbose_name="账户")
    amount = models.IntegerField("数额")

    class Meta:
        verbose_name = "分录"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="posting_not_zero")]
        indexes = [models.Index(fields=["account", "entry"], name="posting_by_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount:+d}"
