"""What each department says of one person, before and after, in a form events can be recognised from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bianzhi.reconciliation.sources import DEPARTMENT_CODES

Position = Mapping[str, Any]
"""A line of `positions`: source, unit_name, unit_unknown, active, duty, quota, funding, name_key, id18, birth, sex."""

COMPARED: Final[Mapping[str, str]] = {
    "name": "name_key",
    "id_number": "id18",
    "birth": "birth",
    "sex": "sex",
    "quota_type": "quota",
    "funding": "funding",
}
"""Attribute of an event → column of `positions`."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one department says of one person in one month; empty where it has no row of them."""

    units: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_present: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it has the person at work somewhere."""
        return "on_quota" in self.duties

    def value(self, attribute: str) -> str:
        """What it says of an attribute; empty where it says nothing, or two things."""
        values = self.values.get(attribute, frozenset())
        return next(iter(values)) if len(values) == 1 else ""


NOTHING: Final = Said()
Month = Mapping[str, Said]


def month_of(positions: Iterable[Position]) -> Month:
    """Department → what it says, of the positions of one person in one month."""
    by_source: dict[str, list[Position]] = {}
    for position in positions:
        by_source.setdefault(str(position["source"]), []).append(position)
    return {source: _said(by_source[source]) for source in DEPARTMENT_CODES if source in by_source}


def _said(positions: Iterable[Position]) -> Said:
    lines = list(positions)
    at_work = [line for line in lines if line["active"]]
    return Said(
        units=frozenset(str(line["unit_name"]) for line in at_work if line["unit_name"] and not line["unit_unknown"]),
        duties=frozenset("on_quota" if line["active"] else str(line["duty"]) for line in lines),
        values={
            attribute: frozenset(str(line[column]) for line in lines if line[column] is not None)
            for attribute, column in COMPARED.items()
        },
        is_present=True,
    )
