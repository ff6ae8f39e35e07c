"""Accounts: where quota and leadership posts can be."""

from django.db import models

from bianzhi.audit.models import SealedModel
from bianzhi.organizations.models import Tier


class AccountKind(models.TextChoices):
    """Whose quota it is."""

    UPPER = "upper", "上级下达"
    RESERVE = "reserve", "区预留"
    ROTATING_POOL = "rotating_pool", "周转池"
    TALENT_RESERVE = "talent_reserve", "人才专项池"
    UNIT = "unit", "单位"
    BODY = "body", "内设机构"
    WITHDRAWN = "withdrawn", "收回核销"


class MeasureKind(models.TextChoices):
    """What is counted."""

    QUOTA = "quota", "编制"
    POST = "post", "领导职数"


HELD_BY_UNIT = (AccountKind.UNIT, AccountKind.BODY)
"""Account kinds whose balances together are a unit's approved number."""


class Account(SealedModel):
    """One holder of one measure: a quota type (A1…E2) or a leadership post level (org_chief…)."""

    key = models.CharField("账户键", max_length=80, unique=True)
    kind = models.CharField("账户种类", max_length=16, choices=AccountKind.choices)
    measure_kind = models.CharField("计量", max_length=8, choices=MeasureKind.choices, default=MeasureKind.QUOTA)
    measure = models.CharField("类别", max_length=20)
    tier = models.CharField("层级", max_length=10, choices=Tier.choices, default=Tier.DISTRICT)
    organization = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name="单位",
    )
    internal_body = models.ForeignKey(
        "organizations.InternalBody",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name="内设机构",
    )
    may_be_negative = models.BooleanField("可为负", default=False, help_text="仅上级下达账户：它是一切编制的来源")

    class Meta:
        verbose_name = "编制账户"
        indexes = [models.Index(fields=["organization", "measure"], name="account_by_unit")]

    def __str__(self) -> str:
        return self.key
