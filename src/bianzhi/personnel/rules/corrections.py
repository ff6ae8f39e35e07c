"""Corrections: nothing is deleted; a mistake is reversed or superseded (R26)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.kernel.objections import Objection, Severity

SHORTEST_REASON: Final = 4
CORRECTABLE: Final = (
    "valid_from",
    "internal_body_id",
    "entry_mode",
    "entry_source",
    "entry_document_id",
    "joined_unit_on",
    "term_until",
)
"""What a correction may put right on an occupancy; unit and quota type change by movements only."""


@dataclass(frozen=True, slots=True)
class Reversible:
    """A movement about to be reversed; `later` are numbers of movements of the same person that came after it.

    `is_standing` says whether the occupancies it closed and opened still count, as they were or as they were corrected.
    """

    number: str
    family: str
    is_reversed: bool
    is_standing: bool
    later: tuple[str, ...]
    positions: tuple[str, ...]


def objections_to_reversal(movement: Reversible, reason: str) -> list[Objection]:
    """R26: a movement is reversed once, and only while nothing has been built on it."""
    found = objections_to_reason(reason)
    if movement.family == "correction" or movement.is_reversed:
        message = f"业务 {movement.number} 已冲正，或本身是更正业务（R26）"
        found.append(Objection("R26", message, Severity.BLOCK, {}, "请重新办理相应的业务"))
    elif not movement.is_standing:
        message = f"业务 {movement.number} 登记的占编已不再有效，不能冲正（R26）"
        found.append(Objection("R26", message, Severity.BLOCK, {}, "请核对该人员的占编经历"))
    if movement.later:
        message = f"业务 {movement.number} 之后还有 {'、'.join(movement.later)}，不能先冲正（R26）"
        found.append(
            Objection("R26", message, Severity.BLOCK, {"后续业务": len(movement.later)}, "请从最后一笔开始依次冲正")
        )
    if movement.positions:
        message = f"该人员在单位任{'、'.join(movement.positions)}，不能冲正其入编（R26）"
        found.append(Objection("R26", message, Severity.BLOCK, {}, "请先免去职务"))
    return found


def remarks_on_what_falls(duties: int, loans: int) -> list[Objection]:
    """Duty states and secondments of a stay that never was do not count either: said before and after."""
    if not duties and not loans:
        return []
    message = f"该业务生效以来登记的在岗情况 {duties} 条、借出 {loans} 条随之作废（R26）"
    return [Objection("R26", message, Severity.WARN, {"在岗情况": duties, "借出": loans}, "仍属实的请另行登记")]


def objections_to_reason(reason: str) -> list[Objection]:
    """A correction says what was wrong."""
    if len(reason.strip()) >= SHORTEST_REASON:
        return []
    return [Objection("R26", "更正须说明原因（R26）", Severity.BLOCK, {}, "请说明原登记错在哪里")]


def objections_to_corrected_days(valid_from: date, valid_to: date | None, previous_to: date | None) -> list[Objection]:
    """The corrected start lies before the end, and not before the person's previous place ended."""
    found: list[Objection] = []
    if valid_to is not None and valid_from >= valid_to:
        found.append(
            Objection("D3", f"入编时间 {valid_from} 不早于出编时间 {valid_to}", Severity.BLOCK, {}, "请核对日期")
        )
    if previous_to is not None and valid_from < previous_to:
        message = f"入编时间 {valid_from} 早于上一段占编的结束时间 {previous_to}（R04）"
        found.append(Objection("R04", message, Severity.BLOCK, {}, "请核对两段占编的日期"))
    return found
