"""What a case leaves behind: the papers issued, and what the applicant thought of it."""

from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.matters.models.cases import Case


class IssuedPaper(SealedModel):
    """A 核准单, 通知单 or 回执 as it was issued; whoever holds it can have its code checked."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers", verbose_name="办件")
    kind = models.CharField("种类", max_length=20)
    number = models.CharField("编号", max_length=40, unique=True)
    code = models.CharField("验证码", max_length=24, unique=True)
    title = models.CharField("标题", max_length=120)
    content = models.JSONField("内容")
    issued_at = models.DateTimeField("签发时间", default=timezone.now)
    issued_by_id = models.BigIntegerField("签发人", null=True)
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)
    revoke_reason = models.CharField("作废原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "办件文书"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class CaseFeedback(SealedModel):
    """The applicant's word at the end: how satisfied, and why."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="feedback", verbose_name="办件")
    score = models.PositiveSmallIntegerField(
        "满意度", choices=[(5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意")]
    )
    comment = models.CharField("意见", max_length=500, blank=True)
    given_by_id = models.BigIntegerField("评价人")
    given_at = models.DateTimeField("评价时间", default=timezone.now)

    class Meta:
        verbose_name = "办件评价"

    def __str__(self) -> str:
        return f"{self.case} {self.get_score_display()}"
