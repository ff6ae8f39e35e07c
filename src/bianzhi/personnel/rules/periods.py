"""Periods of which one person has one at a time: a later entry does not reach back into an earlier one (D3)."""

from datetime import date

from bianzhi.kernel.objections import Objection, Severity


def objections_to_overlap(what: str, ended_on: date | None, effective_on: date) -> list[Objection]:
    """D3: the new period begins when the last one has ended; `ended_on` is the first day that one no longer holds."""
    if ended_on is None or ended_on <= effective_on:
        return []
    message = f"{what}到 {ended_on} 才结束，与自 {effective_on} 起的登记重叠"
    return [Objection("D3", message, Severity.BLOCK, {}, f"请核对日期，自 {ended_on} 起登记")]
