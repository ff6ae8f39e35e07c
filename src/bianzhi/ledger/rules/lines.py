"""What an entry may contain, in pure terms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.objections import Objection, Severity


@dataclass(frozen=True, slots=True)
class Place:
    """An account by its meaning: whose quota of which measure it holds.

    `kind` is an AccountKind value; unit and body places name an organisation, the others a tier.
    """

    kind: str
    measure: str
    tier: str = "district"
    organization_id: int | None = None
    body_id: int | None = None

    @property
    def key(self) -> str:
        """The account's unique key."""
        if self.kind == "unit":
            return f"unit:{self.organization_id}:{self.measure}"
        if self.kind == "body":
            return f"body:{self.organization_id}:{self.body_id}:{self.measure}"
        return f"{self.kind}:{self.tier}:{self.measure}"

    @property
    def held_by_unit(self) -> bool:
        """Whether its balance is part of a unit's approved number."""
        return self.kind in ("unit", "body")


@dataclass(frozen=True, slots=True)
class Line:
    """So much into (+) or out of (−) a place."""

    place: Place
    amount: int


def unit(organization_id: int, measure: str) -> Place:
    """The account of a unit."""
    return Place("unit", measure, organization_id=organization_id)


def body(organization_id: int, body_id: int, measure: str) -> Place:
    """The account of an internal body to which a part of the unit's quota is fixed (定编到科室)."""
    return Place("body", measure, organization_id=organization_id, body_id=body_id)


def move(source: Place, target: Place, amount: int) -> list[Line]:
    """The two lines that move `amount` (> 0); the receiving line first, so no sum dips on the way."""
    return [Line(target, amount), Line(source, -amount)]


def objections_to_lines(lines: Sequence[Line]) -> list[Objection]:
    """Lines must balance to zero for each measure and move something."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.place.measure] += line.amount
    off = {measure: total for measure, total in sums.items() if total}
    if not lines or any(line.amount == 0 for line in lines):
        return [Objection("R26", "台账条目没有数额，无需登记", Severity.BLOCK, {}, "请填写大于 0 的数额")]
    if off:
        text = "、".join(f"{measure} 相差 {total}" for measure, total in off.items())
        return [Objection("R06", f"台账条目借贷不平：{text}", Severity.BLOCK, off, "请核对各账户的增减数额")]
    return []


def lowest_from(history: Iterable[tuple[date, int]], day: date) -> int:
    """Lowest end-of-day balance from `day` on, of a history of (effective day, amount)."""
    balance = 0
    later: dict[date, int] = defaultdict(int)
    for effective_on, amount in history:
        if effective_on <= day:
            balance += amount
        else:
            later[effective_on] += amount
    lowest = balance
    for effective_on in sorted(later):
        balance += later[effective_on]
        lowest = min(lowest, balance)
    return lowest
