"""Forms of 公示异议: what was raised, and how it was answered."""

from typing import Any

from django import forms

from bianzhi.personnel.web.acting import ActForm

FAILS: dict[str, str] = {"no": "不成立，继续公示"}
HOLDS: dict[str, str] = {"return": "成立，办件退回申请人", "stop": "成立，终止办件"}


class ObjectionForm(ActForm):
    """An objection as it came in."""

    wide = ("text",)
    sections = (("异议", ("raised_by", "contact", "text")),)

    raised_by = forms.CharField(label="异议人", max_length=60)
    contact = forms.CharField(label="联系方式", max_length=60, required=False, help_text="电话或地址，只有经办人员可见")
    text = forms.CharField(label="异议内容", max_length=1000, widget=forms.Textarea)


class AnswerForm(ActForm):
    """What the office found; that an objection holds is the director's to say."""

    wide = ("answer",)
    sections = (("处理", ("outcome", "answer")),)

    outcome = forms.ChoiceField(label="认定结果", widget=forms.RadioSelect)
    answer = forms.CharField(label="处理结果", max_length=1000, widget=forms.Textarea)

    def __init__(self, *args: Any, may_uphold: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {**FAILS, **HOLDS} if may_uphold else FAILS
        self.fields["outcome"].choices = list(offered.items())  # type: ignore[attr-defined]
        if not may_uphold:
            self.fields["outcome"].help_text = "认定异议成立、退回或终止办件，由编办主任办理"
