"""Forms of 合并 and 撤销: each knows the service it calls, and nothing of requests."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField

from bianzhi.audit.actors import Actor
from bianzhi.common.web import once
from bianzhi.common.web.confirming import ShownFirst
from bianzhi.common.web.forms import CountField, DayField, LookupField
from bianzhi.documents.web.direct import DirectEntryForm
from bianzhi.ledger.rules import measures
from bianzhi.organizations.models import Organization, OrganizationVersion, ReorganizationEvent
from bianzhi.organizations.services import NewOrganization
from bianzhi.organizations.web.forms import EstablishForm
from bianzhi.personnel.services.reorganizations import Decree, abolish_unit, merge

FIND_UNIT = "输入名称、简称或拼音首字母查找"
POSTS = tuple(measures.post_choices())
COPIED = ("org_type", "institution_class", "nature", "rank", "funding_form")
"""Facts a new unit takes over from the one it grows out of, unless said otherwise."""


class ReorganizeForm(ShownFirst, once.TokenForm, DirectEntryForm):
    """What every reorganisation asks: the document, the day, the words; its effects are shown before it is done."""

    document_label = "批准文件"
    wide: tuple[str, ...] = ("summary",)
    sections: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = ()

    effective_on = DayField(label="生效日期", help_text="一般为文件印发日期；可写 2026-05-01、20260501")
    summary = forms.CharField(
        label="变动摘要", max_length=300, required=False, help_text="写入沿革和台账；不填则按本次事项自动生成"
    )

    def __init__(self, *args: Any, unit: Organization, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.today = today
        self.initial.setdefault("effective_on", today)

    @property
    def groups(self) -> list[tuple[str, list[BoundField]]]:
        """The sections with their fields, the day and the words last."""
        last = ("生效", ("effective_on", "summary"))
        return [(title, [self[name] for name in names]) for title, names in (*self.sections, last)]

    def decree(self, actor: Actor) -> Decree:
        """Document, day and words; registers a document that is new."""
        return Decree(self.approval_document(actor), self.cleaned_data["effective_on"], self.words())

    def words(self) -> str:
        """The summary as it is kept; "" lets the service word it."""
        return str(self.cleaned_data["summary"])

    def carry_out(self, actor: Actor) -> ReorganizationEvent:
        """Do what was asked; raises Refused."""
        raise NotImplementedError


class PostsMixin(forms.Form):
    """Leadership posts of the unit that takes over, by level, after the merger."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for level, label in POSTS:
            field = CountField(label=f"{label}（名）", required=False)
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}
            field.css = ""  # type: ignore[attr-defined]
            self.fields[f"posts_{level}"] = field

    def posts(self) -> dict[str, int]:
        """The numbers that were filled in."""
        found = {level: self.cleaned_data.get(f"posts_{level}") for level, _ in POSTS}
        return {level: number for level, number in found.items() if number is not None}


POSTS_SECTION = ("承接单位合并后的领导职数（不变的留空）", tuple(f"posts_{level}" for level, _ in POSTS))


class PartnersMixin(forms.Form):
    """Other units that take part; none of them twice, nor the unit itself."""

    partners: ClassVar[Sequence[str]] = ()

    unit: Organization

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        seen = {self.unit.pk}
        for name in self.partners:
            chosen = cleaned.get(name)
            if chosen is not None and chosen.pk in seen:
                self.add_error(name, "同一个单位不能选择两次，也不能选择本单位。")
            elif chosen is not None:
                seen.add(chosen.pk)
        return cleaned

    def partner_ids(self, names: Sequence[str]) -> list[int]:
        """Ids of the chosen ones."""
        return [chosen.pk for name in names if (chosen := self.cleaned_data.get(name)) is not None]


class MergeForm(PartnersMixin, PostsMixin, ReorganizeForm):
    """并入其他单位: this unit and perhaps others end, one that exists takes over."""

    partners = ("target", "also_1", "also_2", "also_3")
    sections = (
        ("承接单位", ("target",)),
        ("一并并入的其他单位（可不填）", ("also_1", "also_2", "also_3")),
        POSTS_SECTION,
    )

    target = LookupField("organization", label="并入单位", help_text=FIND_UNIT)
    also_1 = LookupField("organization", label="其他单位 1", required=False, help_text=FIND_UNIT)
    also_2 = LookupField("organization", label="其他单位 2", required=False)
    also_3 = LookupField("organization", label="其他单位 3", required=False)

    def carry_out(self, actor: Actor) -> ReorganizationEvent:
        return merge(
            actor=actor,
            today=self.today,
            decree=self.decree(actor),
            source_ids=[self.unit.pk, *self.partner_ids(self.partners[1:])],
            target=self.cleaned_data["target"].pk,
            posts=self.posts(),
        )


class MergeIntoNewForm(PartnersMixin, PostsMixin, ReorganizeForm, EstablishForm):
    """与其他单位合并为新单位: all of them end, a new one takes over."""

    wide = ("name", "duties", "summary")
    partners = ("partner_1", "partner_2", "partner_3")
    sections = (
        ("与哪些单位合并", partners),
        (
            "新单位",
            (
                "name",
                "short_name",
                "parent",
                "supervising_department",
                "org_type",
                "institution_class",
                "nature",
                "rank",
                "funding_form",
                "duties",
            ),
        ),
        POSTS_SECTION,
    )

    partner_1 = LookupField("organization", label="合并单位 1", help_text=FIND_UNIT)
    partner_2 = LookupField("organization", label="合并单位 2", required=False)
    partner_3 = LookupField("organization", label="合并单位 3", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("is_grouping", "uscc", "uscc_confirmed", "sort_order"):
            del self.fields[name]
        version = self.unit.shown
        if version is not None:
            for name in COPIED:
                self.initial.setdefault(name, getattr(version, name))
            self.initial.setdefault("parent", version.parent_id)
            self.initial.setdefault("supervising_department", version.supervising_department_id)

    def carry_out(self, actor: Actor) -> ReorganizationEvent:
        return merge(
            actor=actor,
            today=self.today,
            decree=self.decree(actor),
            source_ids=[self.unit.pk, *self.partner_ids(self.partners)],
            target=self._new_unit(),
            posts=self.posts(),
        )

    def _new_unit(self) -> NewOrganization:
        cleaned = self.cleaned_data
        return NewOrganization(
            effective_on=cleaned["effective_on"],
            parent_id=getattr(cleaned["parent"], "pk", None),
            supervising_department_id=getattr(cleaned["supervising_department"], "pk", None),
            **{name: cleaned[name] for name in ("name", "short_name", "duties", *COPIED)},
        )


class AbolishForm(ReorganizeForm):
    """撤销 with everything in the unit: a receiving unit takes the people, or they leave the quota with it."""

    sections = (("人员和编制", ("people", "receiving")),)

    people = forms.ChoiceField(
        label="人员去向",
        choices=[
            ("receive", "由接收单位承接：人员连同相应编制划入接收单位，其余编制收回"),
            ("leave", "随机构撤销出编（转企改制等，O11）：人员全部出编，编制全部收回"),
        ],
        widget=forms.RadioSelect,
    )
    receiving = LookupField("organization", label="接收单位", required=False, help_text="由接收单位承接时填写")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        people, receiving = cleaned.get("people"), cleaned.get("receiving")
        if people == "receive" and receiving is None and "receiving" not in self.errors:
            self.add_error("receiving", "请选择接收单位。")
        if people == "leave" and receiving is not None:
            self.add_error("receiving", "人员随机构撤销出编的，不填接收单位。")
        if receiving is not None and receiving.pk == self.unit.pk:
            self.add_error("receiving", "接收单位不能是被撤销的单位。")
        return cleaned

    def carry_out(self, actor: Actor) -> ReorganizationEvent:
        receiving = self.cleaned_data["receiving"]
        return abolish_unit(
            actor=actor,
            today=self.today,
            decree=self.decree(actor),
            organization_id=self.unit.pk,
            receiving_id=receiving.pk if receiving is not None else None,
        )


def grown_from(version: OrganizationVersion) -> dict[str, Any]:
    """What a new unit split off another one takes over from it: place, type and funding."""
    facts = {name: getattr(version, name) for name in COPIED if name != "rank"}
    return facts | {
        "parent_id": version.parent_id,
        "supervising_department_id": version.supervising_department_id,
        "tier": version.tier,
    }
