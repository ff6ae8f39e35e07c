"""Warnings that come with the calendar: W06 到龄, W07 出编超期, W08 核准单, W11 周转到期."""

from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.retirement import YearMonth, months_until
from bianzhi.reports.rules.catalogue import Level
from bianzhi.reports.rules.findings import Found, Subject


@dataclass(frozen=True, slots=True)
class Member:
    """A person on a unit's quota."""

    person_id: int
    name: str
    organization_id: int
    unit: str

    @property
    def subject(self) -> Subject:
        """The person as the subject of a warning."""
        return Subject("person", str(self.person_id), self.name)


def retirement_level(months: int) -> Level | None:
    """W06 by calendar months to the retirement month: blue at 6, yellow at 3, orange at 1 and 0, red once past."""
    if months < 0:
        return Level.RED
    if months <= 1:
        return Level.ORANGE
    if months <= 3:
        return Level.YELLOW
    return Level.BLUE if months <= 6 else None


def retirement_due(member: Member, month: YearMonth, today: date) -> Found | None:
    """W06: the person retires within six months, or should have and is still on quota (R18)."""
    months = months_until(today, month)
    level = retirement_level(months)
    if level is None:
        return None
    if months < 0:
        message = f"{member.name}（{member.unit}）应于 {month} 退休，仍在编"
    elif months == 0:
        message = f"{member.name}（{member.unit}）本月到龄退休"
    else:
        message = f"{member.name}（{member.unit}）将于 {month} 到龄退休，还有 {months} 个月"
    figures: dict[str, int | str] = {"退休年月": f"{month.year}-{month.month:02d}", "剩余月数": months}
    return Found("W06", level, member.subject, member.organization_id, message, figures)


def exit_overdue(member: Member, cause: str, off_on: date, deadline: date, today: date) -> Found | None:
    """W07: the exit was due by `deadline` and is not filed (R12); `cause` is the event in words."""
    if today <= deadline:
        return None
    message = f"{member.name}（{member.unit}）{cause}，出编应于 {deadline} 前办理，已超期 {(today - deadline).days} 天"
    figures: dict[str, int | str] = {
        "应出编日期": str(off_on),
        "应办日期": str(deadline),
        "超期天数": (today - deadline).days,
    }
    return Found("W07", Level.RED, member.subject, member.organization_id, message, figures)


def stage(days_left: int, steps: tuple[int, ...]) -> int | None:
    """The tightest step reached with so many days left; None while even the widest is further off."""
    return min((step for step in steps if days_left <= step), default=None)


@dataclass(frozen=True, slots=True)
class Approval:
    """A staffing approval with slots nobody has used."""

    id: int
    number: str
    organization_id: int
    unit: str
    valid_until: date
    open_slots: int


def approval_expiring(approval: Approval, today: date, *, days: int) -> Found | None:
    """W08: unused slots, and `days` (60), 30 or 0 days left; the last day of validity still counts as valid."""
    left = (approval.valid_until - today).days
    reached = stage(left, (days, 30, 0))
    if reached is None or not approval.open_slots:
        return None
    when = f"还有 {left} 天" if left > 0 else "今天到期" if left == 0 else f"已过期 {-left} 天，名额尚未释放"
    unused = f"有 {approval.open_slots} 个名额未用，有效期至 {approval.valid_until}"
    message = f"{approval.unit}核准单 {approval.number} {unused}，{when}"
    figures: dict[str, int | str] = {
        "未用名额": approval.open_slots,
        "有效期至": str(approval.valid_until),
        "剩余天数": left,
    }
    subject = Subject("approval", str(approval.id), f"核准单 {approval.number}")
    return Found("W08", Level.YELLOW, subject, approval.organization_id, message, figures)


def term_ending(member: Member, quota: str, term_until: date, today: date, *, days: int) -> Found | None:
    """W11: a rotating or talent quota whose term ends within `days` (90), 30 or 0 days (R20)."""
    left = (term_until - today).days
    if stage(left, (days, 30, 0)) is None:
        return None
    when = f"还有 {left} 天" if left > 0 else "今天到期" if left == 0 else f"已过期 {-left} 天"
    message = f"{member.name}（{member.unit}）占用的{quota}期限至 {term_until}，{when}"
    figures: dict[str, int | str] = {"期限": str(term_until), "剩余天数": left}
    return Found("W11", Level.ORANGE, member.subject, member.organization_id, message, figures)
