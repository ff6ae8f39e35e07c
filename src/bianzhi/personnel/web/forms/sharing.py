"""Forms of 拆分 and 划转: who and how much of a unit goes to which other unit.

One column a receiving unit: its name, its amounts by measure, its people, by name or by internal body.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from bianzhi.audit.actors import Actor
from bianzhi.common.web.forms import CountField, LookupField
from bianzhi.kernel.codesets import codes
from bianzhi.ledger.rules import measures
from bianzhi.ledger.web.forms import OverstaffingMixin
from bianzhi.organizations.models import ReorganizationEvent
from bianzhi.organizations.services import NewOrganization
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.services.reorganizations import Share, hand_over, split
from bianzhi.personnel.web.forms.reorganizing import FIND_UNIT, ReorganizeForm, grown_from

NUMERALS = "一二三四"


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the unit as the list shows it."""

    person_id: int
    name: str
    body_id: int | None
    body: str
    quota_type: str
    position: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What there is to share out: figures by measure, people, internal bodies by id."""

    figures: Mapping[str, QuotaUse]
    members: Sequence[Member]
    bodies: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Box:
    """One checkbox of a table."""

    name: str
    value: str
    checked: bool
    label: str


class SharesForm(OverstaffingMixin, ReorganizeForm):
    """What several units receive of one; `shares` of them."""

    wide = ("summary", "overstaffing_reason")
    may_found = True

    def __init__(self, *args: Any, holdings: Holdings, shares: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holdings = holdings
        self.numbers = range(1, shares + 1)
        for number in self.numbers:
            self._add_share(number)

    def _add_share(self, number: int) -> None:
        title = self._title(number)
        added: dict[str, forms.Field] = {
            f"target_{number}": LookupField(
                "organization", label=f"{title}：现有单位", required=False, help_text=FIND_UNIT
            )
        }
        if self.may_found:
            added[f"unit_name_{number}"] = forms.CharField(
                label=f"{title}：新设单位全称", max_length=200, required=False, help_text="与现有单位二选一"
            )
            added[f"unit_rank_{number}"] = forms.ChoiceField(
                label="新设单位规格", choices=[("", "—"), *codes("organization_rank").choices()], required=False
            )
        for measure in self.holdings.figures:
            added[f"amount_{number}_{measure}"] = CountField(
                label=f"划入{title}的{measures.label(measure)}", required=False
            )
        people = [(str(member.person_id), member.name) for member in self.holdings.members]
        bodies = [(str(pk), name) for pk, name in self.holdings.bodies.items()]
        added[f"people_{number}"] = forms.MultipleChoiceField(
            label=f"划入{title}的人员", choices=people, required=False
        )
        added[f"bodies_{number}"] = forms.MultipleChoiceField(
            label=f"划入{title}的科室", choices=bodies, required=False
        )
        for name, field in added.items():
            field.css = ""  # type: ignore[attr-defined]
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}
            if isinstance(field, LookupField):
                field.user = self.user
            self.fields[name] = field

    def _title(self, number: int) -> str:
        return f"承接单位{NUMERALS[number - 1]}" if len(self.numbers) > 1 else "承接单位"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for number in self.numbers:
            self._check_target(cleaned, number)
        chosen = Counter(person_id for number in self.numbers for person_id in self._people(cleaned, number))
        names = {member.person_id: member.name for member in self.holdings.members}
        twice = "、".join(names[person_id] for person_id, times in chosen.items() if times > 1)
        if twice:
            self.add_error(None, f"{twice}被划入不止一个承接单位，一人只能划入一个单位。请核对所选人员和科室。")
        return cleaned

    def _check_target(self, cleaned: Mapping[str, Any], number: int) -> None:
        target, unit_name = cleaned.get(f"target_{number}"), cleaned.get(f"unit_name_{number}")
        if f"target_{number}" in self.errors:
            return
        if target is not None and unit_name:
            self.add_error(f"unit_name_{number}", "现有单位与新设单位只能填写一个。")
        elif target is None and not unit_name:
            wanted = "请选择现有单位，或填写新设单位全称。" if self.may_found else "请选择承接单位。"
            self.add_error(f"target_{number}", wanted)
        elif target is not None and target.pk == self.unit.pk:
            self.add_error(f"target_{number}", "承接单位不能是本单位。")

    def _people(self, cleaned: Mapping[str, Any], number: int) -> set[int]:
        """Chosen by name, or with their internal body."""
        bodies = {int(pk) for pk in cleaned.get(f"bodies_{number}", ())}
        named = {int(pk) for pk in cleaned.get(f"people_{number}", ())}
        return named | {member.person_id for member in self.holdings.members if member.body_id in bodies}

    def _amounts(self, number: int, people: set[int]) -> dict[str, int]:
        """What was filled in; a quota type left blank goes with the people, as far as the unit holds it."""
        along = Counter(member.quota_type for member in self.holdings.members if member.person_id in people)
        amounts: dict[str, int] = {}
        for measure, use in self.holdings.figures.items():
            written = self.cleaned_data[f"amount_{number}_{measure}"]
            amounts[measure] = min(along[measure], max(use.approved, 0)) if written is None else written
        return {measure: amount for measure, amount in amounts.items() if amount}

    def shares(self) -> list[Share]:
        """The shares as the services take them."""
        return [self._share(number) for number in self.numbers]

    def _share(self, number: int) -> Share:
        people = self._people(self.cleaned_data, number)
        target = self.cleaned_data[f"target_{number}"]
        return Share(
            target=target.pk if target is not None else self._new_unit(number),
            amounts=self._amounts(number, people),
            person_ids=sorted(people),
            allows_overstaffing=self.cleaned_data["allows_overstaffing"],
        )

    def _new_unit(self, number: int) -> NewOrganization:
        facts = grown_from(self.unit.shown) if self.unit.shown is not None else {}
        return NewOrganization(
            name=self.cleaned_data[f"unit_name_{number}"],
            rank=self.cleaned_data[f"unit_rank_{number}"],
            effective_on=self.cleaned_data["effective_on"],
            **facts,
        )

    def words(self) -> str:
        reason = self.cleaned_data["overstaffing_reason"]
        summary = super().words()
        return f"{summary or self.unit.known_as}（允许形成超编：{reason}）" if reason else summary

    # what the tables of the page show

    @property
    def heads(self) -> list[tuple[str, list[BoundField]]]:
        """Each receiving unit with the fields that name it."""
        names = ("target", "unit_name", "unit_rank") if self.may_found else ("target",)
        return [(self._title(number), [self[f"{name}_{number}"] for name in names]) for number in self.numbers]

    @property
    def titles(self) -> list[str]:
        """Heads of the columns."""
        return [f"划入{self._title(number)}" for number in self.numbers]

    @property
    def amount_rows(self) -> list[tuple[str, QuotaUse, list[BoundField]]]:
        """Each measure with what there is of it and a field for every receiving unit."""
        return [
            (measures.label(measure), use, [self[f"amount_{number}_{measure}"] for number in self.numbers])
            for measure, use in self.holdings.figures.items()
        ]

    @property
    def body_rows(self) -> list[tuple[str, int, list[Box]]]:
        """Each internal body with the number of its people and a checkbox for every receiving unit."""
        counted = Counter(member.body_id for member in self.holdings.members)
        return [
            (name, counted[pk], list(self._boxes("bodies", str(pk), name)))
            for pk, name in self.holdings.bodies.items()
            if counted[pk]
        ]

    @property
    def people_rows(self) -> list[tuple[Member, str, list[Box]]]:
        """Each person with a checkbox for every receiving unit."""
        return [
            (member, quota_label(member.quota_type), list(self._boxes("people", str(member.person_id), member.name)))
            for member in self.holdings.members
        ]

    def _boxes(self, kind: str, value: str, who: str) -> Iterator[Box]:
        for number in self.numbers:
            name = f"{kind}_{number}"
            yield Box(name, value, value in self.typed.getlist(name), f"{who}划入{self._title(number)}")


class SplitForm(SharesForm):
    """拆分: each share goes to its unit; without 保留 the unit itself ends."""

    keeps_source = forms.BooleanField(
        label="原单位保留", required=False, help_text="不勾选的，原单位撤销，须把全部人员划走；未划走的编制收回"
    )
    sections = (("原单位", ("keeps_source", "allows_overstaffing", "overstaffing_reason")),)

    def carry_out(self, actor: Actor) -> ReorganizationEvent:
        return split(
            actor=actor,
            today=self.today,
            decree=self.decree(actor),
            source_id=self.unit.pk,
            shares=self.shares(),
            keeps_source=self.cleaned_data["keeps_source"],
        )


class HandOverForm(SharesForm):
    """划转: a part of the quota and named people go to a unit that exists; both go on."""

    may_found = False
    sections = (("超编处理（一般不填）", ("allows_overstaffing", "overstaffing_reason")),)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not self._people(cleaned, 1) and not self._amounts(1, set()):
            self.add_error(None, "没有划转任何编制和人员。请填写数额，或勾选人员、科室。")
        return cleaned

    def carry_out(self, actor: Actor) -> ReorganizationEvent:
        return hand_over(
            actor=actor,
            today=self.today,
            decree=self.decree(actor),
            source_id=self.unit.pk,
            share=self.shares()[0],
        )


def member_of(occupancy: Occupancy, body: str, position: str) -> Member:
    """One line of the list of people."""
    return Member(
        occupancy.person_id,
        occupancy.person.name,
        occupancy.internal_body_id,
        body,
        occupancy.quota_type,
        position,
    )
