"""Forms of supervision: each reads what was written and makes the order its service takes."""

from collections.abc import Iterable
from typing import Any

from django import forms

from bianzhi.common.web.forms import CountField, DayField, LookupField
from bianzhi.personnel.web.acting import ActForm
from bianzhi.personnel.web.forms.choices import CodeField
from bianzhi.supervision.models import PlanScope, PlanSubject, Problem, ProblemSeverity, ProblemSource
from bianzhi.supervision.services.inspecting import PlanOrder
from bianzhi.supervision.services.problems import Finding
from bianzhi.workflow.models import FlowDefinition

LOCKS = "销号前不受理该单位新的申请（R13）"


class PlanForm(ActForm):
    """检查方案: what is checked, how many of it, when."""

    sections = (
        ("方案", ("title", "basis")),
        ("检查时间", ("starts_on", "ends_on")),
        ("检查对象", ("subject", "definition")),
        ("办件的办结时间（检查办件时填写）", ("period_from", "period_until")),
        ("检查范围", ("scope", "percent", "seed")),
    )

    title = forms.CharField(label="方案名称", max_length=120)
    basis = forms.CharField(label="检查依据", max_length=300)
    starts_on = DayField(label="检查起")
    ends_on = DayField(label="检查止")
    subject = forms.ChoiceField(label="检查对象", choices=PlanSubject.choices)
    definition = forms.TypedChoiceField(
        label="业务事项", coerce=int, empty_value=None, required=False, help_text="检查办件时选择"
    )
    period_from = DayField(label="办结时间起", required=False)
    period_until = DayField(label="办结时间止", required=False, help_text="含当日")
    scope = forms.ChoiceField(label="检查范围", choices=PlanScope.choices)
    percent = CountField(
        label="抽查比例（%）", minimum=1, required=False, initial="20", help_text="抽查时填写，1 至 100"
    )
    seed = forms.CharField(
        label="抽样种子", max_length=40, required=False, help_text="可填现场摇出的号码，不填由系统产生；据此可重现抽样"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["basis"].css = "span-2"  # type: ignore[attr-defined]
        matters = [(str(pk), title) for pk, title in FlowDefinition.objects.values_list("pk", "title")]
        self.fields["definition"].choices = [("", "全部事项"), *matters]  # type: ignore[attr-defined]

    def order(self) -> PlanOrder:
        """The order for the service."""
        cleaned = self.cleaned_data
        return PlanOrder(
            title=cleaned["title"],
            basis=cleaned["basis"],
            subject=PlanSubject(cleaned["subject"]),
            scope=PlanScope(cleaned["scope"]),
            starts_on=cleaned["starts_on"],
            ends_on=cleaned["ends_on"],
            percent=cleaned["percent"] or 0,
            definition_id=cleaned["definition"],
            period_from=cleaned["period_from"],
            period_until=cleaned["period_until"],
            seed=cleaned["seed"],
        )


class WordsForm(ActForm):
    """One text that an act is done with; the page says what it is called."""

    wide = ("text",)
    sections = (("办理", ("text",)),)

    text = forms.CharField(label="说明", max_length=1000, widget=forms.Textarea)

    def __init__(self, *args: Any, called: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if called:
            self.fields["text"].label = called


def _kind() -> CodeField:
    return CodeField("problem_kind", label="问题类别", required=False)


def _severity() -> forms.ChoiceField:
    return forms.ChoiceField(label="严重程度", choices=ProblemSeverity.choices, required=False)


def _locks() -> forms.BooleanField:
    return forms.BooleanField(label=LOCKS, required=False, initial=True)


def _facts() -> forms.CharField:
    return forms.CharField(label="问题事实", max_length=1000, required=False, widget=forms.Textarea)


class InspectionForm(ActForm):
    """What a check found: the words, and up to three problems; further ones are registered in the ledger."""

    wide = ("text", "facts_1", "facts_2", "facts_3")
    sections = (
        ("检查结果", ("text",)),
        ("问题一（没有则不填）", ("kind_1", "severity_1", "locks_1", "facts_1")),
        ("问题二（没有则不填）", ("kind_2", "severity_2", "locks_2", "facts_2")),
        ("问题三（没有则不填）", ("kind_3", "severity_3", "locks_3", "facts_3")),
    )

    text = forms.CharField(label="检查情况", max_length=1000, widget=forms.Textarea)
    kind_1, severity_1, locks_1, facts_1 = _kind(), _severity(), _locks(), _facts()
    kind_2, severity_2, locks_2, facts_2 = _kind(), _severity(), _locks(), _facts()
    kind_3, severity_3, locks_3, facts_3 = _kind(), _severity(), _locks(), _facts()

    def clean(self) -> dict[str, Any]:
        """A problem has both a kind and facts."""
        cleaned = super().clean() or {}
        for n in (1, 2, 3):
            if cleaned.get(f"facts_{n}") and not cleaned.get(f"kind_{n}"):
                self.add_error(f"kind_{n}", "请选择问题类别。")
            if cleaned.get(f"kind_{n}") and not cleaned.get(f"facts_{n}"):
                self.add_error(f"facts_{n}", "请填写问题事实。")
        return cleaned

    def findings(self) -> tuple[Finding, ...]:
        """The problems filled in."""
        cleaned = self.cleaned_data
        return tuple(
            Finding(
                kind=cleaned[f"kind_{n}"],
                facts=cleaned[f"facts_{n}"],
                severity=ProblemSeverity(cleaned[f"severity_{n}"] or ProblemSeverity.MINOR),
                locks_unit=cleaned[f"locks_{n}"],
            )
            for n in (1, 2, 3)
            if cleaned.get(f"kind_{n}")
        )


class ProblemForm(ActForm):
    """A problem that came to light outside a check."""

    wide = ("facts",)
    sections = (("问题", ("unit", "source", "found_on", "kind", "severity", "locks_unit", "facts")),)

    unit = LookupField("organization", label="单位")
    source = forms.ChoiceField(label="发现途径", choices=ProblemSource.choices)
    found_on = DayField(label="发现日期")
    kind = CodeField("problem_kind", label="问题类别")
    severity = forms.ChoiceField(label="严重程度", choices=ProblemSeverity.choices)
    locks_unit = forms.BooleanField(label=LOCKS, required=False, initial=True)
    facts = forms.CharField(label="问题事实", max_length=1000, widget=forms.Textarea)

    def finding(self) -> Finding:
        """The finding for the service."""
        cleaned = self.cleaned_data
        return Finding(
            kind=cleaned["kind"],
            facts=cleaned["facts"],
            severity=ProblemSeverity(cleaned["severity"]),
            locks_unit=cleaned["locks_unit"],
            found_on=cleaned["found_on"],
        )


class OrderForm(ActForm):
    """《整改通知书》: which problems, what is asked, until when."""

    wide = ("problems", "measures")
    sections = (("整改通知书", ("problems", "measures", "due_on")),)

    problems = forms.TypedMultipleChoiceField(label="整改的问题", coerce=int, widget=forms.CheckboxSelectMultiple)
    measures = forms.CharField(label="整改要求", max_length=1000, widget=forms.Textarea)
    due_on = DayField(label="整改期限", required=False)

    def __init__(self, *args: Any, problems: Iterable[tuple[Problem, str]], usual: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["problems"].choices = [  # type: ignore[attr-defined]
            (problem.pk, f"{problem.number}　{kind}：{problem.facts}") for problem, kind in problems
        ]
        self.fields["due_on"].help_text = usual


class ExtensionForm(ActForm):
    """More time, and why."""

    wide = ("reason",)
    sections = (("延期", ("due_on", "reason")),)

    due_on = DayField(label="新的整改期限")
    reason = forms.CharField(label="延期原因", max_length=1000, widget=forms.Textarea)


class VerificationForm(ActForm):
    """Whether the rectification holds."""

    wide = ("text",)
    sections = (("核查", ("passed", "text")),)

    passed = forms.ChoiceField(
        label="核查结论", choices=[("yes", "通过，可以销号"), ("no", "未通过，继续整改")], widget=forms.RadioSelect
    )
    text = forms.CharField(label="核查情况", max_length=1000, widget=forms.Textarea)


class ReopeningForm(ActForm):
    """Taking a 销号 back."""

    wide = ("reason",)
    sections = (("撤销销号", ("due_on", "reason")),)

    due_on = DayField(label="新的整改期限", required=False)
    reason = forms.CharField(label="撤销原因", max_length=1000, widget=forms.Textarea)
