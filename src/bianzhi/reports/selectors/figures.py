"""District figures, and figures by unit and by quota type, never netted."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bianzhi.ledger.rules.quota_types import QuotaType, counted_types
from bianzhi.personnel.selectors.quota_use import quota_use
from bianzhi.reports.rules.figures import Figures, total

Scope = Collection[int] | None
"""Organisation ids a reader may see; None for all."""


@dataclass(frozen=True, slots=True)
class QuotaFigures:
    """Figures by (unit, quota type) of 编制 proper; filed headcount and the non-quota cap are left out (§2.5)."""

    cells: Mapping[tuple[int, str], Figures]

    @property
    def total(self) -> Figures:
        """Sum over everything."""
        return total(self.cells.values())

    def of(self, unit_id: int, code: str) -> Figures:
        """One unit and type; zeros where there is nothing."""
        return self.cells.get((unit_id, code), Figures())

    def of_unit(self, unit_id: int) -> Figures:
        """One unit, all its types."""
        return total(self.of(unit_id, quota.code) for quota in counted_types())

    def of_units(self, unit_ids: Iterable[int], code: str | None = None) -> Figures:
        """Several units, all types or one."""
        if code is None:
            return total(self.of_unit(unit_id) for unit_id in unit_ids)
        return total(self.of(unit_id, code) for unit_id in unit_ids)

    def by_type(self) -> dict[str, Figures]:
        """Figures of each type that has any, in the order of the types."""
        return {quota.code: found for quota in counted_types() if (found := self.of_type(quota.code)) != Figures()}

    def of_type(self, code: str) -> Figures:
        """One type, all units."""
        return total(figures for (_, each), figures in self.cells.items() if each == code)

    def unit_ids(self) -> frozenset[int]:
        """Units that have any figure."""
        return frozenset(unit_id for unit_id, _ in self.cells)

    def types(self) -> list[QuotaType]:
        """Types that have any figure, in their order."""
        present = {code for _, code in self.cells}
        return [quota for quota in counted_types() if quota.code in present]

    def over_units(self) -> dict[int, int]:
        """超编 by unit, units with none left out."""
        found: dict[int, int] = {}
        for (unit_id, _), figures in self.cells.items():
            if figures.over:
                found[unit_id] = found.get(unit_id, 0) + figures.over
        return found

    def vacant_units(self) -> dict[int, int]:
        """空编 by unit, units with none left out."""
        found: dict[int, int] = {}
        for (unit_id, _), figures in self.cells.items():
            if figures.vacant:
                found[unit_id] = found.get(unit_id, 0) + figures.vacant
        return found


def quota_figures(scope: Scope, day: date) -> QuotaFigures:
    """The figures of a day, in the four queries of `quota_use`; all-zero pairs are left out."""
    counted = {quota.code for quota in counted_types()}
    cells = {
        key: figures
        for key, use in quota_use(scope, day).items()
        if key[1] in counted and (figures := Figures.of(use)) != Figures()
    }
    return QuotaFigures(cells)
