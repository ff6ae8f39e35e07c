"""Who is meant by the audience of a notice."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seat:
    """One role in force of one active account, and the unit it is for (None: the whole district)."""

    user_id: int
    role: str
    organization_id: int | None


def everyone(seats: Iterable[Seat]) -> set[int]:
    """All who hold any role."""
    return {seat.user_id for seat in seats}


def holders_of(seats: Iterable[Seat], roles: Collection[str]) -> set[int]:
    """All who hold one of the roles."""
    return {seat.user_id for seat in seats if seat.role in roles}


def people_at(seats: Iterable[Seat], units: Collection[int]) -> set[int]:
    """All whose role is for one of the units; offices of the district belong to none."""
    return {seat.user_id for seat in seats if seat.organization_id in units}
