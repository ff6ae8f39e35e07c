"""Persons of the real-name register (实名制), domain dossier §2.8."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedField, FingerprintField
from bianzhi.kernel import clock
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.models.periods import in_force
from bianzhi.organizations.models.reach import visible_ids


class PersonQuerySet(models.QuerySet["Person"]):
    """Reads of persons; ID numbers are looked up nowhere else."""

    def with_id_number(self, id_number: str) -> Self:
        """The person with exactly this normalised number."""
        return self.filter(id_fingerprint=Person.fingerprint(id_number))

    def with_id_numbers(self, id_numbers: Iterable[str]) -> Self:
        """Persons with any of these normalised numbers."""
        return self.filter(id_fingerprint__in=[Person.fingerprint(number) for number in id_numbers])

    def visible_to(self, user: Any, day: date | None = None) -> Self:
        """The persons within a user's data scope on a day (today, if not said).

        Those on quota, employed or borrowed in a unit of the scope, and those who were last on quota there; whoever
        has gone on to a unit outside the scope is no longer seen.
        """
        day = day or clock.today()
        ids = visible_ids(user, day, OrganizationVersion.objects.all())
        if ids is None:
            return self
        on_quota = Q(occupancies__superseded_at__isnull=True)
        here = on_quota & Q(occupancies__organization_id__in=ids)
        open_here = here & (Q(occupancies__valid_to__isnull=True) | Q(occupancies__valid_to__gt=day))
        engaged = in_force(day, "engagements__") & Q(
            engagements__superseded_at__isnull=True, engagements__organization_id__in=ids
        )
        borrowed = in_force(day, "secondments__") & Q(
            secondments__superseded_at__isnull=True, secondments__to_organization_id__in=ids
        )
        gone_on = self._holding(on_quota & in_force(day, "occupancies__"))
        return self.filter(
            Q(pk__in=self._holding(open_here))
            | (Q(pk__in=self._holding(here)) & ~Q(pk__in=gone_on))
            | Q(pk__in=self._holding(engaged))
            | Q(pk__in=self._holding(borrowed))
        )

    def _holding(self, condition: Q) -> QuerySet[Any]:
        return Person._base_manager.filter(condition).values("pk")


class Person(SealedModel):
    """One real person, known by the ID number across all units and years."""

    name = models.CharField("姓名", max_length=60)
    name_folded = models.CharField("姓名比对键", max_length=60, blank=True, db_index=True)
    name_initials = models.CharField("拼音首字母", max_length=60, blank=True, db_index=True)
    id_number = EncryptedField("身份证号", max_length=18)
    id_fingerprint = FingerprintField("身份证号指纹", of="id_number", unique=True)
    sex = models.CharField("性别", max_length=1)
    born_on = models.DateField("出生日期")
    certified_born_on = models.DateField("档案认定出生日期", null=True, blank=True)
    identity_certified = models.BooleanField("档案认定", default=False, help_text="“三龄两历一身份”已由组织认定")
    ethnicity = models.CharField("民族", max_length=2, blank=True)
    native_place = models.CharField("籍贯", max_length=60, blank=True)
    politics = models.CharField("政治面貌", max_length=2, blank=True)
    joined_party_on = models.DateField("加入时间", null=True, blank=True)
    started_work_on = models.DateField("参加工作时间", null=True, blank=True)
    identity = models.CharField("人员身份", max_length=30, blank=True)
    civil_service_registered_on = models.DateField("公务员登记时间", null=True, blank=True)
    schooling_full_time = models.CharField("全日制学历", max_length=2, blank=True)
    degree_full_time = models.CharField("全日制学位", max_length=3, blank=True)
    school_full_time = models.CharField("全日制院校及专业", max_length=120, blank=True)
    schooling_in_service = models.CharField("在职学历", max_length=2, blank=True)
    degree_in_service = models.CharField("在职学位", max_length=3, blank=True)
    school_in_service = models.CharField("在职院校及专业", max_length=120, blank=True)
    grade = models.CharField("职级", max_length=40, blank=True)
    grade_since = models.DateField("任现职级时间", null=True, blank=True)
    post_category = models.CharField("岗位类别", max_length=10, blank=True)
    post_grade = models.CharField("岗位等级", max_length=20, blank=True)
    professional_title = models.CharField("专业技术资格", max_length=60, blank=True)
    retirement_category = models.CharField("退休类别", max_length=3, blank=True)
    f60_track = models.BooleanField("按60岁退休", default=False, help_text="县处级女干部、高级职称女专技人员")
    retirement_override_on = models.DateField(
        "核定退休日期", null=True, blank=True, help_text="病退、延迟等经批准的日期"
    )
    retirement_override_document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, null=True, blank=True, verbose_name="退休核定文件"
    )
    phone = EncryptedField("联系电话", max_length=30, blank=True)
    remark = models.CharField("备注", max_length=300, blank=True)
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    objects: ClassVar[Any] = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "人员"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def fingerprint(cls, id_number: str) -> str:
        """By what an ID number is found: the column itself is encrypted."""
        field = cls._meta.get_field("id_fingerprint")
        assert isinstance(field, FingerprintField)  # noqa: S101 - tells the type checker
        return field.fingerprint(id_number)


class PersonChange(SealedModel):
    """One field of a person changed by a 信息变更, with its document; never edited (R14, R26)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="changes", verbose_name="人员")
    field = models.CharField("字段", max_length=40)
    old_value = EncryptedField("原值", max_length=300, blank=True)
    new_value = EncryptedField("新值", max_length=300, blank=True)
    effective_on = models.DateField("生效日期")
    reason = models.CharField("事由", max_length=300)
    document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, null=True, blank=True, verbose_name="依据文件"
    )
    recorded_at = models.DateTimeField("登记时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "信息变更"
        ordering = ["-effective_on", "-id"]

    def __str__(self) -> str:
        return f"{self.person} {self.field}"
