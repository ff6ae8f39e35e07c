"""A case: from the first draft to the last opinion."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bianzhi.audit.models import SealedModel
from bianzhi.common.db.encrypted import EncryptedJSONField
from bianzhi.common.field_keys import keyring
from bianzhi.kernel import clock
from bianzhi.matters.models.versions import MatterVersion
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.workflow.models import FlowTask
from bianzhi.workflow.selectors.standing import still_theirs, tasks_of

SUBJECT_KIND: Final = "matters.case"
"""What the engine calls a case."""
FORM: Final = ("form", "document_marks")
"""The columns that `take_form` writes."""


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads of cases."""

    def visible_to(self, user: Any, day: date | None = None) -> Self:
        """Cases of the user's units, and those one has or had a task in, as long as one holds its role; drafts are
        only their writer's. Whoever left a unit sees neither its cases nor the drafts written for it.

        Whoever may set rules aside sees drafts too: a locked application is let through before it is sent in.
        """
        if user.can("rules.override"):
            return self.all()
        today = day or clock.today()
        submitted = Q(instance__isnull=False)
        ids = visible_organization_ids(user, today)
        if ids is None:
            return self.filter(Q(applicant=user) | submitted)
        own = Q(applicant=user, organization_id__in=ids)
        decided = Q(done_by_id=user.pk) & still_theirs(user, today)
        mine = FlowTask.objects.filter(tasks_of(user, today) | decided).values("instance_id")
        within = Q(organization_id__in=ids) | Q(counterpart_id__in=ids) | Q(instance_id__in=mine)
        return self.filter(own | (submitted & within))


class Case(models.Model):
    """One application of one unit in one matter. How it stands is what its flow instance says; none: a draft."""

    number = models.CharField("业务编号", max_length=30, unique=True, null=True, blank=True)
    version = models.ForeignKey(MatterVersion, on_delete=models.PROTECT, related_name="cases", verbose_name="事项版本")
    matter = models.CharField("事项", max_length=8)
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="cases", verbose_name="申请单位"
    )
    counterpart = models.ForeignKey(
        "organizations.Organization",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="对方单位",
        help_text="调出、划转等事项的另一方",
    )
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cases", verbose_name="申请人"
    )
    title = models.CharField("标题", max_length=200, blank=True)
    form = EncryptedJSONField("表单", default=dict)
    document_marks = models.TextField("表单中文号的指纹", blank=True, editable=False)
    instance = models.OneToOneField(
        "workflow.FlowInstance",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="case",
        verbose_name="流程",
    )
    origin = models.CharField("来源", max_length=80, blank=True, help_text="由哪一系统、哪一问题产生，空为单位申请")
    override_codes = models.CharField("放行的规则", max_length=100, blank=True)
    override_reason = models.CharField("放行理由", max_length=300, blank=True)
    override_document = models.ForeignKey(
        "documents.ApprovalDocument", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField("建立时间", default=timezone.now, editable=False)
    saved_at = models.DateTimeField("保存时间", default=timezone.now)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    discarded_at = models.DateTimeField("废弃时间", null=True, blank=True)

    objects: ClassVar[CaseQuerySet] = CaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "办件"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["organization", "matter"], name="case_by_unit"),
            models.Index(fields=["applicant", "submitted_at"], name="case_by_applicant"),
            models.Index(fields=["submitted_at"], name="case_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.number or '草稿'} {self.title}"

    def take_form(self, form: Mapping[str, Any]) -> None:
        """Hold what was filled in, and the marks by which the documents it cites are found; to be saved as `FORM`."""
        self.form = dict(form)
        numbers = [value["doc_no"] for value in form.values() if isinstance(value, Mapping) and value.get("doc_no")]
        self.document_marks = " ".join(dict.fromkeys(map(document_mark, numbers)))


def document_mark(doc_no: str) -> str:
    """What a 文号 in a sealed form is found by."""
    return keyring().fingerprint(f"{Case._meta.db_table}|document", str(doc_no))


class CaseSubmission(SealedModel):
    """The form as it was sent in, each time it was; the office decides on the newest."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="submissions", verbose_name="办件")
    number = models.PositiveIntegerField("次数")
    form = EncryptedJSONField("表单")
    attachments = models.JSONField("附件", default=list)
    submitted_by_id = models.BigIntegerField("提交人")
    submitted_at = models.DateTimeField("提交时间", default=timezone.now)

    class Meta:
        verbose_name = "申请表"
        ordering = ["case", "number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="case_submission_number")]

    def __str__(self) -> str:
        return f"{self.case} 第 {self.number} 次"


class CaseAttachment(SealedModel):
    """A file of a case, kept by its content's digest; taken off the form it stays in the record."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="attachments", verbose_name="办件")
    evidence = models.CharField("材料种类", max_length=40, blank=True)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小")
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    uploaded_by_id = models.BigIntegerField("上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = "办件附件"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
