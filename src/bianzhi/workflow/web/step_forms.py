"""The forms of the step list: one step with everything it says, one branch, one block."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from django import forms

from bianzhi.common.web.forms import BaseForm, CountField
from bianzhi.workflow.rules import conditions
from bianzhi.workflow.rules.profile import (
    STAGES,
    Action,
    Clock,
    Countersign,
    Mode,
    Order,
    Reject,
    ReturnTo,
    Seat,
    Verdicts,
    Way,
)
from bianzhi.workflow.rules.steps import BlockKind, Branch, Step, StepKind
from bianzhi.workflow.web.words import ACTIONS, MODES, ORDERS, REJECTS, RETURNS, WAYS, Vocabulary

KINDS: Final = {
    StepKind.USER: "人工办理",
    StepKind.COMMAND: "系统办理",
    StepKind.NOTICE: "发文、通知",
    StepKind.WAIT: "等待",
    StepKind.CALL: "调用流程",
    StepKind.END: "在此办结",
    StepKind.TERMINATE: "在此终止",
}
BLOCKS: Final = {
    BlockKind.EXCLUSIVE: "择一分支",
    BlockKind.PARALLEL: "并行分支",
    BlockKind.INCLUSIVE: "条件并行",
}
WHO: Final = (("", "不设"), ("role", "岗位"), ("initiator", "申请人"), ("user", "指定账号"), ("field", "字段里的人"))
SEATS: Final = 6
COPIES: Final = 2
USER_FIELDS: Final = (
    "order",
    "mode",
    "ratio",
    "submit",
    "agree",
    "disagree",
    "reject",
    "actions",
    "return_to",
    "ways",
    "limit_days",
    "limit_fact",
    "limit_warn",
    "separate",
    "skip_same",
    "fields_write",
    "fields_required",
)
FIELDS_OF: Final = {
    StepKind.USER: USER_FIELDS,
    StepKind.COMMAND: ("command",),
    StepKind.NOTICE: ("command",),
    StepKind.WAIT: ("wait_days", "wait_fact"),
    StepKind.CALL: ("called",),
    StepKind.END: (),
    StepKind.TERMINATE: (),
}


def _pairs(words: dict[Any, str]) -> list[tuple[str, str]]:
    return [(key.value, label) for key, label in words.items()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class ConditionField(forms.CharField):
    """A condition of the flow language; what is wrong with it is said at once."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", '如 level == "commission" and count > 3；不写为总是')
        super().__init__(required=False, max_length=500, **kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).strip()
        if text:
            try:
                conditions.parse(text)
            except ValueError as error:
                raise forms.ValidationError(f"条件写得不对：{error}") from error
        return text


class SeatForm(BaseForm):
    """One who is asked."""

    who = forms.ChoiceField(label="方式", choices=WHO, required=False)
    role = forms.ChoiceField(label="岗位", required=False)
    relation = forms.ChoiceField(label="哪个单位的", required=False)
    value = forms.CharField(label="账号或字段名", max_length=60, required=False)

    def __init__(self, *args: Any, known: Vocabulary, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", "—"), *known.roles.items()]  # type: ignore[attr-defined]
        self.fields["relation"].choices = list(known.relations.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = dict(super().clean() or {})
        who = found.get("who", "")
        if who == "role" and not found.get("role"):
            self.add_error("role", "请选择岗位。")
        if who in ("user", "field") and not found.get("value"):
            self.add_error("value", "请填写账号或字段名。")
        return found

    @property
    def seat(self) -> Seat | None:
        """The seat, or None when the line is empty."""
        found = self.cleaned_data
        who, value = found.get("who"), found.get("value", "")
        if who == "role":
            return Seat(role=found["role"], relation=found["relation"])
        if who == "field":
            return Seat(role=found["role"], field=value)
        return {"initiator": Seat(initiator=True), "user": Seat(user=value)}.get(who or "")


def seat_initial(seat: Seat) -> dict[str, str]:
    """The line that says a seat."""
    who = "initiator" if seat.initiator else "user" if seat.user else "field" if seat.field else "role"
    return {"who": who, "role": seat.role, "relation": seat.relation, "value": seat.user or seat.field}


class StepForm(BaseForm):
    """One step; only the fields of its kind are there."""

    wide = ("when", "actions", "fields_write", "fields_required")
    name = forms.CharField(label="名称", max_length=40)
    step_id = forms.RegexField(
        r"^[A-Za-z_][A-Za-z0-9_.-]*$", label="标识", max_length=60, help_text="字母开头；条件和换版对照用它"
    )
    stage = forms.ChoiceField(
        label="阶段", required=False, choices=[("", "不属于哪个阶段"), *((stage, stage) for stage in STAGES)]
    )
    when = ConditionField(label="什么情况下办理")
    order = forms.ChoiceField(label="办理方式", choices=_pairs(ORDERS))
    mode = forms.ChoiceField(label="会签怎样算通过", choices=_pairs(MODES))
    ratio = CountField(label="同意的比例（%）", required=False, help_text="“达到比例”时填写")
    submit = forms.BooleanField(label="申请人填写、提交的环节", required=False)
    agree = forms.CharField(label="“同意”叫作", max_length=8, help_text="如“无问题”；只需报送情况的环节写“报送”等")
    disagree = forms.CharField(
        label="“不同意”叫作", max_length=8, required=False, help_text="不填：本环节只报送情况，没有不同意"
    )
    reject = forms.ChoiceField(label="不同意时", choices=_pairs(REJECTS))
    actions = forms.MultipleChoiceField(
        label="可用操作", choices=_pairs(ACTIONS), required=False, widget=forms.CheckboxSelectMultiple
    )
    return_to = forms.ChoiceField(label="可以退回到", choices=_pairs(RETURNS))
    ways = forms.MultipleChoiceField(
        label="退回改后", choices=_pairs(WAYS), required=False, widget=forms.CheckboxSelectMultiple
    )
    limit_days = CountField(label="办理时限（工作日）", required=False)
    limit_fact = forms.CharField(label="或按事项字段", max_length=60, required=False, help_text="有值时按该字段的天数")
    limit_warn = CountField(label="提前几天提醒", required=False)
    separate = forms.CharField(label="职责分离组", max_length=40, required=False, help_text="同组环节须由不同的人办理")
    skip_same = forms.BooleanField(label="与上一环节同一人时自动跳过", required=False)
    fields_write = forms.CharField(label="可以修改的字段", required=False, help_text="字段名，用空格隔开")
    fields_required = forms.CharField(label="必须填写的字段", required=False)
    command = forms.ChoiceField(label="指令")
    wait_days = CountField(label="等待（工作日）", required=False)
    wait_fact = forms.CharField(label="或按事项字段", max_length=60, required=False)
    called = forms.ChoiceField(label="调用的流程")

    def __init__(self, *args: Any, kind: StepKind, known: Vocabulary, taken: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.taken = kind, set(taken)
        self.fields["command"].choices = [("", "请选择"), *known.commands.items()]  # type: ignore[attr-defined]
        self.fields["called"].choices = [("", "请选择"), *known.flows.items()]  # type: ignore[attr-defined]
        kept = {"name", "step_id", "stage", "when", *FIELDS_OF[kind]}
        for name in [name for name in self.fields if name not in kept]:
            del self.fields[name]

    def clean_step_id(self) -> str:
        """The id, nobody else's."""
        found = str(self.cleaned_data["step_id"])
        if found in self.taken:
            raise forms.ValidationError(f"标识“{found}”已经有了，请换一个。")
        return found

    def step(self, seats: tuple[Seat, ...], copies: tuple[Seat, ...]) -> Step:
        """What was written, as a step."""
        found = self.cleaned_data
        made = Step(
            id=found["step_id"],
            name=found["name"].strip(),
            kind=self.kind,
            stage=found["stage"],
            when=found["when"],
            command=found.get("command", ""),
            called=found.get("called", ""),
            wait=_clock(found.get("wait_days"), found.get("wait_fact", "")),
        )
        return self._with_people(made, seats, copies) if self.kind is StepKind.USER else made

    def _with_people(self, made: Step, seats: tuple[Seat, ...], copies: tuple[Seat, ...]) -> Step:
        found = self.cleaned_data
        order, mode = Order(found["order"]), Mode(found["mode"])
        sign = Countersign(mode, found["ratio"] or 100 if mode is Mode.RATIO else 100)
        return replace(
            made,
            seats=seats,
            copies=copies,
            order=order,
            countersign=Countersign() if order is Order.SINGLE else sign,
            reject=Reject(found["reject"]),
            verdicts=Verdicts(found["agree"].strip(), found["disagree"].strip()),
            actions=frozenset(Action(action) for action in found["actions"]),
            return_to=ReturnTo(found["return_to"]),
            ways=frozenset(Way(way) for way in found["ways"] or ("step",)),
            submit=found["submit"],
            separate=found["separate"].strip(),
            skip_same=found["skip_same"],
            fields_write=_words(found["fields_write"]),
            fields_required=_words(found["fields_required"]),
            limit=_clock(found["limit_days"], found["limit_fact"], found["limit_warn"]),
        )


def _clock(days: int | None, fact: str, warn: int | None = None) -> Clock | None:
    fact = fact.strip()
    if not days and not fact:
        return None
    return Clock(days or 0, fact) if warn is None else Clock(days or 0, fact, warn)


def step_initial(step: Step) -> dict[str, Any]:
    """The form that says a step."""
    limit, wait = step.limit or Clock(), step.wait or Clock()
    return {
        "name": step.name,
        "step_id": step.id,
        "stage": step.stage,
        "when": step.when,
        "order": step.order.value,
        "mode": step.countersign.mode.value,
        "ratio": step.countersign.ratio if step.countersign.mode is Mode.RATIO else None,
        "submit": step.submit,
        "agree": step.verdicts.agree,
        "disagree": step.verdicts.disagree,
        "reject": step.reject.value,
        "actions": [action.value for action in step.actions],
        "return_to": step.return_to.value,
        "ways": [way.value for way in step.ways],
        "limit_days": limit.days or None,
        "limit_fact": limit.fact,
        "limit_warn": limit.warn if step.limit else None,
        "separate": step.separate,
        "skip_same": step.skip_same,
        "fields_write": " ".join(step.fields_write),
        "fields_required": " ".join(step.fields_required),
        "command": step.command,
        "wait_days": wait.days or None,
        "wait_fact": wait.fact,
        "called": step.called,
    }


class BranchForm(BaseForm):
    """One branch of a block."""

    wide = ("when",)
    name = forms.CharField(label="名称", max_length=40, required=False)
    when = ConditionField(label="什么情况下走这一支")
    is_default = forms.BooleanField(label="其他各支都不满足时走这一支（默认）", required=False)

    def branch(self, old: Branch) -> Branch:
        """The branch with what was written; its steps stay."""
        found = self.cleaned_data
        return replace(old, name=found["name"], when=found["when"], is_default=found["is_default"])
