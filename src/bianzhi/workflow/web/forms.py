"""What is written and chosen when a task is done; one form for every button of the decision bar."""

from typing import Any, Final

from django import forms

from bianzhi.common.web.forms import LookupField, LookupListField
from bianzhi.common.web.once import TokenForm
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.rules.profile import Way
from bianzhi.workflow.web.people import LOOKUP

POSITIONS: Final = (
    ("before", "前加签：先请其提出意见，我再办理"),
    ("after", "后加签：我办理后再请其提出意见"),
    ("beside", "并加签：与我同时办理"),
)
WAYS: Final = {Way.STEP: "改后逐级重新办理", Way.DIRECT: "改后直接送回我"}
LONGEST_OPINION: Final = 1000


class OpinionForm(TokenForm):
    """The opinion with whatever the pressed button needs besides; every field is read by the act that wants it."""

    text = forms.CharField(label="意见", required=False, max_length=LONGEST_OPINION, widget=forms.Textarea)
    target = forms.CharField(required=False, max_length=80)
    way = forms.ChoiceField(required=False, choices=[(way.value, words) for way, words in WAYS.items()])
    position = forms.ChoiceField(required=False, choices=POSITIONS)
    signer = forms.IntegerField(required=False)
    branch = forms.IntegerField(required=False)
    person = LookupField(LOOKUP, label="转给", required=False)
    added = LookupField(LOOKUP, label="加签人", required=False)
    copies = LookupListField(LOOKUP, label="抄送给", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.update({"rows": "2", "placeholder": "填写办理意见"})

    @property
    def opinion(self) -> str:
        """What was written."""
        return str(self.cleaned_data.get("text", "")).strip()

    def need(self, name: str, words: str, next_step: str) -> Any:
        """What was chosen; Refused with the words when nothing was."""
        found = self.cleaned_data.get(name)
        if not found:
            raise Refused([Objection("L4", words, next_step=next_step)])
        return found
