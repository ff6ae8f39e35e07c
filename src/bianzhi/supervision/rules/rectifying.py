"""整改: which act may follow which, and how long a unit is given (P13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bianzhi.kernel.calendar import WorkingCalendar
from bianzhi.kernel.objections import Objection, Severity

MAY_FOLLOW = {
    "report": ("issued",),
    "extend": ("issued",),
    "verify": ("reported",),
    "close": ("verified",),
    "reopen": ("closed",),
}
"""The act → states of an order in which it may be done."""

WORDS = {"report": "报送整改情况", "extend": "延期", "verify": "核查", "close": "销号", "reopen": "撤销销号"}
WAITS_FOR = {
    "issued": "等待单位报送整改情况",
    "reported": "等待编办核查",
    "verified": "等待编办销号",
    "closed": "已经销号",
}


def usual_due_day(issued_on: date, days: int, calendar: WorkingCalendar) -> date:
    """The last day of a rectification of so many calendar days; on a day off it is the next working day."""
    return calendar.add_working_days(issued_on + timedelta(days=days), 0)


def objections_to_act(act: str, state: str, number: str) -> list[Objection]:
    """Why an act cannot be done to an order as it stands."""
    if state in MAY_FOLLOW[act]:
        return []
    message = f"{number} {WAITS_FOR[state]}，不能{WORDS[act]}（P13）"
    return [Objection("P13", message, Severity.BLOCK, {}, "请刷新页面后按当前状态办理")]


def objections_to_due_day(due_on: date, issued_on: date, *, today: date, longest_days: int) -> list[Objection]:
    """The unit gets at least until today, and not more than the office's longest time from the order on."""
    if due_on < today:
        return [Objection("D3", f"整改期限 {due_on} 早于今天", Severity.BLOCK, {}, "请填写今天或以后的日期")]
    last = issued_on + timedelta(days=longest_days)
    if due_on > last:
        message = f"整改期限 {due_on} 超过签发后 {longest_days} 天（{last}）（P13）"
        figures: dict[str, int | str] = {"最长天数": longest_days, "最晚日期": str(last)}
        return [Objection("P13", message, Severity.BLOCK, figures, f"请填写不晚于 {last} 的日期")]
    return []


def objections_to_extension(new_due_on: date, due_on: date) -> list[Objection]:
    """An extension moves the day on."""
    if new_due_on > due_on:
        return []
    return [Objection("D3", f"新期限 {new_due_on} 不晚于原期限 {due_on}", Severity.BLOCK, {}, "请填写更晚的日期")]


@dataclass(frozen=True, slots=True)
class Found:
    """A problem an order is to cover."""

    number: str
    organization_id: int
    state: str
    state_label: str
    found_on: date


def objections_to_order(
    problems: Sequence[Found], *, today: date, notice_days: int, calendar: WorkingCalendar
) -> list[Objection]:
    """One order: problems of one unit that wait for it. Late is only remarked: the order is needed all the same."""
    found: list[Objection] = []
    if not problems:
        return [Objection("D2", "未选择要整改的问题", Severity.BLOCK, {}, "请至少选择一个待整改的问题")]
    if len({problem.organization_id for problem in problems}) > 1:
        found.append(Objection("P13", "所选问题不属于同一单位", Severity.BLOCK, {}, "整改通知书一单位一份，请分别签发"))
    for problem in problems:
        if problem.state != "open":
            message = f"问题 {problem.number} {problem.state_label}，不能再签发整改通知书（P13）"
            found.append(Objection("P13", message, Severity.BLOCK, {}, "请只选择待整改的问题"))
        last = calendar.add_working_days(problem.found_on, notice_days)
        if today > last:
            message = f"问题 {problem.number} 于 {problem.found_on} 发现，应在 {last} 前签发整改通知书"
            found.append(Objection("P13", message, Severity.WARN, {"应发日期": str(last)}, "已照常签发"))
    return found


def wanted(**texts: str) -> list[Objection]:
    """D2 for each text that is missing; the names are what the reader calls them."""
    return [
        Objection("D2", f"未填写{name}", Severity.BLOCK, {}, f"请填写{name}")
        for name, text in texts.items()
        if not text.strip()
    ]
