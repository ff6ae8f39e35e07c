"""What every look at personal data asks: the purpose, from the list, and the matter."""

from typing import Any

from django import forms

from bianzhi.common.web.forms import BaseForm
from bianzhi.disclosure.rules import purposes
from bianzhi.kernel.objections import Refused


class PurposeForm(BaseForm):
    """`cleaned_data["purpose"]` is the purpose in words, matter included."""

    purpose = forms.ChoiceField(label="用途", choices=[("", "请选择"), *purposes.choices()])
    note = forms.CharField(label="具体事项", max_length=80, help_text="如办件编号、来文文号；记入审计")

    def clean(self) -> dict[str, Any]:
        """Both together, as they stand in the record."""
        said = super().clean() or {}
        if {"purpose", "note"} <= said.keys():
            try:
                said["purpose"] = purposes.stated(said["purpose"], said["note"])
            except Refused as refusal:
                self.add_objections(refusal)
                self.add_error("note", refusal.objections[0].message)
        return said
