"""One form for each act of the establishment office on the ledger."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from bianzhi.audit.actors import Actor
from bianzhi.common.web.forms import CountField, LookupField
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules import measures
from bianzhi.ledger.services import moves
from bianzhi.ledger.services.entries import reverse_entry
from bianzhi.ledger.web.forms import (
    ActForm,
    DifferentEnds,
    LinesMixin,
    MeasureField,
    OverstaffingMixin,
    UnitField,
    in_words,
)
from bianzhi.organizations.models import Tier

POOL_TYPES = ("D1", "D2")


class TotalForm(ActForm):
    """总量下达 and 总量收回: one type of one tier."""

    measure = MeasureField()
    tier = forms.ChoiceField(label="层级", choices=Tier.choices)
    amount = CountField(label="数额（名）", minimum=1)
    document_label = "上级文件"
    verb: ClassVar[str] = "下达"

    def words(self) -> str:
        cleaned = self.cleaned_data
        tier = Tier(cleaned["tier"]).label
        return f"上级{self.verb}{tier}{measures.label(cleaned['measure'])} {cleaned['amount']} 名"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        return moves.issue_total(actor=actor, basis=self.basis(actor), **self.moved())

    def moved(self) -> dict[str, Any]:
        """Type, tier and amount."""
        return {name: self.cleaned_data[name] for name in ("measure", "tier", "amount")}


class WithdrawTotalForm(TotalForm):
    """总量收回."""

    verb = "收回"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        return moves.withdraw_total(actor=actor, basis=self.basis(actor), **self.moved())


class IncreaseForm(LinesMixin, ActForm):
    """核增: quota from the reserve (or a pool) to a unit."""

    organization = UnitField()
    kind = forms.ChoiceField(
        label="事项",
        choices=[(EntryKind.INCREASE.value, "增加编制"), (EntryKind.ESTABLISHED.value, "设立时核编")],
    )
    field_order = ("organization", "kind")

    def words(self) -> str:
        return f"核增{in_words(self.cleaned_data['amounts'])}"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        return moves.allot(
            actor=actor,
            basis=self.basis(actor),
            organization_id=self.cleaned_data["organization"].pk,
            amounts=self.cleaned_data["amounts"],
            kind=EntryKind(self.cleaned_data["kind"]),
        )


class DecreaseForm(LinesMixin, OverstaffingMixin, ActForm):
    """核减: quota back from a unit; frozen types are withdrawn for good (R19)."""

    organization = UnitField()
    field_order = ("organization",)

    def words(self) -> str:
        return f"核减{in_words(self.cleaned_data['amounts'])}"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        return moves.reduce(
            actor=actor,
            basis=self.basis(actor),
            organization_id=self.cleaned_data["organization"].pk,
            amounts=self.cleaned_data["amounts"],
            allows_overstaffing=self.cleaned_data["allows_overstaffing"],
        )


class TransferForm(LinesMixin, OverstaffingMixin, DifferentEnds, ActForm):
    """划转: quota from one unit to another."""

    from_organization = UnitField("划出单位")
    to_organization = UnitField("划入单位")
    field_order = ("from_organization", "to_organization")
    ends = ("from_organization", "to_organization")
    same = "划出单位与划入单位不能是同一个单位。"

    def words(self) -> str:
        return f"划转{in_words(self.cleaned_data['amounts'])}"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        return moves.transfer(
            actor=actor,
            basis=self.basis(actor),
            from_organization_id=self.cleaned_data["from_organization"].pk,
            to_organization_id=self.cleaned_data["to_organization"].pk,
            amounts=self.cleaned_data["amounts"],
            allows_overstaffing=self.cleaned_data["allows_overstaffing"],
        )


class TypeChangeForm(OverstaffingMixin, DifferentEnds, ActForm):
    """编制类型调整: quota of one type into another inside a unit."""

    organization = UnitField()
    amount = CountField(label="数额（名）", minimum=1)
    from_measure = MeasureField("原编制类型")
    to_measure = MeasureField("调整后编制类型")
    ends = ("from_measure", "to_measure")
    same = "调整前后不能是同一种编制类型。"

    def words(self) -> str:
        cleaned = self.cleaned_data
        before, after = measures.label(cleaned["from_measure"]), measures.label(cleaned["to_measure"])
        return f"{before} {cleaned['amount']} 名调整为{after}"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        cleaned = self.cleaned_data
        return moves.change_type(
            actor=actor,
            basis=self.basis(actor),
            organization_id=cleaned["organization"].pk,
            from_measure=cleaned["from_measure"],
            to_measure=cleaned["to_measure"],
            amount=cleaned["amount"],
            allows_overstaffing=cleaned["allows_overstaffing"],
        )


class BodyAllotmentForm(LinesMixin, ActForm):
    """定编到科室: a part of the unit's quota fixed to an internal body, or freed again."""

    body = LookupField("ledger.body", label="内设机构", help_text="输入内设机构或单位名称查找")
    direction = forms.ChoiceField(label="事项", choices=[("fix", "定编到该机构"), ("free", "收回到单位本级")])
    field_order = ("body", "direction")

    @property
    def _frees(self) -> bool:
        return bool(self.cleaned_data["direction"] == "free")

    def words(self) -> str:
        verb = "收回" if self._frees else "定编"
        return f"{self.cleaned_data['body'].name}{verb}{in_words(self.cleaned_data['amounts'])}"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        sign = -1 if self._frees else 1
        version = self.cleaned_data["body"]
        return moves.allot_to_body(
            actor=actor,
            basis=self.basis(actor),
            organization_id=version.organization_id,
            body_id=version.body_id,
            amounts={measure: sign * amount for measure, amount in self.cleaned_data["amounts"].items()},
        )


class PostsForm(OverstaffingMixin, ActForm):
    """领导职数: the numbers by level after the change; what is left blank stays as it is."""

    organization = UnitField()
    org_chief = CountField(label="正职（调整后）", required=False)
    org_deputy = CountField(label="副职（调整后）", required=False)
    body_chief = CountField(label="内设机构正职（调整后）", required=False)
    body_deputy = CountField(label="内设机构副职（调整后）", required=False)
    other_leader = CountField(label="其他领导职务（调整后）", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["posts"] = {
            level: cleaned[level] for level, _ in measures.post_choices() if cleaned.get(level) is not None
        }
        if not cleaned["posts"] and not self.errors:
            raise ValidationError("请至少填写一个层级调整后的职数，不变的留空。")
        return cleaned

    def words(self) -> str:
        posts = self.cleaned_data["posts"].items()
        return f"领导职数核定为{'、'.join(f'{measures.label(level)} {number} 名' for level, number in posts)}"

    def carry_out(self, actor: Actor) -> LedgerEntry | None:
        return moves.set_posts(
            actor=actor,
            basis=self.basis(actor),
            organization_id=self.cleaned_data["organization"].pk,
            posts=self.cleaned_data["posts"],
            allows_overstaffing=self.cleaned_data["allows_overstaffing"],
        )


class PoolForm(OverstaffingMixin, ActForm):
    """池调配: lend quota of a pool to a unit, or take it back (R20)."""

    organization = UnitField()
    direction = forms.ChoiceField(label="事项", choices=[("lend", "从池中调给单位"), ("return", "单位归还池中")])
    measure = MeasureField(only=POOL_TYPES)
    amount = CountField(label="数额（名）", minimum=1)

    def words(self) -> str:
        verb = "调配" if self.cleaned_data["direction"] == "lend" else "归还"
        return f"{verb}{measures.label(self.cleaned_data['measure'])} {self.cleaned_data['amount']} 名"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        cleaned = self.cleaned_data
        unit_id, amounts = cleaned["organization"].pk, {cleaned["measure"]: cleaned["amount"]}
        basis = self.basis(actor)
        if cleaned["direction"] == "lend":
            return moves.allot(actor=actor, basis=basis, organization_id=unit_id, amounts=amounts, kind=EntryKind.POOL)
        return moves.return_to_pool(
            actor=actor,
            basis=basis,
            organization_id=unit_id,
            amounts=amounts,
            allows_overstaffing=cleaned["allows_overstaffing"],
        )


class ReserveForm(DifferentEnds, ActForm):
    """预留跨层级调整: reserve between the district's own and the townships' total (R07)."""

    measure = MeasureField()
    amount = CountField(label="数额（名）", minimum=1)
    from_tier = forms.ChoiceField(label="调出层级", choices=Tier.choices, initial=Tier.DISTRICT)
    to_tier = forms.ChoiceField(label="调入层级", choices=Tier.choices, initial=Tier.TOWNSHIP)
    document_label = "上级文件"
    ends = ("from_tier", "to_tier")
    same = "调出与调入不能是同一层级。"

    def words(self) -> str:
        cleaned = self.cleaned_data
        ends = f"{Tier(cleaned['from_tier']).label}调往{Tier(cleaned['to_tier']).label}"
        return f"预留{measures.label(cleaned['measure'])} {cleaned['amount']} 名由{ends}"

    def carry_out(self, actor: Actor) -> LedgerEntry:
        moved = {name: self.cleaned_data[name] for name in ("measure", "amount", "from_tier", "to_tier")}
        return moves.move_reserve(actor=actor, basis=self.basis(actor), **moved)


class ReversalForm(OverstaffingMixin, ActForm):
    """冲正: the opposite of an entry, from the same day on."""

    document_label = "更正依据文件"
    wide = ("reason", "overstaffing_reason")

    reason = forms.CharField(
        label="冲正理由", min_length=4, max_length=200, widget=forms.Textarea, help_text="说明原条目错在哪里"
    )

    def __init__(self, *args: Any, entry: LedgerEntry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry = entry
        for name in ("effective_on", "summary"):
            del self.fields[name]

    def words(self) -> str:
        return str(self.cleaned_data["reason"])

    def carry_out(self, actor: Actor) -> LedgerEntry:
        accepted = self.cleaned_data["overstaffing_reason"]
        reason = f"{self.words()}（允许形成超编：{accepted}）" if accepted else self.words()
        return reverse_entry(
            actor=actor,
            entry=self.entry,
            document=self.approval_document(actor),
            reason=reason,
            allows_overstaffing=self.cleaned_data["allows_overstaffing"],
        )
