"""T08: which movements count as 增 and which as 减, so that opening + in − out = closing.

The occupancies of a period are the truth; movements only say why each began or ended. A change of internal body, or
any other change that leaves unit and quota type as they were, is neither.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

Place = tuple[int, str]
"""A unit and a quota type."""

IN_GROUPS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "exam": ("考录选调", ("I01", "I02")),
    "recruited": ("公开招聘", ("I03",)),
    "talent": ("人才引进", ("I04",)),
    "civil": ("调任转任遴选", ("I05", "I06", "I07")),
    "transfer": ("区外调入", ("I08",)),
    "placed": ("政策安置", ("I09", "I10", "I11", "I12")),
    "appointed": ("任命选举", ("I13",)),
    "within": ("区内调入", ("T01", "T02", "T03", "T04", "T05", "T07", "T08")),
    "reorganised": ("机构划入", ("I14", "T06")),
    "other": ("其他", ("I15", "I16", "I99")),
}
OUT_GROUPS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "retired": ("退休", ("O01", "O02", "O03", "O04", "O05")),
    "transfer": ("区外调出", ("O06",)),
    "resigned": ("辞职", ("O07",)),
    "dismissed": ("辞退开除", ("O08", "O09")),
    "died": ("死亡", ("O10",)),
    "within": ("区内调出", ("T01", "T02", "T03", "T04", "T05", "T07", "T08")),
    "reorganised": ("机构划出", ("O11", "T06")),
    "removed": ("清退收回", ("O12",)),
    "expired": ("期满不续", ("O13",)),
    "other": ("其他", ("O99",)),
}
_IN: Final = {mode: group for group, (_, modes) in IN_GROUPS.items() for mode in modes}
_OUT: Final = {mode: group for group, (_, modes) in OUT_GROUPS.items() for mode in modes}


@dataclass(frozen=True, slots=True)
class Stay:
    """One occupancy that began or ended within the period; `came_by` and `left_by` are modes, "" when unknown.

    `next_id` is the occupancy the same movement opened when this one ended.
    """

    id: int
    place: Place
    start: date
    end: date | None
    came_by: str = ""
    left_by: str = ""
    next_id: int | None = None


@dataclass(slots=True)
class Flow:
    """What a period did to one unit and quota type; counts by group."""

    opening: int = 0
    ins: Counter[str] = field(default_factory=Counter)
    outs: Counter[str] = field(default_factory=Counter)
    closing: int = 0

    @property
    def came(self) -> int:
        """All additions."""
        return self.ins.total()

    @property
    def left(self) -> int:
        """All reductions."""
        return self.outs.total()

    @property
    def is_balanced(self) -> bool:
        """Whether opening + in − out = closing."""
        return self.opening + self.came - self.left == self.closing

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.opening or self.came or self.left or self.closing)


def flows(
    opening: dict[Place, int], closing: dict[Place, int], stays: Iterable[Stay], first: date, last: date
) -> dict[Place, Flow]:
    """The flow of each place over the days `first` to `last`, both included.

    `opening` is the count on the eve of `first`, `closing` that at the end of `last`; they are counted apart from the
    stays, so that an unbalanced flow shows an error instead of hiding it.
    """
    listed = list(stays)
    by_id = {stay.id: stay for stay in listed}
    renewed = {
        stay.next_id
        for stay in listed
        if stay.next_id is not None
        and (following := by_id.get(stay.next_id)) is not None
        and following.place == stay.place
        and following.start == stay.end
    }
    found: dict[Place, Flow] = {}
    for stay in listed:
        flow = found.setdefault(stay.place, Flow())
        if first <= stay.start <= last and stay.id not in renewed:
            flow.ins[_IN.get(stay.came_by, "other")] += 1
        if stay.end is not None and first <= stay.end <= last and stay.next_id not in renewed:
            flow.outs[_OUT.get(stay.left_by, "other")] += 1
    for place, count in opening.items():
        found.setdefault(place, Flow()).opening = count
    for place, count in closing.items():
        found.setdefault(place, Flow()).closing = count
    return {place: flow for place, flow in found.items() if not flow.is_empty}
