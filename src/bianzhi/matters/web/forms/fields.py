"""From a field of a matter to the control that asks for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django import forms

from bianzhi.common.web.forms import CountField, DayField, DocNoField, LookupField
from bianzhi.common.web.lookups import key_in
from bianzhi.documents.models import DocumentKind, IssuerLevel
from bianzhi.matters.rules.fields import CODES, FieldSpec, Kind
from bianzhi.matters.web.forms.people import People, PersonField
from bianzhi.organizations.selectors.units import bodies, names_on
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.plans import open_items
from bianzhi.personnel.selectors.slots import usable_slots
from bianzhi.personnel.web.forms.choices import BodyField, CodeField
from bianzhi.personnel.web.words import quota_choices

DISTRICT_UNIT: Final = "district_unit"
"""The lookup of every unit of the district by name: an application may concern a unit outside one's scope."""
DISTRICT_NODE: Final = "district_node"
"""The same with the grouping nodes of the tree, for the place a unit hangs."""
ANY: Final = "any"
NODE: Final = "node"
OWN: Final = "own"
CHOOSE: Final = ("", "请选择")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form is filled in: for which unit, on which day, with what filled in so far.

    `people_url` answers who may be named ("?of=any" for anyone in the district).
    """

    organization_id: int
    today: date
    values: Mapping[str, Any] = field(default_factory=dict)
    people_url: str = ""

    def unit_of(self, spec: FieldSpec) -> int | None:
        """The organisation whose slots are meant: the applying unit, or the one another field names."""
        return next(iter(self.units_of(spec)), None)

    def units_of(self, spec: FieldSpec) -> list[int]:
        """The organisations whose bodies are meant: as `unit_of`, or all those that another field, a table, names."""
        if spec.choices_of in ("", OWN):
            return [self.organization_id]
        named = self.values.get(spec.choices_of)
        listed = [cell for row in named for cell in row.values()] if isinstance(named, list) else [named]
        return [key for each in listed if (key := key_in(str(each or ""))) is not None]


class YesNoField(forms.TypedChoiceField):
    """是 or 否, chosen on purpose; gives a bool, None while nothing is chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("yes", "是"), ("no", "否")],
            coerce=lambda text: text == "yes",
            empty_value=None,
            widget=forms.RadioSelect,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value

    def to_python(self, value: Any) -> Any:
        return super().to_python(self.prepare_value(value))


def _text(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=spec.longest, **common)


def _textarea(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=spec.longest, widget=forms.Textarea, **common)


def _integer(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    negative = spec.minimum is not None and spec.minimum < 0
    return CountField(minimum=spec.minimum, maximum=spec.maximum, negative=negative, **common)


def _day(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    if not common["help_text"]:
        del common["help_text"]
    return DayField(**common)


def _choice(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[CHOOSE, *spec.options], **common)


def _quota_type(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    return forms.ChoiceField(choices=[CHOOSE, *(spec.options or quota_choices(only_quota=False))], **common)


def _code(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    only = [value for value, _ in spec.options]
    return CodeField(CODES.get(spec.kind) or spec.choices_of, only=only, **common)


def _organization(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    source = {OWN: "organization", NODE: DISTRICT_NODE}.get(spec.choices_of, DISTRICT_UNIT)
    return LookupField(source, **common)


def _body(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    required = common.pop("required")
    made = BodyField(**common)
    made.required = required
    units = place.units_of(spec)
    if not units:
        made.choices = [("", "请先选择单位")]
    elif spec.choices_of in ("", OWN):
        made.offer(place.organization_id, place.today)
    else:
        made.choices = [CHOOSE, *_bodies_of(units, place.today)]
    return made


def _bodies_of(unit_ids: Sequence[int], day: date) -> list[tuple[str, str]]:
    """The internal bodies of some units; with the unit's name where there are several."""
    names = names_on(unit_ids, day) if len(unit_ids) > 1 else {}
    return [
        (str(row.body_id), f"{names[pk]}：{row.name}" if pk in names else row.name)
        for pk in unit_ids
        for row in bodies(pk, day)
    ]


def _person(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    if spec.choices_of == ANY:
        common["help_text"] = common["help_text"] or "输入完整姓名或身份证号"
        return PersonField(people=People(place.today), url=f"{place.people_url}?of={ANY}", **common)
    return PersonField(people=People(place.today, place.organization_id), url=place.people_url, **common)


def _slot(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    unit = place.unit_of(spec)
    offered = [
        (slot.pk, f"{slot.number}（{quota_label(slot.quota_type)}，有效期至 {slot.approval.valid_until}）")
        for slot in (usable_slots(unit, place.today) if unit is not None else ())
    ]
    first = ("", "请先选择单位") if unit is None else CHOOSE if offered else ("", "没有可用的核准名额")
    return forms.TypedChoiceField(choices=[first, *offered], coerce=int, empty_value=None, **common)


def _plan_item(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    offered = [
        (each.item.pk, f"{each.item.plan} {each.item}（计划 {each.planned} 名，结余 {each.left} 名）")
        for each in open_items(place.organization_id, place.today)
    ]
    first = ("", "计划外" if offered else "没有尚有结余的计划项")
    return forms.TypedChoiceField(choices=[first, *offered], coerce=int, empty_value=None, **common)


def _evidence(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    return forms.MultipleChoiceField(choices=list(spec.options), widget=forms.CheckboxSelectMultiple, **common)


def _yes_no(spec: FieldSpec, place: Place, common: dict[str, Any]) -> forms.Field:
    return YesNoField(**common)


MAKERS: Final[Mapping[str, Callable[[FieldSpec, Place, dict[str, Any]], forms.Field]]] = {
    Kind.TEXT: _text,
    Kind.TEXTAREA: _textarea,
    Kind.INTEGER: _integer,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CODE: _code,
    Kind.QUOTA_TYPE: _quota_type,
    Kind.ENTRY_MODE: _code,
    Kind.EXIT_MODE: _code,
    Kind.POST_LEVEL: _code,
    Kind.ORGANIZATION: _organization,
    Kind.BODY: _body,
    Kind.PERSON: _person,
    Kind.SLOT: _slot,
    Kind.PLAN_ITEM: _plan_item,
    Kind.EVIDENCE: _evidence,
}
WIDE: Final = frozenset({Kind.TEXTAREA, Kind.EVIDENCE})
ISSUED_BY: Final = {"decision": IssuerLevel.OFFICE, "upper_document": IssuerLevel.UPPER}
"""The papers of the office's own steps: the 批复, and the upper level's approval."""
DOCUMENT_ESSENTIAL: Final = ("doc_no", "issued_on", "title", "issuer")


def control(spec: FieldSpec, place: Place) -> forms.Field:
    """The control of one field that is neither a table nor a document."""
    common = {"label": spec.label, "required": spec.required, "help_text": spec.help}
    made = MAKERS[spec.kind](spec, place, common)
    made.error_messages["required"] = "请选择。" if isinstance(made, forms.ChoiceField) else "请填写。"
    return made


def _usual_level(spec: FieldSpec) -> IssuerLevel:
    """Who usually issues it: what an applicant cites comes from a unit or another office, until somebody says else."""
    return ISSUED_BY.get(spec.name, IssuerLevel.OTHER)


def document_controls(spec: FieldSpec) -> dict[str, forms.Field]:
    """What is asked of a document an application rests on, by its key in the kept value."""
    asked: dict[str, Any] = {"required": spec.required, "error_messages": {"required": "请填写。"}}
    return {
        "doc_no": DocNoField(**asked),
        "issued_on": DayField(label="成文日期", **asked),
        "title": forms.CharField(label="文件标题", max_length=300, **asked),
        "issuer": forms.CharField(label="发文机关", max_length=120, help_text="填写全称", **asked),
        "issuer_level": forms.ChoiceField(
            label="发文层级", choices=IssuerLevel.choices, initial=_usual_level(spec), required=False
        ),
        "kind": forms.ChoiceField(
            label="文件种类", choices=DocumentKind.choices, initial=DocumentKind.NOTICE, required=False
        ),
    }


def kept(value: Any) -> Any:
    """A cleaned value as the case keeps it: JSON; things by their key."""
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "pk", value)
