"""Totals rows kept as control totals: what the sheet says its figures add up to, against what they do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from bianzhi.common.tabular.cells import folded

_PARTIAL: Final = "小计"
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """One totals row. `stated` and `summed` are by field key; `scope` says in Chinese which rows were added up."""

    sheet: str
    row: int
    label: str
    stated: dict[str, int]
    summed: dict[str, int]
    scope: str

    @property
    def differences(self) -> dict[str, int]:
        """Field key → stated minus summed, where they differ."""
        return {
            key: value - self.summed.get(key, 0)
            for key, value in self.stated.items()
            if value != self.summed.get(key, 0)
        }

    @property
    def agrees(self) -> bool:
        """True when every figure of the row is the sum of its rows."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """A totals row as read: `after` is how many data rows stood before it."""

    row: int
    label: str
    stated: dict[str, int]
    after: int


def control_totals(sheet: str, stated: Sequence[StatedTotal], counts: Sequence[dict[str, int]]) -> list[ControlTotal]:
    """Compare each totals row with the rows it can mean.

    A sheet does not say which rows a total covers. 小计 usually covers the rows since the totals row before it, 合计
    the whole sheet, and both may stand above their rows. The first scope whose sums agree throughout is taken; when
    none does, the usual one is shown with the differences.
    """
    keys = {key for total in stated for key in total.stated}
    sums = {key: [0, *accumulate(row.get(key, 0) for row in counts)] for key in keys}
    found = []
    for position, total in enumerate(stated):
        scopes = [(name, span) for name, span in _scopes(stated, position, len(counts)) if span[0] < span[1]]
        candidates = [(name, _summed(sums, total, span)) for name, span in scopes] or [
            ("没有数据行", dict.fromkeys(total.stated, 0))
        ]
        agreeing = [(name, summed) for name, summed in candidates if summed == total.stated]
        scope, summed = (agreeing or candidates)[0]
        found.append(ControlTotal(sheet, total.row, total.label, total.stated, summed, scope))
    return found


def _summed(sums: dict[str, list[int]], total: StatedTotal, span: Span) -> dict[str, int]:
    return {key: sums[key][span[1]] - sums[key][span[0]] for key in total.stated}


def _scopes(stated: Sequence[StatedTotal], position: int, rows: int) -> Iterable[tuple[str, Span]]:
    """The rows a totals row may cover, the usual meaning of its wording first."""
    total = stated[position]
    here = total.after
    previous = stated[position - 1].after if position else 0
    following = stated[position + 1].after if position + 1 < len(stated) else rows
    same_before = next((one.after for one in reversed(stated[:position]) if _level(one) == _level(total)), 0)
    same_after = next((one.after for one in stated[position + 1 :] if _level(one) == _level(total)), rows)
    near = [
        ("自上一合计行以来的各行", (previous, here)),
        ("至下一合计行为止的各行", (here, following)),
        ("自上一同级合计行以来的各行", (same_before, here)),
        ("至下一同级合计行为止的各行", (here, same_after)),
    ]
    whole = [("全表各行", (0, rows)), ("以上各行", (0, here)), ("以下各行", (here, rows))]
    return [*near, *whole] if _level(total) == _PARTIAL else [*whole, *near]


def _level(total: StatedTotal) -> str:
    """小计 for partial totals by wording, a group's name or a section title; 合计 for totals of everything."""
    label = folded(total.label)
    return "合计" if label.startswith(("合计", "总计", "共计", "总数", "累计", "全")) else _PARTIAL
