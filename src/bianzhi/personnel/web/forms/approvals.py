"""Forms of staffing approvals."""

from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from bianzhi.common.web.forms import BaseForm, CountField, DayField, LookupField
from bianzhi.documents.models import ApprovalDocument
from bianzhi.organizations.models import Organization
from bianzhi.personnel.rules.modes import WITHOUT_SLOT
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest
from bianzhi.personnel.web.acting import DirectActForm
from bianzhi.personnel.web.forms.choices import BodyField, CodeField
from bianzhi.personnel.web.words import quota_choices


class ApprovalForm(DirectActForm):
    """What a slip says besides its slots."""

    sections = (("核准单", ("valid_until", "purpose")),)

    valid_until = DayField(label="有效期至", required=False, help_text="不填则按规定期限计算")
    purpose = forms.CharField(label="用途说明", max_length=300, required=False)

    def order(
        self, organization: Organization, requests: list[SlotRequest], document: ApprovalDocument
    ) -> ApprovalOrder:
        """The order of the slip."""
        return ApprovalOrder(
            organization_id=organization.pk,
            requests=requests,
            document=document,
            purpose=self.cleaned_data["purpose"],
            valid_until=self.cleaned_data["valid_until"],
        )


class SlotLineForm(BaseForm):
    """One line of a slip: so many slots of one kind, or one slot that waits for somebody's exit."""

    quota_type = forms.ChoiceField(label="编制类型", choices=[("", "请选择"), *quota_choices()])
    entry_mode = CodeField("entry_mode", label="进入形式")
    count = CountField(label="人数", minimum=1, initial="1")
    internal_body_id = BodyField()
    replaces = LookupField("person", label="接替人员", required=False, help_text="出一进一：此人出编后名额才生效")
    term_until = DayField(label="使用期限", required=False, help_text="周转、人才专项编制必填")

    def __init__(self, *args: Any, organization: Organization | None = None, day: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(code, name) for code, name in self.fields["entry_mode"].choices if code not in WITHOUT_SLOT]  # type: ignore[attr-defined]
        self.fields["entry_mode"].choices = chosen  # type: ignore[attr-defined]
        if organization is not None:
            self.fields["internal_body_id"].offer(organization.pk, day)  # type: ignore[attr-defined]

    def request(self) -> SlotRequest:
        """The request of this line."""
        cleaned = self.cleaned_data
        return SlotRequest(
            quota_type=cleaned["quota_type"],
            entry_mode=cleaned["entry_mode"],
            count=cleaned["count"],
            internal_body_id=cleaned["internal_body_id"],
            replaces_id=cleaned["replaces"].pk if cleaned["replaces"] else None,
            term_until=cleaned["term_until"],
        )


class BaseSlotLines(BaseFormSet[SlotLineForm]):
    """The lines of one slip."""

    def requests(self) -> list[SlotRequest]:
        """The requests of the lines filled in."""
        return [form.request() for form in self.forms if form.has_changed() and form.cleaned_data]


SlotLines = formset_factory(
    SlotLineForm, formset=BaseSlotLines, extra=3, min_num=1, max_num=12, validate_min=True, validate_max=True
)
