"""Rules of the staffing matters (P01–P06, P11, P12, P19) beyond those of the register itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.personnel.rules.capacity import QuotaUse, figures

PLACEMENTS: Final = frozenset({"I09", "I10", "I12"})
"""Modes of 政策性安置: 军转、退役士兵、三支一扶和定向培养."""


def objections_to_placement(modes: Collection[str], consultation: str) -> list[Objection]:
    """R28: whoever places people by policy consults the establishment office before fixing the plan."""
    placed = [mode for mode in dict.fromkeys(modes) if mode in PLACEMENTS]
    if not placed or consultation.strip():
        return []
    words = "、".join(codes("entry_mode").label(mode) for mode in placed)
    message = f"{words}须先征求机构编制部门意见再下达计划，未填写征求意见文号（R28）"
    return [Objection("R28", message, Severity.BLOCK, {}, "请填写安置计划征求意见函的文号")]


def outside_the_plan(left: Sequence[tuple[str, int]]) -> list[Objection]:
    """P1: a unit whose plan has something left (items with their numbers) and that cites none is asked why."""
    if not left:
        return []
    items = "、".join(f"{item} {number} 名" for item, number in left[:3]) + ("等" if len(left) > 3 else "")
    message = f"本单位用编计划尚有结余（{items}），未选择计划项的按计划外用编办理（P1）"
    return [Objection("P1", message, Severity.WARN, {"结余": sum(n for _, n in left)}, "属于计划内的请选择计划项")]


@dataclass(frozen=True, slots=True)
class Attrition:
    """What a unit has of one quota type at the start of a planning year, and who will leave it by the year's end."""

    unit: str
    quota: str
    use: QuotaUse
    leaving: int


def objections_to_planned(planned: int, there: Attrition) -> list[Objection]:
    """R03, R02: an over-staffed unit plans nothing; others plan within their vacancies and the predicted attrition."""
    use = there.use
    shown = {**figures(use, planned), "预计减员": there.leaving}
    if use.over:
        numbers = f"核定 {use.approved} 名，实有 {use.occupied} 名，已超编 {use.over} 名"
        message = f"“{there.unit}”{there.quota}{numbers}，不能申报用编计划（R03）"
        return [Objection("R03", message, Severity.BLOCK, {**shown, "超编": use.over}, "请先消化超编人员")]
    if planned <= max(use.available, 0) + there.leaving:
        return []
    message = (
        f"“{there.unit}”{there.quota}可用 {max(use.available, 0)} 名，年内预计减员 {there.leaving} 名，"
        f"少于计划的 {planned} 名（R02）"
    )
    return [Objection("R02", message, Severity.BLOCK, shown, "请按空编和预计减员核减计划人数")]


def overdue_entry(name: str, arrived_on: date, deadline: date, today: date, days: int) -> list[Objection]:
    """P3: an entry is filed within the office's working days after the person arrived; a late one is remarked."""
    if today <= deadline:
        return []
    message = f"{name}于 {arrived_on} 到岗，应在 {days} 个工作日内（{deadline} 前）办理入编，已超期（P3）"
    return [Objection("P3", message, Severity.WARN, {"应办日期": str(deadline)}, "请说明超期原因，今后及时办理")]


def exit_due(name: str, deadline: date, today: date) -> list[Objection]:
    """R12's clock in words, while it still runs."""
    if today > deadline:
        return []
    message = f"{name}的出编应于 {deadline} 前办理（R12）"
    return [Objection("R12", message, Severity.WARN, {"应办日期": str(deadline)}, "请在期限内提交")]


def objections_to_changes(changes: Mapping[str, object], same: Sequence[str]) -> list[Objection]:
    """R14: a 信息变更 changes something; a new value that is the old one is told."""
    if not changes:
        return [Objection("R14", "没有填写要变更的内容（R14）", Severity.BLOCK, {}, "请只填写需要变更的项目")]
    if same:
        message = f"{'、'.join(same)}的新值与原值相同（R14）"
        return [Objection("R14", message, Severity.BLOCK, {}, "请核对，未变更的项目请留空")]
    return []


def objections_to_promised_posts(level: str, use: QuotaUse, promised: int, leaving: int) -> list[Objection]:
    """R09: posts confirmed to other cases that have not led to an appointment yet are not given out twice."""
    if not promised or use.available + leaving - promised >= 1:
        return []
    message = f"{level}核定 {use.approved} 名，已配 {use.occupied} 名，另有 {promised} 名已核准待任职，没有空额（R09）"
    shown = {"核定": use.approved, "已配": use.occupied, "待任职": promised}
    return [Objection("R09", message, Severity.OVERRIDE, shown, "请待在办的任职办结，或由编办主任凭文件放行")]
