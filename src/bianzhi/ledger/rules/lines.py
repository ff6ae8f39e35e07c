"""What an entry may contain, in pure terms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.objections import Objection, Refused, Severity


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
    """The two lines that move `amount`; the receiving line first, so no sum dips on the way.

    Raises Refused for an amount below 1: a negative one would be the opposite act under the wrong name, past
    the rules of the act it really is. Raises Refused too when both ends are one account: nothing would move.
    """
    if source.key == target.key:
        step = "请重新选择；周转池、人才专项池不分层级"
        raise Refused([Objection("R26", "调出与调入是同一个账户，没有编制变动", Severity.BLOCK, {}, step)])
    if amount < 1:
        raise Refused(
            [Objection("R26", f"数额须是大于 0 的整数，现为 {amount}", Severity.BLOCK, {}, "减少请用核减、收回等事项")]
        )
    return [Line(target, amount), Line(source, -amount)]


def net_by_unit(lines: Iterable[Line]) -> dict[tuple[int, str], int]:
    """By how much each (organisation, measure) changes in all, its internal bodies included."""
    net: dict[tuple[int, str], int] = defaultdict(int)
    for line in lines:
        if line.place.organization_id is not None:
            net[line.place.organization_id, line.place.measure] += line.amount
    return dict(net)


def gives_to_a_unit(lines: Iterable[Line]) -> bool:
    """Whether some unit or internal body has more by these lines than before."""
    lines = list(lines)
    into_bodies = any(line.amount > 0 and line.place.body_id is not None for line in lines)
    return into_bodies or any(amount > 0 for amount in net_by_unit(lines).values())


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


def levels_from(history: Iterable[tuple[date, int]], day: date) -> list[tuple[date, int]]:
    """End-of-day balances from `day` on, of a history of (effective day, amount): that day's and each later change."""
    balance = 0
    later: dict[date, int] = defaultdict(int)
    for effective_on, amount in history:
        if effective_on <= day:
            balance += amount
        else:
            later[effective_on] += amount
    levels = [(day, balance)]
    for effective_on in sorted(later):
        balance += later[effective_on]
        levels.append((effective_on, balance))
    return levels


def lowest_from(history: Iterable[tuple[date, int]], day: date) -> int:
    """Lowest end-of-day balance from `day` on."""
    return min(balance for _, balance in levels_from(history, day))
