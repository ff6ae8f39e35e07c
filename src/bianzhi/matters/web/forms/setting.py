"""Forms that set a matter up: its fields, papers, clocks, approvers and flow."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict

from bianzhi.common.web.forms import BaseForm, CountField
from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.approvers import LEVELS, ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import PLAIN, FieldSpec, Kind
from bianzhi.matters.services.configuring import MatterSettings
from bianzhi.workflow.models import FlowVersion

KIND_WORDS: Final = {
    Kind.TEXT: "单行文字",
    Kind.TEXTAREA: "多行文字",
    Kind.INTEGER: "整数",
    Kind.DAY: "日期",
    Kind.YES_NO: "是或否",
    Kind.CHOICE: "单项选择",
    Kind.CODE: "代码",
    Kind.QUOTA_TYPE: "编制类型",
    Kind.ENTRY_MODE: "进入形式",
    Kind.EXIT_MODE: "出编类型",
    Kind.POST_LEVEL: "职数类别",
    Kind.ORGANIZATION: "单位",
    Kind.BODY: "内设机构",
    Kind.PERSON: "人员",
    Kind.SLOT: "核准名额",
    Kind.PLAN_ITEM: "用编计划项",
    Kind.DOCUMENT: "文件",
    Kind.EVIDENCE: "已核验材料",
    Kind.TABLE: "表格",
}
ADDABLE: Final = [(kind.value, KIND_WORDS[kind]) for kind in Kind if kind in PLAIN]


class GeneralForm(BaseForm):
    """Clocks, 公示, 督查, flow, and what was changed."""

    wide = ("note",)

    clock_days = CountField(label="办理时限（工作日）", minimum=1)
    publication_days = CountField(label="公示期（工作日）", minimum=0, help_text="0 为不公示")
    sampling_percent = CountField(label="督查抽查比例（%）", minimum=0, help_text="100 为全部督查，0 为不督查")
    flow_version_id = forms.TypedChoiceField(label="流程版本", coerce=int)
    note = forms.CharField(label="修改说明", max_length=300, required=False, help_text="改了什么、为什么改")

    def __init__(self, *args: Any, flows: Sequence[FlowVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["flow_version_id"].choices = [(flow.pk, str(flow)) for flow in flows]  # type: ignore[attr-defined]


class FieldForm(BaseForm):
    """One field of the form: how it is called and explained, whether it must be filled, where it stands."""

    spec: FieldSpec | None = None
    kind_words = ""

    name = forms.CharField(widget=forms.HiddenInput, max_length=60)
    order = CountField(label="顺序", minimum=0)
    label = forms.CharField(label="名称", max_length=60)
    help = forms.CharField(label="填写说明", max_length=200, required=False)
    section = forms.CharField(label="所在部分", max_length=40, required=False, help_text="空为接前一项")
    required = forms.BooleanField(label="必填", required=False)
    hidden = forms.BooleanField(label="不用", required=False)


class NewFieldForm(BaseForm):
    """A plain field added by the administrator."""

    kind = forms.ChoiceField(label="种类", choices=[("", "请选择"), *ADDABLE])
    label = forms.CharField(label="名称", max_length=60)
    help = forms.CharField(label="填写说明", max_length=200, required=False)
    section = forms.CharField(label="所在部分", max_length=40, required=False)
    options = forms.CharField(label="选项", max_length=500, required=False, help_text="单项选择填写，用顿号隔开")
    required = forms.BooleanField(label="必填", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Kind.CHOICE and len(self.choices_of(cleaned.get("options", ""))) < 2:
            self.add_error("options", "单项选择至少有两个选项，用顿号隔开。")
        return cleaned

    @staticmethod
    def choices_of(text: str) -> tuple[tuple[str, str], ...]:
        """The options as they are kept: each is its own value."""
        words = [word.strip() for word in text.replace("，", "、").replace(",", "、").split("、")]
        return tuple((word, word) for word in dict.fromkeys(words) if word)


class PaperForm(BaseForm):
    """One kind of paper the matter asks for."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    label = forms.CharField(label="材料名称", max_length=60)
    help = forms.CharField(label="说明", max_length=200, required=False)
    required = forms.BooleanField(label="必须提供", required=False)
    removed = forms.BooleanField(label="不用", required=False)


class ApproverForm(BaseForm):
    """One row of the approver matrix."""

    when = forms.CharField(
        label="条件", max_length=300, required=False, help_text="空为任何情况；如 needs_upper == true"
    )
    level = forms.ChoiceField(label="由谁定", choices=[("", "请选择"), *LEVELS.items()])
    words = forms.CharField(label="怎么说", max_length=100, help_text="如 副科级以上机构报上级批准")


class Lines(BaseFormSet[BaseForm]):
    """Rows of a setting; a new row nobody filled in is passed over."""

    @property
    def filled(self) -> list[dict[str, Any]]:
        """What the rows say."""
        return [form.cleaned_data for form in self.forms if form.has_changed() and form.cleaned_data]

    @property
    def all(self) -> list[dict[str, Any]]:
        """What every row says, changed or not."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data]


FieldLines = formset_factory(FieldForm, formset=Lines, extra=0)
NewFieldLines = formset_factory(NewFieldForm, formset=Lines, extra=1, max_num=40)
PaperLines = formset_factory(PaperForm, formset=Lines, extra=1, max_num=80)
ApproverLines = formset_factory(ApproverForm, formset=Lines, extra=1, max_num=40)


class SettingForms:
    """The forms of one matter together: read, checked and made into settings together."""

    def __init__(self, version: MatterVersion, flows: Sequence[FlowVersion], data: QueryDict | None = None) -> None:
        self.before = MatterSettings.of(version)
        numbers = {
            name: getattr(self.before, name)
            for name in ("clock_days", "publication_days", "sampling_percent", "flow_version_id")
        }
        note = version.note if version.status == "draft" else ""
        self.general = GeneralForm(data, flows=flows, initial={**numbers, "note": note})
        self.fields: Any = FieldLines(data, prefix="fields", initial=_field_rows(self.before.fields))
        self.new_fields: Any = NewFieldLines(data, prefix="new")
        self.papers: Any = PaperLines(data, prefix="papers", initial=_paper_rows(self.before.evidence))
        self.approvers: Any = ApproverLines(
            data, prefix="approvers", initial=[_rule(rule) for rule in self.before.approvers]
        )
        specs = {spec.name: spec for spec in self.before.fields}
        for form in cast("list[FieldForm]", self.fields.forms):
            form.spec = specs.get(str(form["name"].value()))
            form.kind_words = KIND_WORDS[Kind(form.spec.kind)] if form.spec else ""

    def is_valid(self) -> bool:
        """Whether everything typed can be read; every form is asked, so that the reader sees all mistakes."""
        answers = [each.is_valid() for each in self._all()]
        return all(answers)

    def _all(self) -> list[Any]:
        return [self.general, self.fields, self.new_fields, self.papers, self.approvers]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What cannot be read: (id of the control, words)."""
        forms = [self.general, *(form for lines in self._all()[1:] for form in lines.forms)]
        return [
            (form[name].id_for_label, f"{form[name].label}：{text}")
            for form in forms
            for name, texts in (form.errors.items() if form.is_bound else ())
            if name in form.fields
            for text in texts
        ]

    @property
    def error_count(self) -> int:
        """How many lines the error summary has."""
        return len(self.problems)

    def settings(self) -> MatterSettings:
        """What was set."""
        return replace(
            self.before,
            **{name: self.general.cleaned_data[name] for name in self.general.cleaned_data},
            fields=self._fields(),
            evidence=self._papers(),
            approvers=tuple(ApproverRule(row["level"], row["words"], row["when"]) for row in self.approvers.all),
        )

    def _fields(self) -> tuple[FieldSpec, ...]:
        known = {spec.name: spec for spec in self.before.fields}
        rows = sorted(self.fields.all, key=lambda row: row["order"])
        kept = [_changed(known[row["name"]], row) for row in rows if row["name"] in known]
        taken = {spec.name for spec in kept}
        for row in self.new_fields.filled:
            name = _free_name("extra", taken)
            taken.add(name)
            kept.append(
                FieldSpec(
                    name,
                    row["kind"],
                    row["label"],
                    required=row["required"],
                    help=row["help"],
                    section=row["section"],
                    options=NewFieldForm.choices_of(row["options"]) if row["kind"] == Kind.CHOICE else (),
                )
            )
        return tuple(kept)

    def _papers(self) -> tuple[EvidenceSpec, ...]:
        known = {spec.code: spec for spec in self.before.evidence}
        kept: list[EvidenceSpec] = []
        for row in self.papers.all:
            spec = known.get(row["code"])
            if row["removed"] and not (spec and spec.locked):
                continue
            code = row["code"] if spec else _free_name("paper", {*known, *(each.code for each in kept)})
            fresh = spec or EvidenceSpec(code, row["label"])
            kept.append(replace(fresh, label=row["label"], help=row["help"], required=row["required"]))
        return tuple(kept)


def _field_rows(specs: Sequence[FieldSpec]) -> list[dict[str, Any]]:
    names = ("name", "label", "help", "section", "required", "hidden")
    return [
        {"order": place * 10, **{name: getattr(spec, name) for name in names}}
        for place, spec in enumerate(specs, start=1)
    ]


def _changed(spec: FieldSpec, row: dict[str, Any]) -> FieldSpec:
    return replace(
        spec,
        label=row["label"],
        help=row["help"],
        section=row["section"],
        required=row["required"],
        hidden=row["hidden"] and not spec.locked,
    )


def _paper_rows(specs: Sequence[EvidenceSpec]) -> list[dict[str, Any]]:
    return [{"code": each.code, "label": each.label, "help": each.help, "required": each.required} for each in specs]


def _rule(rule: ApproverRule) -> dict[str, Any]:
    return {"when": rule.when, "level": rule.level, "words": rule.words}


def _free_name(stem: str, taken: set[str]) -> str:
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"
