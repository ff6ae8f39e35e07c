"""编制总量: what the upper level issued, what lies in reserves and pools, what units hold (R06, W14)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from bianzhi.common.parameters import TOTAL_WARNING_PERCENT
from bianzhi.ledger.rules.measures import in_order, is_post
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.selectors.balances import totals
from bianzhi.organizations.models import Tier


@dataclass(slots=True)
class TotalLine:
    """One measure of one tier: issued = reserve + pools + allotted + withdrawn, always."""

    tier: str
    measure: str
    issued: int = 0
    reserve: int = 0
    pools: int = 0
    allotted: int = 0
    in_bodies: int = 0
    withdrawn: int = 0
    warn_percent: int = 100

    @property
    def available_total(self) -> int:
        """The total in force: what was issued less what was withdrawn for good."""
        return self.issued - self.withdrawn

    @property
    def use_percent(self) -> float | None:
        """Allotted in percent of the total in force; None where there is no total."""
        return round(self.allotted * 100 / self.available_total, 1) if self.available_total > 0 else None

    @property
    def is_nearly_used_up(self) -> bool:
        """Whether W14 总量逼近 applies; a frozen type (只减不增) is always used up and worth no warning."""
        quota = quota_types().get(self.measure)
        if quota is None or quota.frozen or not quota.counts_as_quota or self.use_percent is None:
            return False
        return self.use_percent >= self.warn_percent


@dataclass(slots=True)
class TierTotals:
    """The lines of one tier, quota types and post levels apart; posts have no total, so no percentage."""

    tier: str
    label: str
    quota: list[TotalLine] = field(default_factory=list)
    posts: list[TotalLine] = field(default_factory=list)


def regional_totals(day: date, *, known_on: date | None = None) -> list[TierTotals]:
    """Every total by tier and measure on a day, as known on a day, in three queries (one for W14's percentage)."""
    warn_percent = TOTAL_WARNING_PERCENT.number
    lines: dict[tuple[str, str], TotalLine] = {}
    measures: dict[str, set[str]] = defaultdict(set)
    for (kind, tier, measure), amount in totals(day, known_on=known_on).items():
        line = lines.setdefault((tier, measure), TotalLine(tier, measure, warn_percent=warn_percent))
        measures[tier].add(measure)
        _add(line, kind, amount)
    found = []
    for tier in Tier:
        ordered = [lines[tier, measure] for measure in in_order(measures[tier])]
        found.append(
            TierTotals(
                tier=tier,
                label=tier.label,
                quota=[line for line in ordered if not is_post(line.measure)],
                posts=[line for line in ordered if is_post(line.measure)],
            )
        )
    return found


def _add(line: TotalLine, kind: str, amount: int) -> None:
    if kind == "upper":
        line.issued -= amount
    elif kind == "reserve":
        line.reserve += amount
    elif kind in ("rotating_pool", "talent_reserve"):
        line.pools += amount
    elif kind == "withdrawn":
        line.withdrawn += amount
    else:
        line.allotted += amount
        line.in_bodies += amount if kind == "body" else 0
