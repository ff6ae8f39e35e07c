"""What is written and chosen when a task is done; one form for every button of the decision bar."""

from typing import Any, Final

from django import forms

from bianzhi.common.web.forms import LookupField, LookupListField
from bianzhi.common.web.once import TokenForm
from bianzhi.intake.taking import look_ahead
from bianzhi.kernel.files import SCANS, Upload
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.parameters import LARGEST_PAPER
from bianzhi.workflow.rules.profile import Way
from bianzhi.workflow.web.people import LOOKUP

POSITIONS: Final = (
    ("before", "前加签：先请其提出意见，我再办理"),
    ("after", "后加签：我办理后再请其提出意见"),
    ("beside", "并加签：与我同时办理"),
)
WAYS: Final = {Way.STEP: "改后逐级重新办理", Way.DIRECT: "改后直接送回我"}
LONGEST_OPINION: Final = 1000
SCAN_NAMES: Final = ",".join(f".{extension}" for extension in SCANS)


class OpinionForm(TokenForm):
    """The opinion with whatever the pressed button needs besides; every field is read by the act that wants it."""

    text = forms.CharField(label="意见", required=False, max_length=LONGEST_OPINION, widget=forms.Textarea)
    target = forms.CharField(required=False, max_length=80)
    way = forms.ChoiceField(required=False, choices=[(way.value, words) for way, words in WAYS.items()])
    position = forms.ChoiceField(required=False, choices=POSITIONS)
    signer = forms.IntegerField(required=False)
    branch = forms.IntegerField(required=False)
    on_behalf_of = forms.IntegerField(required=False)
    person = LookupField(LOOKUP, label="转给", required=False)
    added = LookupField(LOOKUP, label="加签人", required=False)
    paper = forms.FileField(label="手写签批件", required=False, widget=forms.FileInput)
    copies = LookupListField(LOOKUP, label="抄送给", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs.update({"rows": "2", "placeholder": "填写办理意见"})
        self.fields["paper"].widget.attrs.update({"accept": SCAN_NAMES, "hx-preserve": "true"})

    @property
    def opinion(self) -> str:
        """What was written."""
        return str(self.cleaned_data.get("text", "")).strip()

    @property
    def upload(self) -> Upload | None:
        """The scan that was sent, no more of it than tells that it is too large.

        Raises Refused for what the gate does not let through.
        """
        file = self.cleaned_data.get("paper")
        if not file:
            return None
        sent = Upload(file.name or "", file.read(LARGEST_PAPER.number * 2**20 + 1))
        return look_ahead(sent, actor=self.user, largest_megabytes=LARGEST_PAPER.number, kinds=SCANS)

    def need(self, name: str, words: str, next_step: str) -> Any:
        """What was chosen; Refused with the words when nothing was."""
        found = self.cleaned_data.get(name)
        if not found:
            raise Refused([Objection("L4", words, next_step=next_step)])
        return found
