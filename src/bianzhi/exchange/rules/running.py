"""When the rosters of a month may be compared."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.reconciliation.sources import DEPARTMENTS, ESTABLISHMENT

UNDER_WAY: Final = "X11"
OLDER: Final = "X12"
MISSING: Final = "X13"
INCOMPLETE: Final = "X14"
NOT_RESUMABLE: Final = "X15"
FEWEST_DEPARTMENTS: Final = 2
ENGINES: Final = ("duckdb", "spark")


def objections_to_departments(delivered: Collection[str], period: str, *, allow_missing: bool) -> list[Objection]:
    """Every department has delivered; asked for, one goes without some, but never without 编办 nor with it alone."""
    absent = [label for code, label in DEPARTMENTS if code not in delivered]
    figures: dict[str, int | str] = {"未报送": len(absent)}
    if len(delivered) < FEWEST_DEPARTMENTS:
        message = f"{period} 只有 {len(delivered)} 个部门有已接收的报送，至少两个部门才能核对"
        return [Objection(MISSING, message, Severity.BLOCK, figures, f"请先接收{'、'.join(absent)}的报送")]
    if ESTABLISHMENT not in delivered:
        message = f"{period} 缺编办实名制名册的报送，没有可以对照的底数"
        return [Objection(MISSING, message, Severity.BLOCK, figures, "请先接收编办的报送")]
    if absent and not allow_missing:
        message = f"{period} 缺{'、'.join(absent)}的报送（没有已接收的完整报送）"
        step = "请先接收其报送；确需在缺少的情况下核对的，请勾选“有部门没有报送也核对”"
        return [Objection(MISSING, message, Severity.BLOCK, figures, step)]
    return []


def objections_to_parts(parts: Mapping[str, tuple[int, Sequence[int]]]) -> list[Objection]:
    """A delivery that came in parts is whole: source name → (how many parts, those accepted)."""
    found = []
    for source, (whole, there) in parts.items():
        absent = [str(number) for number in range(1, whole + 1) if number not in there]
        if absent:
            message = f"{source} 共 {whole} 部分，第 {'、'.join(absent)} 部分尚未接收"
            found.append(Objection(INCOMPLETE, message, Severity.BLOCK, {"缺": len(absent)}, "请补齐后再核对"))
    return found


def objections_to_outdated(run: str, newer: str, replaced: Sequence[str]) -> list[Objection]:
    """A comparison is not taken up after a newer one of its month, nor with deliveries that no longer count."""
    found = []
    if newer:
        message = f"{run}之后，{newer}已完成，旧的核对不能再登记结果"
        found.append(Objection(NOT_RESUMABLE, message, Severity.BLOCK, {}, "以新的核对为准；需要的请重新核对"))
    if replaced:
        message = f"{run}所用的{'、'.join(replaced)}的报送已被替换或退回"
        step = "请按现在已接收的报送重新核对"
        found.append(Objection(NOT_RESUMABLE, message, Severity.BLOCK, {"报送": len(replaced)}, step))
    return found


def objections_to_order(period: str, newest: str, unfinished: str) -> list[Objection]:
    """One comparison at a time, and none of a month before one that is settled."""
    found = []
    if unfinished:
        message = f"{unfinished}尚未结束"
        found.append(Objection(UNDER_WAY, message, Severity.BLOCK, {}, "请等待其完成，或先取消"))
    if newest and period < newest:
        message = f"{newest} 已核对完成，不能再核对更早的 {period}"
        found.append(Objection(OLDER, message, Severity.BLOCK, {}, "更早月份的更正，请重新核对最近的月份"))
    return found
