"""What the comparison of departments warns of: W10 空饷疑似, W12 (identity told differently), and absences (W10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bianzhi.reports.rules.catalogue import Level
from bianzhi.reports.rules.deadlines import Member
from bianzhi.reports.rules.findings import Found, Subject


@dataclass(frozen=True, slots=True)
class Difference:
    """An unsettled finding: `is_certain` where it accuses, or two persons have confirmed it."""

    id: int
    name: str
    label: str
    department: str
    organization_id: int | None
    unit: str
    state: str
    is_certain: bool
    found_on: date


def payroll_suspected(difference: Difference, today: date) -> Found:
    """W10 of a difference of class A or F: red where it is certain, orange while it has to be looked into."""
    level = Level.RED if difference.is_certain else Level.ORANGE
    return _found("W10", level, difference, today)


def identity_told_differently(difference: Difference, today: date) -> Found:
    """W12 of a difference of class C: name, number, birth or sex are not the same in every department."""
    return _found("W12", Level.YELLOW, difference, today)


def unbroken_since(first: date, earlier: Mapping[date, date]) -> date:
    """The first day of an absence that others lead up to without a day between (`earlier`: end → first day).

    Another reason opens another period; the person has been away all the while.
    """
    while first in earlier:
        first = earlier[first]
    return first


def absent_long(member: Member, since: date, months: int, today: date) -> Found:
    """W10: off duty for longer than the office's limit while the quota and the pay go on."""
    days = (today - since).days
    message = f"{member.name}（{member.unit}）自 {since} 在编不在岗，已 {days} 天，超过 {months} 个月"
    figures: dict[str, int | str] = {"不在岗自": str(since), "天数": days}
    return Found("W10", Level.RED, member.subject, member.organization_id, message, figures, facet="off_duty")


def _found(code: str, level: Level, difference: Difference, today: date) -> Found:
    days = (today - difference.found_on).days
    who = f"{difference.name}（{difference.unit or '单位不明'}）"
    message = f"{who}{difference.label}，{difference.state}，责任部门{difference.department}，已 {days} 天"
    figures: dict[str, int | str] = {"发现日期": str(difference.found_on), "状态": difference.state, "已历天数": days}
    subject = Subject("finding", str(difference.id), f"{difference.name}　{difference.label}")
    return Found(code, level, subject, difference.organization_id, message, figures, facet="exchange")
