"""委托: whose tasks somebody else may decide for a while."""

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Reads of delegations."""

    def in_force(self, day: date) -> Self:
        """Those that hold on a day; both ends count."""
        return self.filter(ended_at__isnull=True, valid_from__lte=day, valid_until__gte=day)

    def to(self, user: Any, day: date) -> Self:
        """What a user may decide for others on a day."""
        return self.in_force(day).filter(delegate=user, delegator__is_active=True)


class Delegation(SealedModel):
    """One person lets another decide their tasks within a range of days; A/B 角 is a standing one.

    `flows` are keys of flow definitions; empty means all.
    """

    delegator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_given", verbose_name="委托人"
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_held", verbose_name="受托人"
    )
    flows = models.JSONField("委托事项", default=list)
    valid_from = models.DateField("委托起")
    valid_until = models.DateField("委托止", help_text="含当日")
    reason = models.CharField("事由", max_length=200)
    created_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)
    ended_at = models.DateTimeField("提前终止时间", null=True, blank=True)

    objects: ClassVar[DelegationQuerySet] = DelegationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "委托"
        ordering = ["-valid_from", "-id"]
        indexes = [models.Index(fields=["delegate", "valid_until"], name="delegation_by_delegate")]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="delegation_range"),
            models.CheckConstraint(condition=~Q(delegator=F("delegate")), name="delegation_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.delegator} → {self.delegate}"
