"""问题台账: what was found wrong at a unit, and whether it stands in the way of new applications (R13)."""

from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.scopes import restrict
from bianzhi.supervision.models.orders import RectificationOrder
from bianzhi.supervision.models.plans import Inspection


class ProblemSource(models.TextChoices):
    """How a problem came to light."""

    INSPECTION = "inspection", "监督检查"
    WARNING = "warning", "监测预警"
    REPORT = "report", "举报反映"
    OVERDUE_EXIT = "exit", "出编超期"


class ProblemSeverity(models.TextChoices):
    """How grave it is."""

    MINOR = "minor", "一般"
    SERIOUS = "serious", "较重"
    GRAVE = "grave", "严重"


class ProblemState(models.TextChoices):
    """Where a problem stands; VOID is one registered by mistake."""

    OPEN = "open", "待整改"
    RECTIFYING = "rectifying", "整改中"
    VERIFIED = "verified", "核查通过"
    CLOSED = "closed", "已销号"
    VOID = "void", "登记撤销"


UNSETTLED = (ProblemState.OPEN, ProblemState.RECTIFYING, ProblemState.VERIFIED)


class ProblemQuerySet(models.QuerySet["Problem"]):
    """Reads of the ledger of problems."""

    def visible_to(self, user: Any) -> Self:
        """Problems of the units within a user's scope."""
        return restrict(self, user)  # type: ignore[return-value]

    def unsettled(self) -> Self:
        """Problems not yet 销号."""
        return self.filter(state__in=UNSETTLED)

    def locking(self) -> Self:
        """Unsettled problems for which new applications of the unit are not accepted (R13)."""
        return self.unsettled().filter(locks_unit=True)


class Problem(SealedModel):
    """One problem of one unit, from its finding to its 销号."""

    number = models.CharField("问题编号", max_length=20, unique=True)
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="problems", verbose_name="单位"
    )
    kind = models.CharField("问题类别", max_length=4)
    facts = models.CharField("问题事实", max_length=1000)
    source = models.CharField("发现途径", max_length=12, choices=ProblemSource.choices)
    found_on = models.DateField("发现日期")
    severity = models.CharField("严重程度", max_length=8, choices=ProblemSeverity.choices)
    state = models.CharField("状态", max_length=12, choices=ProblemState.choices, default=ProblemState.OPEN)
    locks_unit = models.BooleanField("限制新申请", default=True, help_text="销号前不受理该单位新的机构编制申请（R13）")
    inspection = models.ForeignKey(
        Inspection, on_delete=models.PROTECT, null=True, blank=True, related_name="problems", verbose_name="检查记录"
    )
    instance = models.ForeignKey(
        "workflow.FlowInstance",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name="所涉办件",
    )
    order = models.ForeignKey(
        RectificationOrder,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name="整改通知书",
    )
    closed_on = models.DateField("销号日期", null=True, blank=True)
    void_reason = models.CharField("撤销登记原因", max_length=300, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    objects: ClassVar[ProblemQuerySet] = ProblemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "问题"
        ordering = ["-found_on", "-id"]
        indexes = [
            models.Index(fields=["organization", "state"], name="problem_by_unit"),
            models.Index(fields=["state", "found_on"], name="problem_by_state"),
        ]

    def __str__(self) -> str:
        return self.number
