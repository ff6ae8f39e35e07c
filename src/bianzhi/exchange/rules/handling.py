"""What may be done to a finding in which state, and who may not do it (R25: whoever proposes does not confirm)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.kernel.objections import Objection, Severity

WRONG_STATE: Final = "X01"
NO_REASON: Final = "X02"
DAY_PASSED: Final = "X03"
SECOND_PERSON: Final = "R25"
UNSUPPORTED: Final = "X05"

MAY_FOLLOW: Final[Mapping[str, tuple[str, ...]]] = {
    "assign": ("open", "assigned"),
    "report": ("open", "assigned"),
    "propose": ("open", "assigned"),
    "settle": ("proposed",),
    "take_back": ("assigned", "proposed", "confirmed", "dismissed"),
}
"""The act → states of a finding in which it may be done."""
WORDS: Final[Mapping[str, str]] = {
    "assign": "交办",
    "report": "报送核实情况",
    "propose": "提出处理意见",
    "settle": "复核",
    "take_back": "收回",
    "mend": "据此办理",
}
STATES: Final[Mapping[str, str]] = {
    "open": "待核",
    "assigned": "核实中",
    "proposed": "待复核",
    "confirmed": "已认定",
    "dismissed": "不成立",
    "closed": "已消除",
}
CONFIRM: Final = "confirm"
DISMISS: Final = "dismiss"
VERDICTS: Final[Mapping[str, str]] = {CONFIRM: "认定差异属实", DISMISS: "差异不成立"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who said what of a finding, waiting for a second person; `proposer` is None where the system did."""

    proposer: int | None
    proposer_name: str


def objections_to_act(act: str, state: str, label: str) -> list[Objection]:
    """Why an act cannot be done to a finding as it stands."""
    if state in MAY_FOLLOW[act]:
        return []
    message = f"“{label}”{STATES[state]}，不能{WORDS[act]}"
    return [Objection(WRONG_STATE, message, Severity.BLOCK, {}, "请刷新页面后按当前状态办理")]


def objections_to_words(text: str, what: str = "理由") -> list[Objection]:
    """Every act that decides something says why, in characters that can be kept."""
    if "\x00" in text:
        message = f"{what}中含有不能保存的控制字符"
        return [Objection(NO_REASON, message, Severity.BLOCK, {}, f"请删去后重新填写{what}")]
    if text.strip():
        return []
    return [Objection(NO_REASON, f"未填写{what}", Severity.BLOCK, {}, f"请填写{what}，复核人和日后查阅的人据此判断")]


def objections_to_due_day(due_on: date, today: date) -> list[Objection]:
    """Whoever is asked to find out gets at least today."""
    if due_on >= today:
        return []
    return [Objection(DAY_PASSED, f"办理期限 {due_on} 早于今天", Severity.BLOCK, {}, "请填写今天或以后的日期")]


def objections_to_second_person(proposal: Proposal, confirmer: int | None, confirmer_name: str) -> list[Objection]:
    """R25: a proposal is confirmed, or not, by somebody else than whoever made it."""
    if proposal.proposer is not None and proposal.proposer != confirmer:
        return []
    message = (
        f"处理意见由 {proposal.proposer_name} 提出，复核人 {confirmer_name} 与提出人为同一人（R25：提出、复核须两人）"
    )
    step = "请转由另一位具有“复核认定核对差异”权限的人员复核"
    return [Objection(SECOND_PERSON, message, Severity.BLOCK, {}, step)]


def objections_to_mending(state: str, lane: str, label: str) -> list[Objection]:
    """A case or a problem follows from an accusation only after a second person has confirmed it."""
    allowed = ("confirmed",) if lane == "accuse" else ("open", "assigned", "confirmed")
    if state in allowed:
        return []
    if lane == "accuse" and state in ("open", "assigned", "proposed"):
        message = f"“{label}”属认定类差异，现为“{STATES[state]}”，未经第二人复核不能办理"
        return [Objection(SECOND_PERSON, message, Severity.BLOCK, {}, "请先提出处理意见，由另一人复核认定")]
    message = f"“{label}”{STATES[state]}，不能{WORDS['mend']}"
    return [Objection(WRONG_STATE, message, Severity.BLOCK, {}, "请刷新页面后按当前状态办理")]
