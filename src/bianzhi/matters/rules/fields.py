"""Form fields as data: what a matter's form asks, kept as JSON in a version that an administrator may change.

A field the code of the matter reads is `locked`: it may be relabelled, explained and moved, never taken away or given
another kind. Everything else an administrator adds is plain: kept, shown and printed, and a fact for conditions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """What a field holds; the value's writing in JSON stands behind it."""

    TEXT = "text"
    """one line of text"""
    TEXTAREA = "textarea"
    """text of several lines"""
    INTEGER = "integer"
    """12"""
    DAY = "day"
    """"2026-03-02" """
    YES_NO = "yes_no"
    """true"""
    CHOICE = "choice"
    """one of `options`"""
    CODE = "code"
    """a code of the code set `choices_of`; of those in `options` where there are any (so too the next four)"""
    QUOTA_TYPE = "quota_type"
    ENTRY_MODE = "entry_mode"
    EXIT_MODE = "exit_mode"
    POST_LEVEL = "post_level"
    ORGANIZATION = "organization"
    """a key; `choices_of` says whose: "" any unit, "own" the applicant's reach, "node" groupings too"""
    BODY = "body"
    """the key of an internal body of the case's unit, or of the units named by the field or table `choices_of`"""
    PERSON = "person"
    """the key of a person; `choices_of`: "own" on quota at the case's unit, "any" anywhere in the district"""
    SLOT = "slot"
    """the key of a reserved approval slot of the case's unit, or of the organisation named by the field `choices_of`"""
    PLAN_ITEM = "plan_item"
    """the key of an item of a staffing plan of the case's unit with something left to approve"""
    DOCUMENT = "document"
    """{"doc_no", "title", "issuer", "issuer_level", "kind", "issued_on"}"""
    EVIDENCE = "evidence"
    """words of the papers that were checked against the originals"""
    TABLE = "table"
    """rows of `columns`: [{"name": value}]"""


PLAIN: Final = frozenset({Kind.TEXT, Kind.TEXTAREA, Kind.INTEGER, Kind.DAY, Kind.YES_NO, Kind.CHOICE})
"""Kinds an administrator may add: they mean nothing to the code of a matter."""
KEYS: Final = frozenset({Kind.ORGANIZATION, Kind.BODY, Kind.PERSON, Kind.SLOT, Kind.PLAN_ITEM})
"""Kinds whose value is the key of a row."""
CODES: Final[Mapping[str, str]] = {
    Kind.ENTRY_MODE: "entry_mode",
    Kind.EXIT_MODE: "exit_mode",
    Kind.POST_LEVEL: "post_level",
}
"""Kinds that are codes of one certain code set."""
DEFAULT_LENGTHS: Final[Mapping[str, int]] = {Kind.TEXT: 200, Kind.TEXTAREA: 4000}
MOST_ROWS: Final = 200
MOST_FIELDS: Final = 120


@dataclass(frozen=True, slots=True)
class Only:
    """Something that is asked for only while the field `field` holds one of `values` (yes_no: "true" / "false")."""

    field: str
    values: tuple[str, ...]

    def holds(self, form: Mapping[str, Any]) -> bool:
        """Whether it is asked for with this form."""
        value = form.get(self.field)
        return ("true" if value else "false") in self.values if isinstance(value, bool) else str(value) in self.values


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a form, or one column of a table."""

    name: str
    kind: str
    label: str
    required: bool = False
    help: str = ""
    section: str = ""
    options: tuple[tuple[str, str], ...] = ()
    locked: bool = False
    hidden: bool = False
    choices_of: str = ""
    columns: tuple["FieldSpec", ...] = ()
    max_length: int = 0
    minimum: int | None = None
    maximum: int | None = None
    only: Only | None = None

    @property
    def longest(self) -> int:
        """The most characters of a text."""
        return self.max_length or DEFAULT_LENGTHS.get(self.kind, 200)

    def applies(self, form: Mapping[str, Any]) -> bool:
        """Whether the field is asked with this form."""
        return not self.hidden and (self.only is None or self.only.holds(form))

    def to_json(self) -> dict[str, Any]:
        """The field as a version keeps it; what is as usual is left out."""
        told: dict[str, Any] = {"name": self.name, "kind": str(self.kind), "label": self.label}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name not in told and value != each.default:
                told[each.name] = value
        if self.options:
            told["options"] = [list(option) for option in self.options]
        if self.columns:
            told["columns"] = [column.to_json() for column in self.columns]
        if self.only is not None:
            told["only"] = {"field": self.only.field, "values": list(self.only.values)}
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "FieldSpec":
        """The field a version keeps. Raises TypeError for what no field has."""
        given = dict(told)
        if "options" in given:
            given["options"] = tuple((str(value), str(label)) for value, label in given["options"])
        if "columns" in given:
            given["columns"] = tuple(cls.from_json(column) for column in given["columns"])
        if given.get("only"):
            given["only"] = Only(given["only"]["field"], tuple(given["only"]["values"]))
        return cls(**given)


def specs_to_json(specs: Sequence[FieldSpec]) -> list[dict[str, Any]]:
    """Every field of a form, for a version."""
    return [spec.to_json() for spec in specs]


def specs_from_json(told: Sequence[Mapping[str, Any]]) -> tuple[FieldSpec, ...]:
    """Every field of a version."""
    return tuple(FieldSpec.from_json(each) for each in told)


def by_section(specs: Sequence[FieldSpec]) -> list[tuple[str, list[FieldSpec]]]:
    """The shown fields in their sections, in order; a field without section belongs to the one before."""
    found: list[tuple[str, list[FieldSpec]]] = []
    for spec in specs:
        if spec.hidden:
            continue
        if not found or (spec.section and spec.section != found[-1][0]):
            found.append((spec.section, []))
        found[-1][1].append(spec)
    return found
