"""Forms of the acts of the ledger: each knows the service it calls, and nothing of requests."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError

from bianzhi.audit.actors import Actor
from bianzhi.common.web.confirming import ShownFirst
from bianzhi.common.web.forms import CountField, DayField, LookupField, PinyinSelect
from bianzhi.common.web.once import TokenForm
from bianzhi.documents.web.direct import DirectEntryForm
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.rules import measures
from bianzhi.ledger.services.moves import Basis

LAST_FIELDS: Final = ("allows_overstaffing", "overstaffing_reason", "effective_on", "summary")
_CODE: Final = re.compile(r"[A-Za-z0-9_.]{1,40}")


class OverrideField(forms.MultipleChoiceField):
    """Codes of the rules the director sets aside; which there are is known only once a rule objects."""

    def valid_value(self, value: Any) -> bool:
        return _CODE.fullmatch(str(value)) is not None


class ActForm(ShownFirst, TokenForm, DirectEntryForm):
    """What every act asks: the document, the day, the words, and, where a rule objects, why it is set aside."""

    document_label = "批准文件"
    wide = ("summary", "overstaffing_reason")

    effective_on = DayField(label="生效日期", help_text="一般为文件印发日期；可写 2026-05-01、20260501")
    summary = forms.CharField(
        label="变动摘要", max_length=300, required=False, help_text="写入台账；不填则按本次事项自动生成"
    )
    override = OverrideField(required=False, widget=forms.MultipleHiddenInput)
    override_reason = forms.CharField(label="放行理由", max_length=200, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = [name for name in LAST_FIELDS if name in self.fields]
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    def carry_out(self, actor: Actor) -> LedgerEntry | None:
        """Do what was asked; raises Refused. None when nothing would change."""
        raise NotImplementedError

    def words(self) -> str:
        """The summary for an entry whose author wrote none."""
        raise NotImplementedError

    def basis(self, actor: Actor) -> Basis:
        """Document, day, words and overrides of the act; registers a document that is new."""
        return Basis(
            document=self.approval_document(actor),
            effective_on=self.cleaned_data["effective_on"],
            summary=self.in_words(),
            overrides=tuple(self.cleaned_data["override"]),
            override_reason=self.cleaned_data["override_reason"],
        )

    def in_words(self) -> str:
        """The summary as it is kept, with the reason for accepting 超编."""
        reason = self.cleaned_data.get("overstaffing_reason")
        words = self.cleaned_data["summary"] or self.words()
        return f"{words}（允许形成超编：{reason}）" if reason else words

    @property
    def granted(self) -> list[str]:
        """Codes of the rules ticked to be set aside."""
        return [code for code in self.typed.getlist("override") if _CODE.fullmatch(code)]


class OverstaffingMixin(forms.Form):
    """The question whether a reduction may leave more people than quota (超编, to be worked off)."""

    allows_overstaffing = forms.BooleanField(
        label="允许形成超编",
        required=False,
        help_text="文件批准核减到实有人数以下时勾选，超出部分列为待消化超编",
    )
    overstaffing_reason = forms.CharField(label="允许形成超编的理由", max_length=150, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        allowed, reason = cleaned.get("allows_overstaffing"), cleaned.get("overstaffing_reason", "")
        if allowed and len(reason) < 4:
            self.add_error("overstaffing_reason", "允许形成超编须写明理由（不少于 4 个字），如消化期限和办法。")
        if reason and not allowed:
            self.add_error("allows_overstaffing", "填写了理由，请同时勾选“允许形成超编”，或清空理由。")
        return cleaned


def _measure_field(number: int, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=f"类别 {number}",
        choices=[("", "请选择"), *choices],
        widget=PinyinSelect,
        required=number == 1,
    )


class LinesMixin(forms.Form):
    """Up to three measures with an amount each."""

    measure_1 = _measure_field(1, measures.quota_choices())
    amount_1 = CountField(label="数额 1（名）", minimum=1)
    measure_2 = _measure_field(2, measures.quota_choices())
    amount_2 = CountField(label="数额 2（名）", minimum=1, required=False)
    measure_3 = _measure_field(3, measures.quota_choices())
    amount_3 = CountField(label="数额 3（名）", minimum=1, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        amounts: dict[str, int] = {}
        for number in (1, 2, 3):
            measure, amount = cleaned.get(f"measure_{number}"), cleaned.get(f"amount_{number}")
            if f"measure_{number}" in self.errors or f"amount_{number}" in self.errors:
                continue
            if bool(measure) != (amount is not None):
                missing = f"amount_{number}" if measure else f"measure_{number}"
                self.add_error(missing, "类别和数额须同时填写。")
            elif measure in amounts:
                self.add_error(f"measure_{number}", "这一类别已在上面填写，请合并数额。")
            elif measure and amount is not None:
                amounts[measure] = amount
        cleaned["amounts"] = amounts
        return cleaned


def in_words(amounts: Mapping[str, int], *, sign: str = "") -> str:
    """「行政编制 3 名、工勤 1 名」."""
    return "、".join(f"{measures.label(measure)} {sign}{amount} 名" for measure, amount in amounts.items())


class UnitField(LookupField):
    """One unit of the district."""

    def __init__(self, label: str = "单位", **kwargs: Any) -> None:
        super().__init__("organization", label=label, help_text="输入名称、简称或拼音首字母查找", **kwargs)


class MeasureField(forms.ChoiceField):
    """One type of quota."""

    def __init__(self, label: str = "编制类型", *, only: tuple[str, ...] = (), **kwargs: Any) -> None:
        choices = [(code, name) for code, name in measures.quota_choices() if not only or code in only]
        super().__init__(label=label, choices=[("", "请选择"), *choices], widget=PinyinSelect, **kwargs)


class DifferentEnds(forms.Form):
    """Two fields that must not be the same."""

    ends: ClassVar[tuple[str, str]]
    same: ClassVar[str]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, second = (cleaned.get(name) for name in self.ends)
        if first is not None and first == second:
            raise ValidationError(self.same)
        return cleaned
