"""The form of an application, built from the fields of its matter.

One flat form: a field `x` is `x`, a part of a document `x-doc_no`, a cell of a table `x-0-count`. What cannot be read
is kept as it was typed; only sending in asks for everything.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from bianzhi.common.web.once import TokenForm
from bianzhi.matters.rules.cleaning import is_blank
from bianzhi.matters.rules.fields import MOST_ROWS, FieldSpec, Kind, Only, by_section
from bianzhi.matters.web.forms.fields import (
    DOCUMENT_ESSENTIAL,
    WIDE,
    Place,
    control,
    document_controls,
    kept,
)

BLANK_ROWS: Final = 2
"""Empty rows shown below a table where there is no JavaScript to add any."""
PROTOTYPE: Final = "__row__"
FOLLOWING: Final = frozenset({Kind.BODY, Kind.SLOT})
"""Kinds whose choices are those of a unit that another field may name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table on the page; `is_spare` ones are only there for browsers without JavaScript."""

    number: int
    cells: tuple[tuple[FieldSpec, BoundField], ...]
    is_spare: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One thing asked for on the page: a field, a document or a table."""

    spec: FieldSpec
    bound: BoundField | None = None
    document: tuple[BoundField, ...] = ()
    rows: tuple[Row, ...] = ()
    prototype: Row | None = None
    only_values: str = ""
    """Values of `only.field` as its control writes them, for the browser."""

    @property
    def css(self) -> str:
        """How wide the field stands."""
        return "span-all" if self.spec.kind in WIDE else ""

    @property
    def only(self) -> Only | None:
        """While another field holds what the part is asked for."""
        return self.spec.only


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one heading."""

    title: str
    parts: tuple[Part, ...]


class CaseForm(TokenForm):
    """An application being filled in. Built by `case_form`."""

    specs: Sequence[FieldSpec] = ()
    row_numbers: Mapping[str, Sequence[int]] = {}
    prototype: "CaseForm | None" = None
    complete = False
    _errors: Any
    use_required_attribute = False  # a draft may be kept with anything missing

    def full_clean(self) -> None:
        """Everything is read; what is missing counts only when the form is sent in, and where it is asked for."""
        super().full_clean()
        if not self.is_bound:
            return
        values = self.values()
        asked = {spec.name for spec in self.specs if spec.applies(values)}
        for name in list(self._errors):
            owner, spare = self._owner(name, values)
            if owner in asked and self.complete and not spare:
                continue
            left = [error for error in self._errors[name].as_data() if error.code != "required" and owner in asked]
            del self._errors[name]
            if left:
                self._errors[name] = self.error_class(left)
        if self.complete:
            self._require_rows(values, asked)

    def _owner(self, name: str, values: Mapping[str, Any]) -> tuple[str, bool]:
        """The matter's field a control belongs to, and whether nothing at all was typed into its row or document."""
        owner, _, rest = name.partition("-")
        if not rest:
            return owner, False
        number, _, cell = rest.partition("-")
        if not cell:
            spec = next(each for each in self.specs if each.name == owner)
            return owner, not spec.required and is_blank(values.get(owner))
        return owner, self._is_blank_row(owner, int(number))

    def _is_blank_row(self, owner: str, number: int) -> bool:
        return all(is_blank(self[name].data) for name in self.fields if name.startswith(f"{owner}-{number}-"))

    def _require_rows(self, values: Mapping[str, Any], asked: set[str]) -> None:
        for spec in self.specs:
            if spec.kind == Kind.TABLE and spec.required and spec.name in asked and is_blank(values.get(spec.name)):
                self.add_error(None, f"“{spec.label}”至少填写一行。")

    def values(self, *, sound_only: bool = False) -> dict[str, Any]:
        """What is filled in, as a case keeps it; `sound_only` leaves out what cannot be read."""
        if self._errors is None:
            self.full_clean()
        found: dict[str, Any] = {}
        for spec in self.specs:
            if spec.kind == Kind.TABLE:
                value: Any = self._rows_of(spec, sound_only)
            elif spec.kind == Kind.DOCUMENT:
                value = self._document_of(spec, sound_only)
            else:
                value = self._value(spec.name, sound_only)
            if not is_blank(value):
                found[spec.name] = value
        return found

    def _value(self, name: str, sound_only: bool) -> Any:
        if name not in (self._errors or {}):
            return kept(self.cleaned_data.get(name))
        return None if sound_only else self[name].data

    def _document_of(self, spec: FieldSpec, sound_only: bool) -> dict[str, Any] | None:
        parts = {key: self._value(f"{spec.name}-{key}", sound_only) for key in document_controls(spec)}
        return None if all(is_blank(parts[key]) for key in DOCUMENT_ESSENTIAL) else parts

    def _rows_of(self, spec: FieldSpec, sound_only: bool) -> list[dict[str, Any]]:
        rows = []
        for number in self.row_numbers[spec.name]:
            cells = {each.name: self._value(f"{spec.name}-{number}-{each.name}", sound_only) for each in spec.columns}
            filled = {name: value for name, value in cells.items() if not is_blank(value)}
            if filled:
                rows.append(filled)
        return rows

    @cached_property
    def sections(self) -> list[Section]:
        """What is shown, under its headings."""
        return [Section(title, tuple(self._part(spec) for spec in specs)) for title, specs in by_section(self.specs)]

    def _part(self, spec: FieldSpec) -> Part:
        only = self._only_values(spec)
        if spec.kind == Kind.DOCUMENT:
            bound = tuple(self[f"{spec.name}-{key}"] for key in document_controls(spec))
            return Part(spec, document=bound, only_values=only)
        if spec.kind != Kind.TABLE:
            return Part(spec, bound=self[spec.name], only_values=only)
        sample = Row(0, self.prototype._cells(spec, PROTOTYPE)) if self.prototype is not None else None
        return Part(spec, rows=tuple(self._shown_rows(spec)), prototype=sample, only_values=only)

    def _only_values(self, spec: FieldSpec) -> str:
        if spec.only is None:
            return ""
        kinds = {each.name: each.kind for each in self.specs}
        words = {"true": "yes", "false": "no"} if kinds.get(spec.only.field) == Kind.YES_NO else {}
        return " ".join(words.get(value, value) for value in spec.only.values)

    def _shown_rows(self, spec: FieldSpec) -> Iterator[Row]:
        numbers = self.row_numbers[spec.name]
        spare_from = max(1, len(numbers) - BLANK_ROWS)
        for place, number in enumerate(numbers):
            is_spare = place >= spare_from and self._is_blank_on_page(spec.name, number)
            yield Row(place + 1, self._cells(spec, str(number)), is_spare)

    def _is_blank_on_page(self, owner: str, number: int) -> bool:
        return all(is_blank(self[name].value()) for name in self.fields if name.startswith(f"{owner}-{number}-"))

    def _cells(self, spec: FieldSpec, number: str) -> tuple[tuple[FieldSpec, BoundField], ...]:
        return tuple((each, self[f"{spec.name}-{number}-{each.name}"]) for each in spec.columns)

    @property
    def dependents(self) -> dict[str, list[Part]]:
        """Fields and tables whose choices follow from another field, by the name of that field."""
        found: dict[str, list[Part]] = {}
        for section in self.sections:
            for part in section.parts:
                followed = {spec.choices_of for spec in (part.spec, *part.spec.columns) if spec.kind in FOLLOWING}
                for name in followed - {""}:
                    found.setdefault(name, []).append(part)
        return found


def case_form(
    specs: Sequence[FieldSpec],
    place: Place,
    *,
    user: Any,
    values: Mapping[str, Any],
    data: QueryDict | None = None,
    complete: bool = False,
) -> CaseForm:
    """The form of a matter: with what the case keeps, or with what was just sent."""
    shown = [spec for spec in specs if not spec.hidden]
    numbers = {spec.name: _row_numbers(spec, values, data) for spec in shown if spec.kind == Kind.TABLE}
    typed = _typed_units(shown, data) if data is not None else {}
    place = replace(place, values={**values, **typed})
    controls: dict[str, forms.Field] = {}
    samples: dict[str, forms.Field] = {}
    for spec in shown:
        controls |= dict(_controls(spec, place, [str(number) for number in numbers.get(spec.name, ())]))
        samples |= dict(_controls(spec, place, [PROTOTYPE])) if spec.kind == Kind.TABLE else {}
    prototype = type("RowPrototype", (CaseForm,), samples)(user=user)
    extra = {"specs": shown, "row_numbers": numbers, "prototype": prototype, "complete": complete}
    form: CaseForm = type("ApplicationForm", (CaseForm,), {**controls, **extra})(
        data, user=user, initial=_initial(shown, values)
    )
    return form


def _controls(spec: FieldSpec, place: Place, rows: Sequence[str]) -> Iterator[tuple[str, forms.Field]]:
    if spec.kind == Kind.DOCUMENT:
        for key, made in document_controls(spec).items():
            yield f"{spec.name}-{key}", made
    elif spec.kind == Kind.TABLE:
        for row in rows:
            for column in spec.columns:
                yield f"{spec.name}-{row}-{column.name}", control(column, place)
    else:
        yield spec.name, control(spec, place)


def _row_numbers(spec: FieldSpec, values: Mapping[str, Any], data: QueryDict | None) -> list[int]:
    """The rows on the page: those that were sent, or those the case keeps and a few blank ones."""
    if data is not None:
        cell = re.compile(rf"{re.escape(spec.name)}-(\d{{1,4}})-")
        sent = {int(match[1]) for key in data if (match := cell.match(key)) is not None}
        return sorted(sent)[:MOST_ROWS]
    rows = values.get(spec.name)
    filled = len(rows) if isinstance(rows, list) else 0
    return list(range(max(1, filled) + BLANK_ROWS))


def _initial(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for spec in specs:
        value = values.get(spec.name)
        if spec.kind == Kind.DOCUMENT and isinstance(value, Mapping):
            found |= {f"{spec.name}-{key}": part for key, part in value.items()}
        elif spec.kind == Kind.TABLE and isinstance(value, list):
            for number, row in enumerate(value):
                found |= {f"{spec.name}-{number}-{key}": part for key, part in row.items()}
        elif value is not None and spec.kind not in (Kind.DOCUMENT, Kind.TABLE):
            found[spec.name] = value
    return found


def _typed_units(specs: Sequence[FieldSpec], data: QueryDict) -> dict[str, Any]:
    """The units that were sent, by field; of a table that names units, row by row."""
    found: dict[str, Any] = {spec.name: data.get(spec.name, "") for spec in specs if spec.kind == Kind.ORGANIZATION}
    for spec in specs:
        units = [column.name for column in spec.columns if column.kind == Kind.ORGANIZATION]
        if units:
            rows = _row_numbers(spec, {}, data)
            found[spec.name] = [{name: data.get(f"{spec.name}-{row}-{name}", "") for name in units} for row in rows]
    return found
