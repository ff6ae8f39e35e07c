"""Forms of appointments, duty states, secondments and employment outside the quota."""

from datetime import date
from typing import Any

from django import forms

from bianzhi.common.web.forms import DayField, IdNumberField, LookupField
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.models import Organization
from bianzhi.personnel.models import EngagementKind, Person
from bianzhi.personnel.rules.duty import STATES
from bianzhi.personnel.rules.outside_quota import SECONDMENT_MODES
from bianzhi.personnel.services.appointments import AppointmentOrder
from bianzhi.personnel.services.secondments import SecondmentOrder
from bianzhi.personnel.web.acting import ActForm, DirectActForm, DocumentedActForm
from bianzhi.personnel.web.forms.choices import BodyField, CodeField


class AppointmentForm(DirectActForm):
    """任职 (T05)."""

    document_label = "任职文件"
    sections = (
        ("任职", ("position", "post_level", "internal_body_id", "rank_code", "effective_on", "is_principal")),
        ("高配、超职数时填写", ("basis_document", "reason")),
    )

    position = forms.CharField(label="职务名称", max_length=100)
    post_level = CodeField("post_level", required=False, empty="不占领导职数", label="职数类别")
    internal_body_id = BodyField()
    rank_code = CodeField("position_rank", required=False, label="职务层次")
    effective_on = DayField(label="任职日期")
    is_principal = forms.BooleanField(label="主要职务（兼职不勾选，不重复计职数）", required=False, initial=True)
    basis_document = LookupField("document", label="高配（超配）依据文件", required=False)
    reason = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args: Any, organization_id: int, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization_id = organization_id
        self.fields["internal_body_id"].offer(organization_id, today)  # type: ignore[attr-defined]

    def order(self, person: Person, document: ApprovalDocument) -> AppointmentOrder:
        """The order for the service."""
        cleaned = self.cleaned_data
        names = ("position", "post_level", "internal_body_id", "rank_code", "effective_on", "is_principal",
                 "basis_document", "reason")  # fmt: skip
        return AppointmentOrder(
            person_id=person.pk,
            organization_id=self.organization_id,
            document=document,
            **{name: cleaned[name] for name in names},
        )


class EndAppointmentForm(DocumentedActForm):
    """免职、离任."""

    document_label = "免职文件"
    sections = (("免职", ("effective_on", "reason")),)

    effective_on = DayField(label="免职日期")
    reason = forms.CharField(label="说明", max_length=300, required=False)


class DutyForm(ActForm):
    """在岗情况变更."""

    sections = (("在岗情况", ("state", "reason", "effective_on", "note", "document")),)

    state = CodeField("duty_state", only=STATES, label="变更为")
    reason = CodeField("off_duty_reason", required=False, empty="无", label="不在岗原因")
    effective_on = DayField(label="自何日起")
    note = forms.CharField(label="说明", max_length=300, required=False)
    document = LookupField("document", label="依据文件", required=False)


class SecondmentForm(DocumentedActForm):
    """借调、挂职、援派: to whom, from when, until when."""

    document_label = "批准文件"
    sections = (("借调挂职", ("mode", "to_organization", "outside_party", "effective_on", "planned_until")),)

    mode = CodeField("secondment_mode", only=SECONDMENT_MODES, label="形式")
    to_organization = LookupField("organization", label="接收单位（区内）", required=False)
    outside_party = forms.CharField(label="区外单位", max_length=200, required=False, help_text="接收单位在区外时填写")
    effective_on = DayField(label="开始日期")
    planned_until = DayField(label="约定期限", help_text="必填，到期须返回或续期")

    def order(self, person: Person, document: ApprovalDocument) -> SecondmentOrder:
        """The order for the service."""
        cleaned = self.cleaned_data
        unit: Organization | None = cleaned["to_organization"]
        return SecondmentOrder(
            person_id=person.pk,
            mode=cleaned["mode"],
            effective_on=cleaned["effective_on"],
            planned_until=cleaned["planned_until"],
            document=document,
            to_organization_id=unit.pk if unit else None,
            outside_party=cleaned["outside_party"],
        )


class ReturnForm(ActForm):
    """A lent person is back."""

    sections = (("返回", ("returned_on",)),)

    returned_on = DayField(label="返回日期", help_text="自该日起回原单位在岗")


class EngagementForm(DirectActForm):
    """编外（员额）用工: who is employed where, as what."""

    document_label = "用工审批文件"
    sections = (
        ("人员", ("name", "id_number")),
        ("用工", ("organization", "kind", "form", "position", "funding_source", "effective_on")),
    )

    name = forms.CharField(label="姓名", max_length=60)
    id_number = IdNumberField()
    organization = LookupField("organization", label="用工单位")
    kind = forms.ChoiceField(label="种类", choices=EngagementKind.choices)
    form = CodeField("non_quota_kind", required=False, empty="（员额不填）", label="用工形式")
    position = forms.CharField(label="岗位", max_length=100, required=False)
    funding_source = forms.CharField(label="经费来源", max_length=60, required=False)
    effective_on = DayField(label="开始日期")


class EndEngagementForm(ActForm):
    """解除用工."""

    sections = (("解除", ("effective_on", "reason")),)

    effective_on = DayField(label="解除日期", help_text="自该日起不再计入控制数")
    reason = forms.CharField(label="原因", max_length=200)


def kind_label(kind: str, form: str) -> str:
    """编外用工（劳务派遣）."""
    label = EngagementKind(kind).label
    return f"{label}（{codes('non_quota_kind').label(form)}）" if form else label
