"""Whether an export needs approval, from its size, what it shows, and what went out today already."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows somebody may take away without approval: at once, and on one day."""

    at_once: int
    a_day: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to take away, and how many rows of persons they took away today."""

    rows: int
    of_persons: bool
    shows_in_clear: tuple[str, ...]
    today: int


def reasons(asked: Asked, limits: Limits) -> Iterator[str]:
    """Why approval is needed; nothing when the export may go at once."""
    if asked.shows_in_clear:
        yield f"包含完整的{'、'.join(asked.shows_in_clear)}，不论多少都须审批"
    if asked.rows > limits.at_once:
        yield f"共 {asked.rows} 条，超过不经审批的上限 {limits.at_once} 条"
    elif asked.of_persons and asked.today + asked.rows > limits.a_day:
        yield f"今天已导出 {asked.today} 人次，加上这次 {asked.rows} 条超过每日上限 {limits.a_day} 条"


def most_of(rows: int) -> int:
    """How many rows an approved export may have: those asked for, and a little for what is registered meanwhile."""
    return rows + max(5, rows // 20)
