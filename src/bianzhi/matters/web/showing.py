"""A form as a document to be read: every value in words, and beside a changed one what stood there before."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, Final

from django.urls import reverse

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.documents.models import DocumentKind, IssuerLevel
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.masking import mask_id_number
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.matters.rules.cleaning import is_blank
from bianzhi.matters.rules.fields import CODES, KEYS, FieldSpec, Kind, by_section
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import ApprovalSlot, Person, PlanItem
from bianzhi.personnel.selectors.dossier import body_names

Form = Mapping[str, Any]
ID_NUMBER: Final = re.compile(r"\d{15}|\d{17}[\dXx]")
CHOSEN: Final = frozenset({Kind.CODE, Kind.ENTRY_MODE, Kind.EXIT_MODE, Kind.POST_LEVEL})


@dataclass(frozen=True, slots=True)
class Names:
    """What the keys in a form are called."""

    units: Mapping[int, str] = field(default_factory=dict)
    persons: Mapping[int, str] = field(default_factory=dict)
    bodies: Mapping[int, str] = field(default_factory=dict)
    slots: Mapping[int, str] = field(default_factory=dict)
    plan_items: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    @beyond_scope("naming")
    def of(cls, specs: Sequence[FieldSpec], forms: Iterable[Form], day: date) -> "Names":
        """The names of everything some forms name: one query for each kind that occurs."""
        keys: dict[str, set[int]] = {}
        for form in forms:
            for spec, value in _flat(specs, form):
                if isinstance(value, int) and not isinstance(value, bool):
                    keys.setdefault(spec.kind, set()).add(value)
        persons, slots = keys.get(Kind.PERSON), keys.get(Kind.SLOT)
        return cls(
            units=names_on(keys[Kind.ORGANIZATION], day) if Kind.ORGANIZATION in keys else {},
            persons=dict(Person.objects.filter(pk__in=persons).values_list("pk", "name")) if persons else {},
            bodies=body_names(keys[Kind.BODY], day) if Kind.BODY in keys else {},
            slots=dict(ApprovalSlot.objects.filter(pk__in=slots).values_list("pk", "number")) if slots else {},
            plan_items=_plan_items(keys[Kind.PLAN_ITEM]) if Kind.PLAN_ITEM in keys else {},
        )

    def of_kind(self, kind: str) -> Mapping[int, str]:
        """The names of one kind of key."""
        return {
            Kind.ORGANIZATION: self.units,
            Kind.PERSON: self.persons,
            Kind.BODY: self.bodies,
            Kind.SLOT: self.slots,
            Kind.PLAN_ITEM: self.plan_items,
        }[Kind(kind)]


def _plan_items(ids: Collection[int]) -> dict[int, str]:
    return {item.pk: f"{item.plan} {item}" for item in PlanItem.objects.filter(pk__in=ids).select_related("plan")}


def _flat(specs: Sequence[FieldSpec], form: Form) -> Iterator[tuple[FieldSpec, Any]]:
    for spec in specs:
        value = form.get(spec.name)
        if spec.kind == Kind.TABLE:
            for row in value if isinstance(value, list) else ():
                yield from _flat(spec.columns, row)
        else:
            yield spec, value


def words_of(spec: FieldSpec, value: Any, names: Names) -> str:
    """A value in the words officials use; what could not be read, as it was typed. ID numbers are masked."""
    if is_blank(value):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(each) for each in value)
    if spec.kind in KEYS:
        return names.of_kind(spec.kind).get(value, str(value))
    if spec.kind == Kind.DOCUMENT and isinstance(value, Mapping):
        return _document(value)
    return _chosen(spec, str(value))


def _chosen(spec: FieldSpec, value: str) -> str:
    if spec.kind in CHOSEN:
        known = codes(CODES.get(spec.kind) or spec.choices_of)
        return known.label(value) if value in known else value
    if spec.kind == Kind.QUOTA_TYPE:
        return quota_types()[value].label if value in quota_types() else value
    if spec.options:
        return dict(spec.options).get(value, value)
    return masked(value)


def masked(text: str) -> str:
    """The text; an ID number, sound or not, is hidden: cases are read by many."""
    return mask_id_number(text) if is_id_number(text) else text


def is_id_number(value: Any) -> bool:
    """Whether a text looks like a citizen's number."""
    return isinstance(value, str) and ID_NUMBER.fullmatch(value.strip()) is not None


def id_numbers(specs: Sequence[FieldSpec], form: Form) -> list[tuple[str, str]]:
    """(label, number) of every ID number in a form, for whoever may see them whole."""
    return [(spec.label, str(value)) for spec, value in _flat(specs, form) if is_id_number(value)]


def without_id_numbers(form: Form) -> dict[str, Any]:
    """A form with every ID number left blank, in rows too: for whoever copies what they may not see whole."""
    return {name: _without_id_number(value) for name, value in form.items()}


def _without_id_number(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_id_numbers(value)
    if isinstance(value, list):
        return [_without_id_number(each) for each in value]
    return "" if is_id_number(value) else value


def _document(value: Mapping[str, Any]) -> str:
    issuer = str(value.get("issuer", ""))
    level = dict(IssuerLevel.choices).get(str(value.get("issuer_level", "")), "")
    kind = dict(DocumentKind.choices).get(str(value.get("kind", "")), "")
    notes = "，".join(str(note) for note in (issuer, level, kind, value.get("issued_on", "")) if note)
    return f"{value.get('doc_no', '')}《{value.get('title', '')}》（{notes}）"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; `old` is what stood there before, None when nothing changed."""

    words: str
    old: str | None = None
    url: str = ""
    is_long: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row of a table; `change` is "added", "removed" or ""."""

    cells: tuple[Cell, ...]
    change: str = ""


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One field of the document: a value, or a table."""

    label: str
    cell: Cell | None = None
    head: tuple[FieldSpec, ...] = ()
    rows: tuple[ShownRow, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Whether rows came or went."""
        return any(row.change for row in self.rows)


@dataclass(frozen=True, slots=True)
class Block:
    """Fields that stand side by side, or one table."""

    lines: tuple[ShownPart, ...] = ()
    table: ShownPart | None = None


@dataclass(frozen=True, slots=True)
class ShownSection:
    """Fields under one heading, those with a value or with one that was taken away."""

    title: str
    parts: tuple[ShownPart, ...]

    @property
    def blocks(self) -> list[Block]:
        """The fields in their order, single ones gathered between the tables."""
        found: list[Block] = []
        for is_line, own in groupby(self.parts, key=lambda part: part.cell is not None):
            parts = tuple(own)
            found += [Block(lines=parts)] if is_line else [Block(table=part) for part in parts]
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """A form read against an earlier one (None: nothing to compare) with the names of both."""

    form: Form
    names: Names
    earlier: Form | None = None
    linked: bool = False

    def cell(self, spec: FieldSpec, value: Any, before: Any, *, compared: bool) -> Cell:
        """One value against what stood there."""
        words = words_of(spec, value, self.names)
        old = words_of(spec, before, self.names)
        url = _url(spec, value) if self.linked else ""
        changed = compared and old != words
        is_long = spec.kind in (Kind.TEXTAREA, Kind.DOCUMENT)
        return Cell(words, old if changed else None, url, is_long, spec.kind == Kind.INTEGER)

    def part(self, spec: FieldSpec) -> ShownPart | None:
        """One field; None when it is empty and always was."""
        value, before = self.form.get(spec.name), (self.earlier or {}).get(spec.name)
        if is_blank(value) and is_blank(before):
            return None
        if spec.kind == Kind.TABLE:
            return ShownPart(spec.label, head=spec.columns, rows=tuple(self._rows(spec, value, before)))
        return ShownPart(spec.label, self.cell(spec, value, before, compared=self.earlier is not None))

    def _rows(self, spec: FieldSpec, value: Any, before: Any) -> Iterator[ShownRow]:
        now = value if isinstance(value, list) else []
        then = before if isinstance(before, list) else []
        for number, row in enumerate(now):
            compared = self.earlier is not None and number < len(then)
            old = then[number] if compared else {}
            cells = tuple(
                self.cell(each, row.get(each.name), old.get(each.name), compared=compared) for each in spec.columns
            )
            yield ShownRow(cells, "added" if self.earlier is not None and not compared else "")
        for row in then[len(now) :]:
            yield ShownRow(
                tuple(Cell(words_of(each, row.get(each.name), self.names)) for each in spec.columns), "removed"
            )


def _url(spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    page = {Kind.PERSON: "personnel:person", Kind.ORGANIZATION: "organizations:detail"}.get(Kind(spec.kind))
    return reverse(page, args=[value]) if page else ""


def document_of(
    specs: Sequence[FieldSpec], form: Form, day: date, *, earlier: Form | None = None, linked: bool = False
) -> list[ShownSection]:
    """The form as sections of a document; with `earlier` what changed since is told, with `linked` names lead on."""
    forms = [form] if earlier is None else [form, earlier]
    reading = Reading(form, Names.of(specs, forms, day), earlier, linked)
    found = []
    for title, fields in by_section(specs):
        parts = tuple(part for spec in fields if (part := reading.part(spec)) is not None)
        if parts:
            found.append(ShownSection(title, parts))
    return found
