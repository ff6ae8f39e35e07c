"""What `./bianzhi check` proves of the reports: their figures equal the ledger and the roster counted again.

The reports ask the database for sums; here the rows themselves are read and counted one by one.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from bianzhi.audit.actors import System
from bianzhi.common.integrity import Finding
from bianzhi.kernel import clock
from bianzhi.ledger.models import Posting
from bianzhi.ledger.rules.quota_types import counted_types
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.rules.units import quota_label
from bianzhi.reports.definitions import t03, t08, t10
from bianzhi.reports.definitions.base import Query, Row, RowKind
from bianzhi.reports.selectors.figures import quota_figures
from bianzhi.reports.selectors.flows import period_flows
from bianzhi.reports.selectors.units import Units

Key = tuple[int, str]


def counted_approved(day: date) -> Counter[Key]:
    """核定 by unit and type, each posting added by itself."""
    codes = {quota.code for quota in counted_types()}
    found: Counter[Key] = Counter()
    rows = Posting.objects.values_list(
        "account__kind", "account__organization_id", "account__measure", "entry__effective_on", "amount"
    )
    for kind, unit_id, measure, effective_on, amount in rows.iterator(chunk_size=5000):
        if kind in ("unit", "body") and measure in codes and effective_on <= day:
            found[unit_id, measure] += amount
    return found


def counted_occupied(day: date) -> Counter[Key]:
    """实有 by unit and type, each occupancy looked at by itself."""
    found: Counter[Key] = Counter()
    rows = Occupancy.objects.values_list("organization_id", "quota_type", "valid_from", "valid_to", "superseded_at")
    for unit_id, code, start, end, superseded_at in rows.iterator(chunk_size=5000):
        if superseded_at is None and start <= day and (end is None or day < end):
            found[unit_id, code] += 1
    return found


def totals_match() -> Iterator[Finding]:
    """T03: every unit's approved and occupied numbers of every type, and the totals of the last line."""
    today = clock.today()
    approved, occupied = counted_approved(today), counted_occupied(today)
    quotas, units = quota_figures(None, today), Units.on(today)
    for key in sorted({*approved, *occupied, *quotas.cells}):
        figures = quotas.of(*key)
        for label, shown, counted in (
            ("核定", figures.approved, approved[key]),
            ("实有", figures.occupied, occupied[key]),
        ):
            if shown != counted:
                yield Finding(
                    f"T03 {units.name(key[0])} {quota_label(key[1])}", f"{label}为 {shown}，按台账和名册应为 {counted}"
                )
    table = t03.build(_query(today))
    yield from _compare("T03 合计 核定", table.totals[0], "approved", approved.total())
    yield from _compare("T03 合计 实有", table.totals[0], "occupied", occupied.total())


def over_and_vacant_match() -> Iterator[Finding]:
    """T10: 空编 and 超编 in all, counted apart by unit and type and never netted."""
    today = clock.today()
    approved, occupied = counted_approved(today), counted_occupied(today)
    keys = {*approved, *occupied}
    total = t10.build(_query(today)).totals[0]
    yield from _compare("T10 合计 空编", total, "vacant", sum(max(approved[key] - occupied[key], 0) for key in keys))
    yield from _compare("T10 合计 超编", total, "over", sum(max(occupied[key] - approved[key], 0) for key in keys))


def flows_match() -> Iterator[Finding]:
    """T08 of this year and of last: every line balances, opening and closing are what the roster says."""
    today = clock.today()
    for first, last in ((date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)), (date(today.year, 1, 1), today)):
        opening, closing = counted_occupied(first - timedelta(days=1)), counted_occupied(last)
        units = Units.on(last)
        flows = period_flows(None, first, last)
        for key in sorted({*flows, *opening, *closing}):
            where = f"T08 {first.year} 年 {units.name(key[0])} {quota_label(key[1])}"
            flow = flows.get(key)
            begun, ended = (flow.opening, flow.closing) if flow else (0, 0)
            if (begun, ended) != (opening[key], closing[key]):
                yield Finding(where, f"期初 {begun}、期末 {ended}，按名册应为 {opening[key]}、{closing[key]}")
            if flow is not None and not flow.is_balanced:
                yield Finding(where, f"期初 {flow.opening} + 增 {flow.came} − 减 {flow.left} ≠ 期末 {flow.closing}")
        table = t08.build(_query(last))
        yield from _compare(f"T08 {first.year} 年合计 期末", table.totals[0], "closing", closing.total())


def _query(day: date) -> Query:
    return Query(user=System("核对"), day=day, today=day, scope=None)


def _compare(where: str, row: Row, key: str, counted: int) -> Iterator[Finding]:
    shown = row.values[key]
    if row.kind is RowKind.TOTAL and shown != counted:
        yield Finding(where, f"表中为 {shown}，按台账和名册应为 {counted}")
