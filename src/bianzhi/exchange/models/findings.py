"""What the comparison found, and everything done about it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from bianzhi.common.db.encrypted import EncryptedJSONField, FingerprintField, SealedText, StandIn
from bianzhi.exchange.models.runs import Run
from bianzhi.exchange.scopes import restrict_findings
from bianzhi.reconciliation.sources import DEPARTMENTS


class FindingState(models.TextChoices):
    """Where a finding stands. An accusation is confirmed by a second person before anything follows from it."""

    OPEN = "open", "待核"
    ASSIGNED = "assigned", "核实中"
    PROPOSED = "proposed", "待复核"
    CONFIRMED = "confirmed", "已认定"
    DISMISSED = "dismissed", "不成立"
    CLOSED = "closed", "已消除"


UNSETTLED = (FindingState.OPEN, FindingState.ASSIGNED, FindingState.PROPOSED, FindingState.CONFIRMED)


class FindingQuerySet(models.QuerySet["Finding"]):
    """Reads of findings."""

    def visible_to(self, user: Any) -> Self:
        """All for the office; those their department owns or delivered rows of, for liaisons; units see their own."""
        return restrict_findings(self, user)  # type: ignore[return-value]

    def unsettled(self) -> Self:
        """Findings somebody still has to do something about."""
        return self.filter(state__in=UNSETTLED)


class Finding(models.Model):
    """One difference of one class about one person or unit, over all the months it is found again."""

    key = models.CharField("标识", max_length=64, unique=True)
    kind = models.CharField("类别", max_length=40, db_index=True)
    person_key = models.CharField("人员标识", max_length=40, blank=True, db_index=True)
    person_name = models.CharField("姓名", max_length=80, blank=True)
    person = models.ForeignKey("personnel.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.CharField("单位", max_length=200, blank=True)
    owner = models.CharField("责任部门", max_length=20, choices=DEPARTMENTS)
    sources = models.CharField("涉及部门", max_length=80, blank=True, help_text="代码，首尾和之间各一个逗号")
    severity = models.CharField("程度", max_length=8, choices=[("red", "严重"), ("yellow", "一般"), ("blue", "提示")])
    lane = models.CharField("处理方式", max_length=8, choices=[("accuse", "认定"), ("review", "核实")])
    state = models.CharField("状态", max_length=10, choices=FindingState.choices, default=FindingState.OPEN)
    evidence = EncryptedJSONField("证据", default=dict, help_text="四方原始行和由其算出的事实")
    evidence_fingerprint = FingerprintField("证据指纹", of="evidence_digest")
    first_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    last_run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    first_period = models.CharField("首次发现", max_length=7)
    last_period = models.CharField("最近发现", max_length=7)
    found_on = models.DateField("发现日期")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    due_on = models.DateField("办理期限", null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    case = models.ForeignKey("matters.Case", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    problem = models.ForeignKey(
        "supervision.Problem", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_on = models.DateField("了结日期", null=True, blank=True)

    objects: ClassVar[FindingQuerySet] = FindingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "核对差异"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "kind"], name="exchange_finding_state")]

    def __str__(self) -> str:
        return f"{self.person_name or self.unit} {self.kind}"

    @property
    def evidence_digest(self) -> str:
        """What tells the same evidence from another."""
        return _read(self.evidence, "digest")


class FindingStep(models.Model):
    """One thing that happened to a finding: append-only."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="steps")
    action = models.CharField("动作", max_length=20)
    text = models.CharField("说明", max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "差异办理记录"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.action


class ChangeKind(models.TextChoices):
    """What happened to a person."""

    HIRE = "hire", "入编"
    TRANSFER = "transfer", "调动"
    EXIT = "exit", "出编"
    ATTRIBUTE = "attribute", "信息变更"
    SALARY = "salary", "核定工资"


class ChangeState(models.TextChoices):
    """Where a recognised change stands."""

    WAITING = "waiting", "待核"
    CANDIDATE = "candidate", "待登记"
    CASE = "case", "办理中"
    REGISTERED = "registered", "已登记"
    DISMISSED = "dismissed", "不采纳"


class Change(models.Model):
    """入编, 调动, 出编 or a changed attribute recognised from deliveries or told by a message."""

    key = models.CharField("标识", max_length=64, unique=True)
    kind = models.CharField("种类", max_length=10, choices=ChangeKind.choices)
    state = models.CharField("状态", max_length=12, choices=ChangeState.choices, default=ChangeState.WAITING)
    person_key = models.CharField("人员标识", max_length=40, blank=True, db_index=True)
    person_name = models.CharField("姓名", max_length=80)
    person = models.ForeignKey("personnel.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    from_organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    to_organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    period = models.CharField("月份", max_length=7)
    happened_on = models.DateField("发生日期", null=True, blank=True)
    confidence = models.FloatField("把握", default=0)
    sources = models.JSONField("佐证部门", default=list)
    evidence = EncryptedJSONField("依据", default=dict)
    number_fingerprint = FingerprintField("身份证号指纹", of="id_number", db_index=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, blank=True, related_name="changes")
    case = models.ForeignKey("matters.Case", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "识别的变动"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.person_name} {self.get_kind_display()}"

    @property
    def id_number(self) -> str:
        """The number the departments know the person by; blank where they gave none."""
        return _read(self.evidence, "id_number")

    @classmethod
    def fingerprint(cls, number: str) -> str:
        """What a number is searched by."""
        column: FingerprintField = cls._meta.get_field("number_fingerprint")  # type: ignore[assignment]
        return column.fingerprint(number)


def _read(evidence: Mapping[str, Any], name: str) -> str:
    """One text of sealed evidence; a stand-in where it does not open."""
    if isinstance(evidence, StandIn):
        return SealedText.of(evidence.stored, evidence.why)  # type: ignore[no-any-return]
    return str(evidence.get(name) or "")
