"""Duty states of people on quota (domain dossier §2.7)."""

from datetime import date
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity

ON_DUTY: Final = "on_quota_on_duty"
OFF_DUTY: Final = "on_quota_off_duty"
SECONDED_OUT: Final = "on_quota_seconded_out"
STATES: Final = (ON_DUTY, SECONDED_OUT, OFF_DUTY, "on_quota_probation")
"""States a person on quota can be put into; the other codes of the set follow from the rows themselves."""


def objections_to_duty(state: str, reason: str, since: date | None, effective_on: date) -> list[Objection]:
    """The state is one of §2.7's, an absence has its reason, and the change comes after what it changes."""
    found: list[Objection] = []
    if state not in STATES:
        found.append(Objection("D1", f"“{state}”不是可以登记的在岗情况", Severity.BLOCK, {}, "请从人员状态中选择"))
    if state == OFF_DUTY and reason not in codes("off_duty_reason"):
        found.append(Objection("D2", "在编不在岗须注明原因", Severity.BLOCK, {}, "请从不在岗原因中选择"))
    if since is not None and effective_on <= since:
        message = f"变更日期 {effective_on} 不晚于现状态的开始日期 {since}"
        found.append(Objection("D3", message, Severity.BLOCK, {}, "请核对日期"))
    return found
