"""Forms of entry, transfer and exit."""

from datetime import date
from typing import Any

from django import forms

from bianzhi.common.web.forms import DayField, LookupField
from bianzhi.documents.models import ApprovalDocument
from bianzhi.personnel.models import ApprovalSlot, Occupancy, Person
from bianzhi.personnel.rules.corrections import CORRECTABLE
from bianzhi.personnel.rules.modes import evidence_of_entry, evidence_of_exit
from bianzhi.personnel.rules.units import is_pooled
from bianzhi.personnel.services.entries import EntryOrder
from bianzhi.personnel.services.exits import ExitOrder
from bianzhi.personnel.services.transfers import InternalOrder, TransferOrder
from bianzhi.personnel.web.acting import DirectActForm
from bianzhi.personnel.web.forms import persons
from bianzhi.personnel.web.forms.choices import BodyField, CodeField, EvidenceField
from bianzhi.personnel.web.words import quota_choices

REINSTATEMENT = "I15"


class EntryForm(DirectActForm, persons.NewPersonFields):
    """入编: who comes on a slot, from when, by which papers. Without a slot it is a reinstatement (I15)."""

    document_label = "录用（聘用、调动）文件"
    sections = (
        ("身份信息", persons.IDENTITY),
        (
            "入编信息",
            ("effective_on", "joined_unit_on", "quota_type", "internal_body_id", "source", "term_until", "evidence",
             "reason"),
        ),
        ("工作信息", persons.WORK),
        ("岗位信息", persons.POST),
        ("学历学位", persons.SCHOOL),
        ("退休与档案认定", persons.RETIREMENT),
        ("其他", persons.CONTACT),
    )  # fmt: skip

    effective_on = DayField(label="入编时间", help_text="报到之日；可写 2026-03-02、20260302")
    joined_unit_on = DayField(label="进入本单位时间", required=False, help_text="不填则同入编时间")
    quota_type = forms.ChoiceField(label="编制类型", choices=[("", "请选择"), *quota_choices()])
    internal_body_id = BodyField()
    source = forms.CharField(label="进入来源", max_length=120, required=False, help_text="原单位或毕业院校")
    term_until = DayField(label="使用期限", required=False, help_text="周转、人才专项编制必填")
    evidence = EvidenceField()
    reason = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args: Any, slot: ApprovalSlot | None, organization_id: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slot, self.organization_id = slot, organization_id
        self.fields["internal_body_id"].offer(organization_id, today)  # type: ignore[attr-defined]
        self.fields["evidence"].css = "span-all"  # type: ignore[attr-defined]
        self.fields["evidence"].offer(evidence_of_entry(slot.entry_mode if slot else REINSTATEMENT))  # type: ignore[attr-defined]
        if slot is None:
            self.fields["reason"].required = True
            return
        del self.fields["quota_type"]
        self.initial.setdefault("internal_body_id", slot.internal_body_id)
        if not is_pooled(slot.quota_type):
            del self.fields["term_until"]

    def order(self, document: ApprovalDocument) -> EntryOrder:
        """The order for the service; whom the number belongs to is the service's to find."""
        cleaned = self.cleaned_data
        return EntryOrder(
            person=self.person_facts(),
            effective_on=cleaned["effective_on"],
            document=document,
            slot_id=self.slot.pk if self.slot else None,
            organization_id=self.organization_id,
            quota_type="" if self.slot else cleaned["quota_type"],
            entry_mode="" if self.slot else REINSTATEMENT,
            internal_body_id=cleaned["internal_body_id"],
            evidence=cleaned["evidence"],
            source=cleaned["source"],
            joined_unit_on=cleaned["joined_unit_on"],
            term_until=cleaned.get("term_until"),
            reason=cleaned["reason"],
        )


class TransferForm(DirectActForm):
    """区内调动 onto a slot of another unit (T02, T03, T07)."""

    document_label = "调动文件"
    sections = (("调动", ("mode", "slot", "effective_on", "internal_body_id", "term_until", "reason")),)

    mode = CodeField("internal_mode", only=("T03", "T02", "T07"), label="调动形式")
    slot = forms.TypedChoiceField(label="使用的核准名额", coerce=int)
    effective_on = DayField(label="生效日期", help_text="自该日起在调入单位占编")
    internal_body_id = BodyField(label="调入的内设机构")
    term_until = DayField(label="使用期限", required=False, help_text="周转、人才专项编制必填")
    reason = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(
        self, *args: Any, slots: list[tuple[str, str]], organization_id: int, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].choices = [("", "请选择"), *slots]  # type: ignore[attr-defined]
        self.fields["internal_body_id"].offer(organization_id, today)  # type: ignore[attr-defined]

    def order(self, person: Person, document: ApprovalDocument) -> TransferOrder:
        """The order for the service."""
        cleaned = self.cleaned_data
        return TransferOrder(
            person_id=person.pk,
            slot_id=cleaned["slot"],
            effective_on=cleaned["effective_on"],
            document=document,
            mode=cleaned["mode"],
            internal_body_id=cleaned["internal_body_id"],
            term_until=cleaned["term_until"],
            reason=cleaned["reason"],
        )


class InternalForm(DirectActForm):
    """What the changes inside a unit have in common."""

    effective_on = DayField(label="生效日期")
    reason = forms.CharField(label="说明", max_length=300, required=False)

    def order(self, person: Person, document: ApprovalDocument) -> InternalOrder:
        """The order for the service."""
        cleaned = self.cleaned_data
        return InternalOrder(
            person_id=person.pk,
            effective_on=cleaned["effective_on"],
            document=document,
            internal_body_id=cleaned.get("internal_body_id"),
            quota_type=cleaned.get("quota_type", ""),
            term_until=cleaned.get("term_until"),
            reason=cleaned["reason"],
        )


class BodyForm(InternalForm):
    """内设机构间调整 (T01)."""

    sections = (("内设机构间调整", ("internal_body_id", "effective_on", "reason")),)

    internal_body_id = BodyField(label="调整到")

    def __init__(self, *args: Any, organization_id: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["internal_body_id"].offer(organization_id, today)  # type: ignore[attr-defined]


class QuotaTypeForm(InternalForm):
    """编制类型变化 (T04)."""

    sections = (("编制类型变化", ("quota_type", "effective_on", "term_until", "reason")),)

    quota_type = forms.ChoiceField(label="改为编制类型", choices=[("", "请选择"), *quota_choices()])
    term_until = DayField(label="使用期限", required=False, help_text="周转、人才专项编制必填")


class IdentityForm(InternalForm):
    """身份变更 (T08), with the quota type where that changes too."""

    sections = (("身份变更", ("identity", "quota_type", "effective_on", "term_until", "reason")),)

    identity = CodeField("person_identity", label="改为人员身份")
    quota_type = forms.ChoiceField(label="同时改为编制类型", choices=[("", "不变"), *quota_choices()], required=False)
    term_until = DayField(label="使用期限", required=False, help_text="周转、人才专项编制必填")


class ExitForm(DirectActForm):
    """出编: when it happened, the papers of the mode, where the person went."""

    document_label = "出编依据文件"
    sections = (("出编", ("event_on", "last_day", "destination", "reason", "evidence")),)

    event_on = DayField(label="事由发生日期", help_text="退休按月计，其余为最后占编日")
    last_day = DayField(label="最后占编日", required=False, help_text="与事由发生日期不同时填写")
    destination = forms.CharField(label="去向", max_length=120, required=False)
    reason = forms.CharField(label="说明", max_length=300, required=False)
    evidence = EvidenceField()

    def __init__(self, *args: Any, mode: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mode = mode
        self.fields["evidence"].css = "span-all"  # type: ignore[attr-defined]
        self.fields["evidence"].offer(evidence_of_exit(mode))  # type: ignore[attr-defined]

    def order(self, person: Person, document: ApprovalDocument) -> ExitOrder:
        """The order for the service."""
        cleaned = self.cleaned_data
        return ExitOrder(
            person_id=person.pk,
            mode=self.mode,
            event_on=cleaned["event_on"],
            document=document,
            evidence=cleaned["evidence"],
            destination=cleaned["destination"],
            last_day=cleaned["last_day"],
            reason=cleaned["reason"],
        )


class ReversalForm(DirectActForm):
    """冲正 of a movement: the reason and the document."""

    document_label = "冲正依据"
    sections = (("冲正", ("reason",)),)
    wide = ("reason",)

    reason = forms.CharField(label="冲正原因", max_length=300, min_length=4, widget=forms.Textarea)


class CorrectionForm(DirectActForm):
    """更正 of an occupancy: its facts as they should have been recorded, and why."""

    document_label = "更正依据"
    sections = (
        (
            "占编记录（修改需要更正的项目）",
            ("valid_from", "internal_body_id", "entry_mode", "entry_source", "joined_unit_on", "term_until",
             "entry_document"),
        ),
        ("更正", ("correction_reason",)),
    )  # fmt: skip
    wide = ("correction_reason",)

    valid_from = DayField(label="占编起")
    internal_body_id = BodyField()
    entry_mode = CodeField("entry_mode", label="进入形式")
    entry_source = forms.CharField(label="进入来源", max_length=120, required=False)
    joined_unit_on = DayField(label="进入本单位时间", required=False)
    term_until = DayField(label="使用期限", required=False)
    entry_document = LookupField("document", label="入编依据")
    correction_reason = forms.CharField(label="更正原因", max_length=300, min_length=4)

    def __init__(self, *args: Any, occupancy: Occupancy, today: date, **kwargs: Any) -> None:
        self.occupancy = occupancy
        names = ("valid_from", "internal_body_id", "entry_mode", "entry_source", "joined_unit_on", "term_until")
        kwargs["initial"] = {name: getattr(occupancy, name) for name in names} | {
            "entry_document": occupancy.entry_document_id
        }
        super().__init__(*args, **kwargs)
        self.fields["internal_body_id"].offer(occupancy.organization_id, today)  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """The facts that differ from what is recorded."""
        given = {name: self.cleaned_data[name] for name in self.initial if name in CORRECTABLE}
        given["entry_document_id"] = self.cleaned_data["entry_document"].pk
        return {name: value for name, value in given.items() if value != getattr(self.occupancy, name)}
