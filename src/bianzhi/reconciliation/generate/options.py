"""How many people, how careless the clerks, which month: everything the outcome depends on."""

from dataclasses import dataclass, field
from enum import StrEnum

PEOPLE_FOR_A_UNIT = 26
MOST_PEOPLE = 5_000_000


class Form(StrEnum):
    """What files the departments deliver."""

    AUTO = "auto"
    PARQUET = "parquet"
    FILES = "files"


@dataclass(frozen=True, slots=True)
class MistakeRates:
    """Shares of records with a mistake at noise 1, as measured in exchange.md §4 where it names them."""

    id_substitution: float = 0.006
    id_transposition: float = 0.0025
    id_check: float = 0.0015
    id_missing: float = 0.005
    id_borrowed: float = 0.0002
    id_rounded: float = 0.0005
    id_fifteen: float = 0.003
    id_fifteen_hr: float = 0.02
    id_spaced: float = 0.005
    id_decorated: float = 0.002
    id_lower: float = 0.02
    name_variant: float = 0.01
    name_spaced: float = 0.0045
    name_wrong: float = 0.003
    name_note: float = 0.0002
    birth_wrong: float = 0.003
    minority_dot: float = 0.35
    rare_character: float = 0.3
    row_twice: float = 0.0002
    unit_other_writing: float = 0.02


@dataclass(frozen=True, slots=True)
class PersonRates:
    """Shares of persons to whom something happened once, whatever the noise."""

    twins: float = 0.0004
    collided: float = 0.00045
    reissued: float = 0.0012
    surname_changed: float = 0.0004
    minority: float = 0.006
    rare: float = 0.001


@dataclass(frozen=True, slots=True)
class DiscrepancyRates:
    """Shares of the people in service (of the retired, of the dead) about whom two departments really disagree."""

    ghost_payroll: float = 0.003
    unpaid: float = 0.002
    two_units: float = 0.001
    paid_twice: float = 0.001
    unit_mismatch: float = 0.003
    quota_type_mismatch: float = 0.002
    funding_mismatch: float = 0.002
    birth_conflict: float = 0.0015
    sex_conflict: float = 0.0005
    retired_listed: float = 0.03
    retired_paid: float = 0.02
    dead_listed: float = 0.15
    dead_paid: float = 0.25
    units_over_quota: float = 0.02


@dataclass(frozen=True, slots=True)
class EventRates:
    """Shares of people (units) to whom something happens between the two months."""

    hired: float = 0.005
    transferred: float = 0.006
    retired: float = 0.0024
    left: float = 0.0014
    died: float = 0.0002
    quota_type_changed: float = 0.001
    renamed: float = 0.0002
    told_by_one: float = 0.1
    retyped: float = 0.02
    settled: float = 0.1
    newly_wrong: float = 0.05
    units_renamed: float = 0.005
    units_merged: float = 0.003


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """One generation; the same options give the same bytes.

    `noise` multiplies the rates of mistakes, not of real discrepancies. At most five million people: one region code
    holds 500 numbers for each day and sex. `register_is_late`: what happens between the months is known to the other
    departments, and the 编办 still lists everybody as before.
    """

    people: int = 10_000
    units: int | None = None
    seed: int = 1
    noise: float = 1.0
    month: str = "2026-10"
    form: Form = Form.AUTO
    register_is_late: bool = False
    mistakes: MistakeRates = field(default_factory=MistakeRates)
    persons: PersonRates = field(default_factory=PersonRates)
    discrepancies: DiscrepancyRates = field(default_factory=DiscrepancyRates)
    events: EventRates = field(default_factory=EventRates)

    @property
    def unit_count(self) -> int:
        """Units to invent: as asked, else one for every 26 people."""
        return self.units or max(12, self.people // PEOPLE_FOR_A_UNIT)
