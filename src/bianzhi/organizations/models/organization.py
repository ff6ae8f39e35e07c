"""The organisation and its effective-dated facts."""

from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.kernel import clock
from bianzhi.organizations.models.periods import PeriodModel
from bianzhi.organizations.models.reach import visible_ids


class Tier(models.TextChoices):
    """Which total a unit draws from: the district's own, or the townships' (R06, R07)."""

    DISTRICT = "district", "区本级"
    TOWNSHIP = "township", "乡镇街道"


class OrganizationStatus(models.TextChoices):
    """Where an organisation stands in its life."""

    PLANNED = "planned", "拟设"
    ACTIVE = "active", "存续"
    ABOLISHED = "abolished", "已撤销"


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Reads of organisations."""

    def visible_to(self, user: Any, day: date | None = None) -> Self:
        """Within the user's data scope by the tree of a day, today if not said: rights are a matter of now."""
        ids = visible_ids(user, day or clock.today(), OrganizationVersion.objects.all())
        return self if ids is None else self.filter(pk__in=ids)


class Organization(SealedModel):
    """The lasting identity of a unit; everything that can change is in its versions."""

    known_as: str = ""
    """Its name on the day somebody is looking at; set by whoever shows or records it, kept nowhere."""
    shown: "OrganizationVersion | None" = None
    """Its version on the day a page shows; set by that page."""

    code = models.CharField("机构编码", max_length=30, unique=True)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    uscc_unverified = models.BooleanField("代码校验例外", default=False, help_text="早期赋码不合校验规则，经人工确认")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    objects: ClassVar[OrganizationQuerySet] = OrganizationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "机构"
        constraints = [
            models.UniqueConstraint(fields=["uscc"], condition=~Q(uscc=""), name="organization_unique_uscc"),
        ]

    def __str__(self) -> str:
        return f"{self.known_as}（{self.code}）" if self.known_as else self.code


class OrganizationVersion(PeriodModel):
    """What an organisation is called, where it hangs and what it is, over a period."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="versions", verbose_name="机构"
    )
    name = models.CharField("全称", max_length=200)
    short_name = models.CharField("规范简称", max_length=100, blank=True)
    name_initials = models.CharField("拼音首字母", max_length=200, blank=True, db_index=True)
    name_folded = models.CharField("名称比对键", max_length=200, blank=True, db_index=True)
    parent = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="child_versions",
        verbose_name="隶属单位",
    )
    supervising_department = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="supervised_versions",
        verbose_name="主管部门",
    )
    quota_holder = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="joint_versions",
        verbose_name="合署主体",
        help_text="合署办公时由其持有编制",
    )
    org_type = models.CharField("机构类别", max_length=4)
    institution_class = models.CharField("事业单位类别", max_length=4, blank=True)
    nature = models.CharField("机构性质", max_length=30, blank=True)
    rank = models.CharField("机构规格", max_length=10, blank=True)
    funding_form = models.CharField("经费形式", max_length=10, blank=True)
    tier = models.CharField("层级", max_length=10, choices=Tier.choices, default=Tier.DISTRICT)
    is_grouping = models.BooleanField("仅作分组", default=False, help_text="树上的分类节点，不是单位，不持有编制")
    status = models.CharField(
        "状态", max_length=12, choices=OrganizationStatus.choices, default=OrganizationStatus.ACTIVE
    )
    duties = models.TextField("主要职责", blank=True)
    sort_order = models.IntegerField("排序", default=0)
    document = models.ForeignKey("documents.ApprovalDocument", on_delete=models.PROTECT, verbose_name="依据文件")

    class Meta:
        verbose_name = "机构沿革版本"
        ordering = ["organization", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="orgversion_period"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(valid_to__isnull=True, superseded_at__isnull=True),
                name="orgversion_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "valid_from"], name="orgversion_by_day"),
            models.Index(fields=["parent"], name="orgversion_by_parent"),
        ]

    def __str__(self) -> str:
        return self.name
