"""Warnings about quota: W01 超编, W02 混编, W03 超职数, W04 满编, W05 长期空编, W14 总量逼近."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.reports.rules.catalogue import Level
from bianzhi.reports.rules.findings import Found, Subject


@dataclass(frozen=True, slots=True)
class Measure:
    """One quota type (or post level) of one unit."""

    organization_id: int
    unit: str
    code: str
    label: str

    @property
    def subject(self) -> Subject:
        """The unit as the subject of a warning."""
        return Subject("organization", str(self.organization_id), self.unit)


def over_or_full(measure: Measure, use: QuotaUse, *, full_percent: int) -> Found | None:
    """W01 where more people are there than approved; W04 from `full_percent` % on, orange at 100 %."""
    figures = {"核定": use.approved, "实有": use.occupied}
    if use.over:
        message = f"{measure.unit}{measure.label}核定 {use.approved} 名，实有 {use.occupied} 名，超编 {use.over} 名"
        return _found("W01", Level.RED, measure, message, {**figures, "超编": use.over})
    if not use.approved or use.occupied * 100 < full_percent * use.approved:
        return None
    if use.occupied == use.approved:
        message = f"{measure.unit}{measure.label}核定 {use.approved} 名，已满编"
        return _found("W04", Level.ORANGE, measure, message, figures)
    rate = use.occupied * 100 / use.approved
    message = f"{measure.unit}{measure.label}核定 {use.approved} 名，实有 {use.occupied} 名，满编率 {rate:.1f}%"
    return _found("W04", Level.YELLOW, measure, message, figures)


def misused(measure: Measure, people: int) -> Found:
    """W02: so many people on a quota type the unit's kind of organisation may not use (R05)."""
    message = f"{measure.unit}有 {people} 人占用{measure.label}，与机构类别不符，属于混编"
    return _found("W02", Level.RED, measure, message, {"混编": people})


def excess_posts(measure: Measure, use: QuotaUse) -> Found | None:
    """W03: more leaders of a level than posts approved (R09)."""
    if not use.over:
        return None
    message = f"{measure.unit}{measure.label}核定 {use.approved} 名，实配 {use.occupied} 名，超配 {use.over} 名"
    return _found("W03", Level.RED, measure, message, {"核定": use.approved, "实配": use.occupied, "超配": use.over})


@dataclass(frozen=True, slots=True)
class Change:
    """What a day changed of a unit's approved and occupied numbers of one type."""

    day: date
    approved: int = 0
    occupied: int = 0


def lowest_vacancy(approved: int, occupied: int, changes: Iterable[Change]) -> Fraction:
    """The lowest vacancy rate over a stretch that begins with these figures; 0 on days with nothing approved.

    Changes of one day count together, so a transfer within a day does not dip the rate.
    """
    by_day: dict[date, tuple[int, int]] = {}
    for change in changes:
        more, came = by_day.get(change.day, (0, 0))
        by_day[change.day] = (more + change.approved, came + change.occupied)
    lowest = _vacancy(approved, occupied)
    for day in sorted(by_day):
        approved += by_day[day][0]
        occupied += by_day[day][1]
        lowest = min(lowest, _vacancy(approved, occupied))
    return lowest


def _vacancy(approved: int, occupied: int) -> Fraction:
    return Fraction(max(approved - occupied, 0), approved) if approved > 0 else Fraction(0)


def long_vacant(measure: Measure, use: QuotaUse, lowest: Fraction, *, percent: int, months: int) -> Found | None:
    """W05: the vacancy rate stayed above `percent` % on every day of the last `months` months."""
    if lowest * 100 <= percent:
        return None
    message = (
        f"{measure.unit}{measure.label}核定 {use.approved} 名，实有 {use.occupied} 名，空编 {use.vacant} 名，"
        f"空编率连续 {months} 个月高于 {percent}%"
    )
    figures: dict[str, int | str] = {"核定": use.approved, "实有": use.occupied, "空编": use.vacant}
    figures["期间最低空编率"] = f"{float(lowest):.1%}"
    return _found("W05", Level.YELLOW, measure, message, figures)


def near_total(
    tier: str, tier_label: str, code: str, label: str, *, allotted: int, total: int, percent: int
) -> Found | None:
    """W14: what is allotted to units has reached `percent` % of the tier's total of a type (R06)."""
    if total <= 0 or allotted * 100 < percent * total:
        return None
    message = f"{tier_label}{label}总量 {total} 名，已核给单位 {allotted} 名，占 {allotted * 100 / total:.1f}%"
    figures = {"总量": total, "已分配": allotted, "结余": total - allotted}
    return Found(
        "W14", Level.ORANGE, Subject("total", f"{tier}:{code}", f"{tier_label}{label}"), None, message, figures
    )


def _found(code: str, level: Level, measure: Measure, message: str, figures: Mapping[str, int | str]) -> Found:
    return Found(code, level, measure.subject, measure.organization_id, message, figures, facet=measure.code)
