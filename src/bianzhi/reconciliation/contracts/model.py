"""A contract as it is worked with: fields with what they feed, how they look and what must hold for them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bianzhi.common.tabular.kinds import Field, ImportKind, ValueKind
from bianzhi.reconciliation.contracts.columns import VALUE_KINDS, ignored_headings


class Format(StrEnum):
    """What a cell of a field must look like, beyond being text."""

    ANY = "any"
    ID_NUMBER = "id_number"
    DATE = "date"
    AMOUNT = "amount"

    @property
    def label(self) -> str:
        """What an official reads."""
        return {"any": "不限", "id_number": "身份证号", "date": "日期或年月", "amount": "金额"}[self.value]


class Period(StrEnum):
    """How often a source delivers."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def label(self) -> str:
        """What an official reads."""
        return {"month": "每月", "quarter": "每季度", "year": "每年"}[self.value]


@dataclass(frozen=True, slots=True)
class ContractField:
    """One column a department delivers.

    `column` is the roster column it feeds ("" when it is only looked at); `title` the department's own heading, under
    which differences are given back; `headings` further headings it may stand under. `codes` maps what is delivered to
    what it means; with `closed` nothing else may be delivered.
    """

    name: str
    title: str
    column: str = ""
    headings: tuple[str, ...] = ()
    required: bool = False
    format: Format = Format.ANY
    pattern: str = ""
    longest: int = 0
    codes: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """What one source delivers. `key` are the fields that together may occur once in a delivery; `due_day` is the day
    of the month after the period by which it should be there, `stale_days` after how many it counts as overdue."""

    fields: tuple[ContractField, ...]
    department: str = ""
    owner: str = ""
    period: Period = Period.MONTH
    due_day: int = 5
    stale_days: int = 10
    key: tuple[str, ...] = ()
    missing_values: tuple[str, ...] = ("",)

    @property
    def feeding(self) -> dict[str, ContractField]:
        """Roster column → the field that feeds it."""
        return {one.column: one for one in self.fields if one.column}


_LEAST: Final = ("id_number", "name")


def kind_of(contract: Contract) -> ImportKind:
    """The contract as the declaration of a kind of file, for the finding of headers and columns."""
    return ImportKind(
        key="roster",
        label="人员名册",
        purpose="",
        fields=tuple(_field(one) for one in contract.fields),
        needs_one_of=(tuple(one.name for one in contract.fields if one.column in _LEAST),),
        identity=tuple(one.name for one in contract.fields if one.column in _LEAST),
        ignored=_ignored(contract),
    )


def _field(one: ContractField) -> Field:
    return Field(
        key=one.name,
        label=one.title,
        kind=VALUE_KINDS.get(one.column, ValueKind.TEXT),
        synonyms=one.headings,
        required=one.required,
        captioned=one.column == "unit",
        by_resemblance=one.column in ("id_number", "name", "unit"),
    )


def _ignored(contract: Contract) -> tuple[str, ...]:
    """The usual headings nobody reads, unless the contract reads them."""
    read = {heading for one in contract.fields for heading in (one.title, *one.headings)}
    return tuple(heading for heading in ignored_headings() if heading not in read)
