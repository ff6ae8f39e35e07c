"""From figures read off a paper to the acts of the ledger they would be: what is told is taken over, nothing is added.

A paper tells either by how much a quota changes (核增, 核减) or how large it is now (核定). The second becomes a change
by what the ledger holds; where the type of quota is not told, the person who registers chooses it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

UNTOLD: Final = frozenset({"B", "any"})
"""Types of quota that a paper leaves open."""
LINES: Final = 3
"""Types one act of the ledger takes at once."""
_ACTS: Final = {"increase": "increase", "decrease": "decrease"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure of a paper: 「increase:A1」 and the number."""

    field: str
    number: int

    @property
    def kind(self) -> str:
        """quota, increase, decrease or post."""
        return self.field.partition(":")[0]

    @property
    def measure(self) -> str:
        """The type of quota or level of post."""
        return self.field.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Compared:
    """A total a paper states beside what the ledger holds."""

    measure: str
    stated: int
    held: int

    @property
    def difference(self) -> int:
        """How many more the paper states."""
        return self.stated - self.held


@dataclass(frozen=True, slots=True)
class Draft:
    """One act: its key, and the values for the fields of its form."""

    act: str
    values: Mapping[str, str]


def readings(candidates: Iterable[tuple[str, str]]) -> list[Reading]:
    """The figures among candidates (field and value, the surest of a field first); one of each field."""
    found: dict[str, Reading] = {}
    for field, value in candidates:
        reading = Reading(field, int(value)) if value.isdecimal() else None
        if reading is not None and reading.kind in ("quota", "increase", "decrease", "post") and reading.measure:
            found.setdefault(field, reading)
    return list(found.values())


def compared(figures: Sequence[Reading], held: Mapping[str, int]) -> list[Compared]:
    """Totals of told types against what the ledger holds; only what a change on the same paper does not tell of."""
    changed = {each.measure for each in figures if each.kind in _ACTS}
    return [
        Compared(each.measure, each.number, held.get(each.measure, 0))
        for each in figures
        if each.kind == "quota" and each.measure not in changed and each.measure not in UNTOLD
    ]


def drafts(figures: Sequence[Reading], held: Mapping[str, int] | None) -> list[Draft]:
    """The acts that would register the figures; `held` is what the unit has in the ledger, None for no known unit."""
    moves: dict[str, list[tuple[str, int]]] = {"increase": [], "decrease": []}
    for each in figures:
        if each.kind in _ACTS and each.number:
            moves[each.kind].append((each.measure, each.number))
    for total in compared(figures, held) if held is not None else ():
        if total.difference:
            moves["increase" if total.difference > 0 else "decrease"].append((total.measure, abs(total.difference)))
    made = [draft for act, lines in moves.items() for draft in _of_lines(act, lines)]
    posts = {each.measure: str(each.number) for each in figures if each.kind == "post"}
    return [*made, Draft("posts", posts)] if posts else made


def _of_lines(act: str, lines: Sequence[tuple[str, int]]) -> Iterable[Draft]:
    for start in range(0, len(lines), LINES):
        values: dict[str, str] = {}
        for number, (measure, amount) in enumerate(lines[start : start + LINES], 1):
            values[f"measure_{number}"] = "" if measure in UNTOLD else measure
            values[f"amount_{number}"] = str(amount)
        yield Draft(act, {name: value for name, value in values.items() if value})
