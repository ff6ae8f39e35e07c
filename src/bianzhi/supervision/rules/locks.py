"""R12, R13: what a unit has left undone, for which its new applications are not accepted until it is done.

Each lock goes by itself once its cause is gone; until then only the director can let an application through, with a
reason and a document.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.objections import Objection, Severity

LISTED = 5
OVERRIDE = "确需先行办理的，由编办主任说明理由、附依据文件后放行"


@dataclass(frozen=True, slots=True)
class Owed:
    """A person whose exit was to be filed by `deadline` (R12)."""

    name: str
    deadline: date


@dataclass(frozen=True, slots=True)
class Standing:
    """A problem that is not 销号: its number and what it is."""

    number: str
    kind: str


@dataclass(frozen=True, slots=True)
class Late:
    """A rectification the unit has not reported on in time (W13)."""

    number: str
    due_on: date


def objections_to_applications(
    unit: str, exits: Sequence[Owed], problems: Sequence[Standing], orders: Sequence[Late]
) -> list[Objection]:
    """Every reason why new applications of a unit are not accepted, each with what clears it (R13)."""
    return [*_owed_exits(unit, exits), *_problems(unit, problems), *_late_orders(unit, orders)]


def _owed_exits(unit: str, exits: Sequence[Owed]) -> list[Objection]:
    if not exits:
        return []
    first = min(exits, key=lambda owed: owed.deadline)
    message = (
        f"“{unit}”有 {len(exits)} 人（{_list(owed.name for owed in exits)}）逾期未办理出编，"
        f"最早应于 {first.deadline} 前办理（R12），新的申请不予受理（R13）"
    )
    return [_lock(message, {"逾期未出编": len(exits)}, "请先为上述人员办理出编，办结后自动解除")]


def _problems(unit: str, problems: Sequence[Standing]) -> list[Objection]:
    if not problems:
        return []
    listed = _list(f"{problem.number} {problem.kind}" for problem in problems)
    message = f"“{unit}”有 {len(problems)} 个监督检查问题未销号（{listed}），新的申请不予受理（R13）"
    return [_lock(message, {"未销号问题": len(problems)}, "请先完成整改并销号，销号后自动解除")]


def _late_orders(unit: str, orders: Sequence[Late]) -> list[Objection]:
    if not orders:
        return []
    listed = _list(f"{order.number}，应于 {order.due_on} 前报送" for order in orders)
    message = f"“{unit}”有 {len(orders)} 份整改通知书逾期未报整改情况（{listed}），新的申请不予受理（R13）"
    return [_lock(message, {"逾期整改": len(orders)}, "请先报送整改情况，报送后自动解除")]


def _list(words: Iterable[str]) -> str:
    every = list(words)
    return "、".join(every[:LISTED]) + ("等" if len(every) > LISTED else "")


def _lock(message: str, figures: dict[str, int | str], step: str) -> Objection:
    return Objection("R13", message, Severity.OVERRIDE, figures, f"{step}；{OVERRIDE}")
