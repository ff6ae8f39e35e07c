"""The lines of a finding's history."""

from enum import StrEnum


class Action(StrEnum):
    """One kind of line; `label` is what an official reads."""

    FOUND = "found"
    CHANGED = "changed"
    REOPENED = "reopened"
    GONE = "gone"
    ASSIGNED = "assigned"
    REPORTED = "reported"
    TAKEN_BACK = "taken_back"
    PROPOSED_CONFIRM = "propose_confirm"
    PROPOSED_DISMISS = "propose_dismiss"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    DISAGREED = "disagreed"
    LAPSED = "lapsed"
    CASE_OPENED = "case_opened"
    CASE_ENDED = "case_ended"
    PROBLEM = "problem"

    @property
    def label(self) -> str:
        """The word in the history."""
        return LABELS[self]


LABELS = {
    Action.FOUND: "核对发现",
    Action.CHANGED: "证据变化",
    Action.REOPENED: "重新待核",
    Action.GONE: "已消除",
    Action.ASSIGNED: "交办",
    Action.REPORTED: "报送核实情况",
    Action.TAKEN_BACK: "收回",
    Action.PROPOSED_CONFIRM: "提出：属实",
    Action.PROPOSED_DISMISS: "提出：不成立",
    Action.CONFIRMED: "复核认定属实",
    Action.DISMISSED: "复核认定不成立",
    Action.DISAGREED: "复核不同意",
    Action.LAPSED: "处理意见失效",
    Action.CASE_OPENED: "据此办理业务",
    Action.CASE_ENDED: "业务办结",
    Action.PROBLEM: "登记督查问题",
}
PROPOSALS = {"confirm": Action.PROPOSED_CONFIRM, "dismiss": Action.PROPOSED_DISMISS}
SETTLING = {
    "confirmed": Action.CONFIRMED,
    "dismissed": Action.DISMISSED,
    "closed": Action.GONE,
}
"""The state a settled finding stands in → the line that must be in its history."""
