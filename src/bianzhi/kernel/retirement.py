"""Statutory retirement since 2025 (NPC Standing Committee decision of 2024-09-13; 国务院渐进式延迟法定退休年龄的办法).

Ages rise over fifteen years by birth month: men 60→63 and women of the 55 track 55→58 by one month per four months of
birth, women of the 50 track 50→55 by one month per two. domain.md §5.4.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

from bianzhi.kernel.periods import Period

Key = TypeVar("Key")

MONTHS_OF_CHOICE: Final = 36  # 弹性退休: at most three years either way (人社部发〔2024〕94号)
DIVISION_HEADS: Final = range(101, 133)  # GB/T 12407: from 101 to 132, that is 县处级副职 and above
CIVIL_IDENTITIES: Final = frozenset({"civil_servant", "civil_service_like"})


class RetirementCategory(StrEnum):
    """The track a person retires on, stored per person and correctable with a document."""

    M60 = "M60"
    F60 = "F60"
    F55 = "F55"
    F50 = "F50"


class YearMonth(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月"

    @classmethod
    def of(cls, day: date) -> "YearMonth":
        """The month a day lies in."""
        return cls(day.year, day.month)

    @property
    def ordinal(self) -> int:
        """Months since year 0; differences of it are differences in months."""
        return self.year * 12 + self.month - 1

    @property
    def first_day(self) -> date:
        """The 1st."""
        return date(self.year, self.month, 1)

    @property
    def quarter(self) -> int:
        """1 to 4."""
        return (self.month + 2) // 3

    def plus(self, months: int) -> "YearMonth":
        """So many months later, or earlier when negative."""
        year, month = divmod(self.ordinal + months, 12)
        return YearMonth(year, month + 1)


class Schedule(NamedTuple):
    """How one track's age rises."""

    base_years: int
    first_affected: YearMonth
    months_per_step: int
    longest_delay: int


SCHEDULES: Final = {
    RetirementCategory.M60: Schedule(60, YearMonth(1965, 1), 4, 36),
    RetirementCategory.F60: Schedule(60, YearMonth(1965, 1), 4, 36),
    RetirementCategory.F55: Schedule(55, YearMonth(1970, 1), 4, 36),
    RetirementCategory.F50: Schedule(50, YearMonth(1975, 1), 2, 60),
}


class RetirementError(ValueError):
    """A choice of retirement month the rules do not allow; the message is Chinese."""


class Statutory(NamedTuple):
    """The statutory month and by how many months it was delayed."""

    month: YearMonth
    delay: int


@dataclass(frozen=True, slots=True)
class ElasticRange:
    """The months within which a person may choose, and the statutory one between them."""

    earliest: YearMonth
    statutory: YearMonth
    latest: YearMonth


def statutory_retirement(birth: YearMonth, category: RetirementCategory) -> Statutory:
    """The statutory retirement month of somebody born in `birth`, and its delay against the old age, in months."""
    base_years, first, step, cap = SCHEDULES[category]
    cohort = birth.ordinal - first.ordinal
    delay = 0 if cohort < 0 else min(cap, cohort // step + 1)
    return Statutory(birth.plus(base_years * 12 + delay), delay)


def elastic_range(
    birth: YearMonth, category: RetirementCategory, *, opt_55: bool = False, may_postpone: bool = False
) -> ElasticRange:
    """Between which months the person may retire.

    Early by up to 36 months but never below the old age; late by up to 36 only where `may_postpone`, which civil
    servants and leaders of state units are not (see `may_postpone`). `opt_55` is the choice of women on the 60 track to
    leave on the 55 schedule (组通字〔2015〕14号); it is ignored on other tracks.
    """
    track = _track(category, opt_55=opt_55)
    statutory = statutory_retirement(birth, track).month
    old_age = birth.plus(SCHEDULES[track].base_years * 12)
    earliest = max(old_age, statutory.plus(-MONTHS_OF_CHOICE))
    return ElasticRange(earliest, statutory, statutory.plus(MONTHS_OF_CHOICE if may_postpone else 0))


def retirement_on(
    birth: YearMonth,
    category: RetirementCategory,
    *,
    opt_55: bool = False,
    elastic_months: int = 0,
    may_postpone: bool = False,
) -> YearMonth:
    """The month the person retires in: the statutory one, moved by `elastic_months` (negative is early).

    `birth` is the month recognised by the personnel file where it differs from the ID card. Raises RetirementError when
    the choice leaves the range allowed.
    """
    allowed = elastic_range(birth, category, opt_55=opt_55, may_postpone=may_postpone)
    chosen = allowed.statutory.plus(elastic_months)
    if chosen < allowed.earliest:
        raise RetirementError(
            f"选择的退休时间 {chosen} 过早：弹性提前最多 36 个月，且不得低于原法定退休年龄，最早为 {allowed.earliest}"
        )
    if chosen > allowed.latest:
        reason = "弹性延迟最多 36 个月" if may_postpone else "公务员、参公人员和单位领导人员到龄即退，不适用弹性延迟"
        raise RetirementError(f"选择的退休时间 {chosen} 过晚：{reason}，最晚为 {allowed.latest}")
    return chosen


def _track(category: RetirementCategory, *, opt_55: bool) -> RetirementCategory:
    return RetirementCategory.F55 if opt_55 and category is RetirementCategory.F60 else category


def may_postpone(identity: str, *, is_leader: bool = False) -> bool:
    """Whether elastic postponement is open: not to civil servants, their like, and leaders of state units."""
    return identity not in CIVIL_IDENTITIES and not is_leader


def default_category(sex: str, identity: str, *, rank: str = "", has_senior_title: bool = False) -> RetirementCategory:
    """The track proposed for a person; the office may correct it with a document.

    `sex` is a GB/T 2261.1 code ("1" or "2"), `identity` a code of the set person_identity, `rank` a GB/T 12407 code.
    Women of 县处级副职 rank or above and women with a senior professional title are on the 60 track; women workers on
    the 50 track; other women on the 55 track. Raises ValueError for a sex that is neither.
    """
    if sex == "1":
        return RetirementCategory.M60
    if sex != "2":
        raise ValueError(f"未登记性别（代码 {sex or '空'}），不能判断退休类别")
    if has_senior_title or (rank.isdecimal() and int(rank) in DIVISION_HEADS):
        return RetirementCategory.F60
    return RetirementCategory.F50 if identity == "worker" else RetirementCategory.F55


def occupancy_end(month: YearMonth) -> date:
    """The first day the retired person no longer occupies quota: occupancies end with the retirement month."""
    return month.plus(1).first_day


def months_until(today: date, month: YearMonth) -> int:
    """Calendar months from today's to the retirement month; negative once it has passed (R18, W06)."""
    return month.ordinal - YearMonth.of(today).ordinal


def minimum_contribution_months(year: int) -> int:
    """Months of pension contributions needed to retire in `year`: 180, from 2030 six more each year up to 240."""
    return min(240, 180 + 6 * max(0, year - 2029))


class Span(StrEnum):
    """How long one bucket of a forecast is."""

    YEAR = "year"
    QUARTER = "quarter"

    @property
    def months(self) -> int:
        """Its length in months."""
        return 12 if self is Span.YEAR else 3


@dataclass(frozen=True, slots=True)
class Bucket(Generic[Key]):
    """Those who retire within one stretch of a forecast, and how many have retired by its end (T12)."""

    label: str
    period: Period
    members: tuple[Key, ...]
    cumulative: int


@dataclass(frozen=True, slots=True)
class Forecast(Generic[Key]):
    """Retirements laid out in order: those already overdue, then one bucket per stretch, empty ones included."""

    overdue: tuple[Key, ...]
    buckets: tuple[Bucket[Key], ...] = field(default=())


def forecast(
    retirements: Iterable[tuple[Key, YearMonth]], *, today: date, years: int = 5, span: Span = Span.YEAR
) -> Forecast[Key]:
    """Sort people by when they retire, from the year (or quarter) of `today` on, for `years` years.

    Whoever's month lies before today's is overdue (W06) and in no bucket; whoever retires later than the horizon is
    left out. The cumulative count does not hold the overdue.
    """
    by_month = sorted(retirements, key=lambda item: item[1])
    this_month = YearMonth.of(today)
    overdue = tuple(key for key, month in by_month if month < this_month)
    start = YearMonth(today.year, 1 if span is Span.YEAR else this_month.quarter * 3 - 2)
    buckets: list[Bucket[Key]] = []
    cumulative = 0
    for number in range(years * 12 // span.months):
        first, after = start.plus(number * span.months), start.plus((number + 1) * span.months)
        members = tuple(key for key, month in by_month if max(first, this_month) <= month < after)
        cumulative += len(members)
        buckets.append(Bucket(_label(first, span), Period(first.first_day, after.first_day), members, cumulative))
    return Forecast(overdue, tuple(buckets))


def _label(first: YearMonth, span: Span) -> str:
    return f"{first.year}年" if span is Span.YEAR else f"{first.year}年第{'一二三四'[first.quarter - 1]}季度"
