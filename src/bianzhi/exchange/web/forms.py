"""Forms of the hub: each reads what was written for one service."""

from collections.abc import Iterable
from typing import Any

from django import forms

from bianzhi.common.web.forms import BaseForm, DayField, LookupField
from bianzhi.exchange.rules.handling import VERDICTS
from bianzhi.exchange.web import people
from bianzhi.personnel.web.acting import ActForm
from bianzhi.personnel.web.forms.choices import CodeField

ACTS = [
    ("assign", "交办核实"),
    ("confirm", "提出意见：认定差异属实"),
    ("dismiss", "提出意见：差异不成立"),
    ("agree", "复核：同意所提意见"),
    ("disagree", "复核：退回重新核实"),
    ("take_back", "收回，重新待核"),
]


class AssignForm(ActForm):
    """Who is to find out, until when."""

    sections = (("交办", ("assignee", "due_on")),)

    assignee = LookupField(people.LOOKUP, label="承办人", help_text="编办人员、部门联络员、单位经办")
    due_on = DayField(label="办理期限")


class WordsForm(ActForm):
    """One text an act is done with; the page says what it is called."""

    wide = ("text",)
    sections = (("办理", ("text",)),)

    text = forms.CharField(label="说明", max_length=500, widget=forms.Textarea)

    def __init__(self, *args: Any, called: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if called:
            self.fields["text"].label = called


class ProposeForm(ActForm):
    """What somebody thinks of a finding, with the reason, for a second person to decide."""

    wide = ("text",)
    sections = (("处理意见", ("verdict", "text")),)

    verdict = forms.ChoiceField(label="处理意见", choices=list(VERDICTS.items()), widget=forms.RadioSelect)
    text = forms.CharField(label="理由", max_length=500, widget=forms.Textarea)


class SettleForm(ActForm):
    """The second person's word."""

    wide = ("text",)
    sections = (("复核", ("agree", "text")),)

    agree = forms.ChoiceField(
        label="复核结论", choices=[("yes", "同意"), ("no", "不同意，退回重新核实")], widget=forms.RadioSelect
    )
    text = forms.CharField(
        label="复核意见", max_length=500, required=False, widget=forms.Textarea, help_text="不同意的须说明理由"
    )


class ProblemForm(ActForm):
    """What kind of problem a confirmed finding is, and whether new applications of the unit wait for it."""

    sections = (("移送督查", ("kind", "locks_unit")),)

    kind = CodeField("problem_kind", label="问题类别")
    locks_unit = forms.BooleanField(label="销号前不受理该单位新的申请（R13）", required=False)


class BatchForm(BaseForm):
    """One act for many findings; which fields are needed depends on the act."""

    wide = ("text",)

    act = forms.ChoiceField(label="办理方式", choices=[("", "请选择"), *ACTS])
    assignee = LookupField(people.LOOKUP, label="承办人", required=False, help_text="交办时填写")
    due_on = DayField(label="办理期限", required=False)
    text = forms.CharField(label="理由", max_length=500, required=False, widget=forms.Textarea)

    def clean(self) -> dict[str, Any]:
        """Whoever assigns says to whom and until when; every other act but agreeing says why."""
        cleaned = super().clean() or {}
        act = cleaned.get("act")
        if act == "assign" and not cleaned.get("assignee"):
            self.add_error("assignee", "请选择承办人。")
        if act == "assign" and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "请填写办理期限。")
        if act in ("confirm", "dismiss", "disagree", "take_back") and not cleaned.get("text"):
            self.add_error("text", "请填写理由。")
        return cleaned


class RunForm(ActForm):
    """Which month is compared, and whether without a department that has not delivered."""

    sections = (("核对", ("period", "allow_missing")),)

    period = forms.ChoiceField(label="月份")
    allow_missing = forms.BooleanField(label="有部门没有报送也核对（结果只比较已报送的部门）", required=False)

    def __init__(self, *args: Any, periods: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [(each, each) for each in periods]  # type: ignore[attr-defined]


class AliasForm(ActForm):
    """Which unit of the register a department's writing stands for."""

    sections = (("所指单位", ("unit",)),)

    unit = LookupField("organization", label="本系统登记的单位", help_text="名称、简称、拼音首字母")
