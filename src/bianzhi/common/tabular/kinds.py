"""Declares a kind of file: which fields it may carry, what their columns are called, which are needed.

A declaration is data. The app that imports the file writes it; nothing in this package knows any of the four kinds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bianzhi.common.tabular.cells import folded

EXACT: Final = 1.0
WEAK: Final = 0.85
BRACKETS_DROPPED: Final = 0.97
_STEP: Final = 0.00001


class ValueKind(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    PERSON_NAME = "person_name"
    ORGANIZATION = "organization"
    CODE = "code"
    COUNT = "count"
    SIGNED_COUNT = "signed_count"
    DATE = "date"
    ID_NUMBER = "id_number"
    CREDIT_CODE = "credit_code"
    DOCUMENT_NUMBER = "document_number"
    CHOICE = "choice"
    YES_NO = "yes_no"

    @property
    def is_count(self) -> bool:
        """True for numbers that a totals row adds up."""
        return self in (ValueKind.COUNT, ValueKind.SIGNED_COUNT)


@dataclass(frozen=True, slots=True)
class Choices:
    """A closed list of values. `read` turns any usual wording into the code, or None when it knows none.

    `closed` says whether an unknown wording is an error; otherwise it is a warning and the value stays blank.
    """

    name: str
    read: Callable[[str], str | None]
    labels: tuple[str, ...]
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a row may tell.

    `synonyms` are column headings that mean it; for a heading over two rows, write both parts one after the other
    (核定编制行政). `weak` headings mean it only when no better column claims it. `never` are words in a heading that
    rule a resembling (not an exact) match out. `fillable`: written once and left blank below. `captioned`: may stand
    in a line above the table instead (填报单位：…). `lenient`: an unreadable value is a warning and stays blank,
    where otherwise the row is refused. Without `by_resemblance` only a known heading will do: for families of columns
    that differ in a word, where a near miss would put a number on the wrong account.
    """

    key: str
    label: str
    kind: ValueKind = ValueKind.TEXT
    synonyms: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    choices: Choices | None = None
    required: bool = False
    fillable: bool = False
    captioned: bool = False
    lenient: bool = False
    by_resemblance: bool = True
    in_template: bool = True
    hint: str = ""
    example: str = ""


RowCheck = Callable[[Mapping[str, Any]], "tuple[tuple[str, str, bool], ...]"]


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of file: its fields and what a row of it must have.

    `needs_one_of` lists groups of fields of which each row and each sheet must have at least one. `identity` are the
    fields that only a true row (not a totals row) fills. `ignored` are headings known and deliberately not read.
    `headline` is the count whose sum stands for the file (招录人数 of a plan). `checks` look at a whole row and return
    (field key, message, is_error) for what does not agree.
    """

    key: str
    label: str
    purpose: str
    fields: tuple[Field, ...]
    needs_one_of: tuple[tuple[str, ...], ...] = ()
    identity: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    headline: str = ""
    checks: tuple[RowCheck, ...] = ()
    by_key: dict[str, Field] = field(init=False, repr=False, compare=False)
    headings: dict[str, list[tuple[str, float]]] = field(init=False, repr=False, compare=False)
    ignored_headings: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {one.key: one for one in self.fields})
        object.__setattr__(self, "headings", _headings(self.fields))
        object.__setattr__(self, "ignored_headings", frozenset(folded(text) for text in self.ignored))

    def label_of(self, key: str) -> str:
        """The Chinese name of a field."""
        return self.by_key[key].label

    def missing(self, present: frozenset[str] | set[str]) -> list[str]:
        """Labels of what a sheet still lacks when it carries the fields `present`."""
        absent = [one.label for one in self.fields if one.required and one.key not in present]
        for group in self.needs_one_of:
            if not present.intersection(group):
                absent.append("或".join(self.label_of(key) for key in group[:4]) + ("等" if len(group) > 4 else ""))
        return absent


def _headings(fields: tuple[Field, ...]) -> dict[str, list[tuple[str, float]]]:
    """Folded heading → the fields it may mean, with the weight of the claim: the synonym listed first wins."""
    index: dict[str, dict[str, float]] = {}
    for one in fields:
        named = (one.label, *one.synonyms)
        claims = [(text, EXACT - _STEP * place) for place, text in enumerate(named)]
        claims += [(text, WEAK - _STEP * place) for place, text in enumerate(one.weak)]
        for text, weight in claims:
            claim = index.setdefault(folded(text), {})
            claim[one.key] = max(weight, claim.get(one.key, 0.0))
    return {form: sorted(claims.items(), key=lambda item: -item[1]) for form, claims in index.items()}
