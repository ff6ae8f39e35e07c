"""What the workbench shows of a scope on a day, in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bianzhi.reports.rules.figures import Figures
from bianzhi.reports.selectors.ages import age_structure
from bianzhi.reports.selectors.figures import QuotaFigures, Scope, quota_figures
from bianzhi.reports.selectors.trend import Trend, trend
from bianzhi.reports.selectors.units import UnitRow, Units

TREND_MONTHS: Final = (24, 60, 120)
OVER_SHOWN, VACANT_SHOWN = 4, 6


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of a day with those they are compared with."""

    day: date
    units: Units
    rows: Sequence[UnitRow]
    quotas: QuotaFigures
    trend: Trend
    over_before: int
    units_before: int
    ages: Sequence[tuple[str, int]]

    @property
    def total(self) -> Figures:
        """District (or scope) figures."""
        return self.quotas.total

    @property
    def approved_since_new_year(self) -> int:
        """核定 compared with the end of last year."""
        last_year = date(self.day.year - 1, 12, 31)
        return self.trend.approved[-1] - self.trend.approved[self.trend.days.index(last_year)]

    @property
    def occupied_since_last_month(self) -> int:
        """实有 compared with the end of last month."""
        return self.trend.occupied[-1] - self.trend.occupied[-2]

    @property
    def institutions(self) -> int:
        """How many of the units are 事业单位."""
        return sum(row.is_institution for row in self.rows)

    def most_over(self) -> list[tuple[UnitRow, int]]:
        """The units with the most people too many, each with the number."""
        return self._first(self.quotas.over_units(), OVER_SHOWN)

    def most_vacant(self) -> list[tuple[UnitRow, int]]:
        """The units with the most vacancies, each with the number."""
        return self._first(self.quotas.vacant_units(), VACANT_SHOWN)

    def _first(self, figures: dict[int, int], limit: int) -> list[tuple[UnitRow, int]]:
        known = [(self.units[unit_id], number) for unit_id, number in figures.items() if unit_id in self.units]
        return sorted(known, key=lambda pair: (-pair[1], self.units.position(pair[0].id)))[:limit]


def overview(scope: Scope, day: date, *, months: int) -> Overview:
    """Everything the workbench's figures and charts need: fifteen queries, whatever the size of the district."""
    units = Units.on(day)
    last_month = day.replace(day=1) - timedelta(days=1)
    new_year = date(day.year - 1, 12, 31)
    return Overview(
        day=day,
        units=units,
        rows=units.alive(scope),
        quotas=quota_figures(scope, day),
        trend=trend(scope, day, months=months),
        over_before=len(quota_figures(scope, last_month).over_units()),
        units_before=len(Units.on(new_year).alive(scope)),
        ages=age_structure(scope, day),
    )
