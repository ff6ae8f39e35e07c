"""`check` proves that reports say what ledger and roster say, and names the line that does not."""

from __future__ import annotations

from datetime import date

import pytest

from bianzhi.common.integrity import findings
from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.reports.rules.movement import Flow
from tests.cast import TODAY, Cast, seat

CHECKS = ["reports.totals", "reports.over_and_vacant", "reports.flows"]


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """A district with vacancies, one too many, entries, an exit and a transfer over two years."""
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    leaver, mover = cast.fill(cast.bureau, "A1", 2, on=date(2025, 6, 2))
    cast.leave(leaver, on=date(2026, 1, 20), today=date(2026, 1, 20))
    slot = cast.approve(cast.audit_office, "A1", entry_mode="I06").slots[0]
    cast.transfer(mover, slot)
    cast.fill(cast.school, "B5", 3)
    return cast


def test_the_reports_of_a_busy_district_agree_with_its_rows(busy: Cast):
    assert findings(CHECKS) == []


def test_a_report_that_loses_people_is_named(busy: Cast, monkeypatch: pytest.MonkeyPatch):
    key = (busy.school.pk, "B5")
    monkeypatch.setattr("bianzhi.reports.selectors.figures.quota_use", lambda scope, day: {key: QuotaUse(20, 2)})
    found = [str(each) for each in findings(["reports.totals"])]
    assert any("测试区第一小学 中小学教职工编制：实有为 2，按台账和名册应为 3" in each for each in found)
    assert any(each.startswith("T03 合计 核定") for each in found)
    assert any(each.startswith("T10 合计 超编：表中为 0，按台账和名册应为 1") for each in findings_text(CHECKS[1]))


def findings_text(name: str) -> list[str]:
    return [str(each) for each in findings([name])]


def test_a_flow_that_does_not_balance_is_named(busy: Cast, monkeypatch: pytest.MonkeyPatch):
    flow = Flow(opening=0, closing=3)
    monkeypatch.setattr(
        "bianzhi.reports.integrity.period_flows", lambda scope, first, last: {(busy.school.pk, "B5"): flow}
    )
    found = findings_text("reports.flows")
    assert any("期初 0 + 增 0 − 减 0 ≠ 期末 3" in each for each in found)
    assert any(f"T08 {TODAY.year} 年 测试区审计局 行政编制：期初 0、期末 0，按名册应为 0、1" in each for each in found)
