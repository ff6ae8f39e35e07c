"""A change of roles or of an account that two persons make: one proposes it, another confirms it.

The models of the app that this file adds are imported by `accounts.models`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.accounts import organization_names
from bianzhi.accounts.roles import ROLES
from bianzhi.audit.models import SealedModel


class ChangeKind(models.TextChoices):
    """What is changed."""

    GRANT = "grant", "授予角色"
    REVOKE = "revoke", "收回角色"
    RESCOPE = "rescope", "变更范围"
    CLOSE = "close", "停用账号"
    REOPEN = "reopen", "启用账号"
    PASSWORD = "password", "重置密码"
    FACTOR = "factor", "重置第二因素"


class ChangeState(models.TextChoices):
    """How far it has come."""

    PENDING = "pending", "待复核"
    CONFIRMED = "confirmed", "已复核"
    REJECTED = "rejected", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"
    EXPIRED = "expired", "已过期"


class AccountChangeQuerySet(models.QuerySet["AccountChange"]):
    """Reads of changes."""

    def pending(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(state=ChangeState.PENDING)

    def waiting_for(self, user: Any) -> Self:
        """Those the user may confirm: neither proposed by them nor about their own account."""
        waiting = self.pending().exclude(proposed_by=user.pk).exclude(account=user.pk)
        return waiting if user.can("accounts.confirm") else waiting.none()


class AccountChange(SealedModel):
    """One proposed change. An urgent one is in force already and is confirmed, or undone, afterwards."""

    kind = models.CharField("事项", max_length=10, choices=ChangeKind.choices)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="changes")
    role = models.CharField("角色", max_length=40, blank=True)
    organization_id = models.BigIntegerField("机构范围", null=True, blank=True)
    includes_subtree = models.BooleanField("含下级机构", default=False)
    grant = models.ForeignKey("accounts.RoleGrant", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField("理由", max_length=200)
    is_urgent = models.BooleanField("紧急（已生效，事后复核）", default=False)
    state = models.CharField("状态", max_length=10, choices=ChangeState.choices, default=ChangeState.PENDING)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="提出人"
    )
    proposer_name = models.CharField("提出人姓名", max_length=80)
    proposed_at = models.DateTimeField("提出时间", default=timezone.now)
    expires_at = models.DateTimeField("有效期至", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    decided_at = models.DateTimeField("办结时间", null=True, blank=True)
    note = models.CharField("复核意见", max_length=200, blank=True)

    objects: ClassVar[Any] = AccountChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "账号变更"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state"], name="accounts_change_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=F("account")) & (Q(proposed_by__isnull=True) | ~Q(decided_by=F("proposed_by")))),
                name="accounts_change_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["confirmed", "rejected"], decided_by__isnull=False)
                | Q(state__in=["pending", "withdrawn", "expired"], decided_by__isnull=True),
                name="accounts_change_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True)
                | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="accounts_change_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.summary()}"

    @property
    def is_pending(self) -> bool:
        """Whether it waits for a second person."""
        return self.state == ChangeState.PENDING

    def summary(self, names: Mapping[int, str] | None = None) -> str:
        """What is to change, in words: 授予角色 单位经办（区教育局及其下级）; `names` of organisations, if at hand."""
        label = self.get_kind_display()
        if not self.role:
            return label
        role = ROLES[self.role].label if self.role in ROLES else self.role
        return f"{label} {role}（{self.reach(names)}）"

    def reach(self, names: Mapping[int, str] | None = None) -> str:
        """The part of the district it is about."""
        if self.organization_id is None:
            return "全区"
        name = (names or organization_names.names([self.organization_id]))[self.organization_id]
        return name + ("及其下级" if self.includes_subtree else "")
