"""W13: a rectification that is late, and a problem without its order, on the day before, the day and after."""

from datetime import date, timedelta

import pytest

from bianzhi.reports.definitions.links import Links
from bianzhi.reports.models import StandingWarning
from bianzhi.reports.rules import supervision as rules
from bianzhi.reports.rules.catalogue import Level
from bianzhi.reports.services.warnings import compute_warnings
from bianzhi.reports.web.warnings import subject_url
from bianzhi.supervision.models import ProblemSource
from bianzhi.supervision.services.problems import Finding, open_problem
from bianzhi.supervision.services.rectifying import issue_order, report_rectification
from tests.cast import TODAY, Cast, assemble

DUE = date(2026, 4, 1)


@pytest.mark.parametrize(("after", "days_late"), [(-1, None), (0, None), (1, 1), (20, 20)])
def test_a_rectification_is_late_only_after_its_last_day(after, days_late):
    order = rules.Order(3, "整改〔2026〕0001号", 7, "财政局", DUE, problems=2)
    found = rules.rectification_overdue(order, DUE + timedelta(days=after))
    assert (found and found.figures["超期天数"]) == days_late
    assert found is None or found.level is Level.RED


@pytest.mark.parametrize(("after", "days_late"), [(0, None), (1, 1)])
def test_an_order_is_late_only_after_its_last_day(after, days_late):
    problem = rules.Problem(3, "WT2026-0001", 7, "财政局", "超编进人", DUE)
    found = rules.order_late(problem, DUE + timedelta(days=after))
    assert (found and found.figures["超期天数"]) == days_late
    assert found is None or found.level is Level.YELLOW


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


def standing() -> list[StandingWarning]:
    return list(StandingWarning.objects.open().filter(code="W13"))


def test_the_warning_comes_with_the_day_and_goes_with_the_report(cast: Cast):
    problem = open_problem(
        actor=cast.office, today=TODAY, organization_id=cast.bureau.pk, finding=Finding("Q03", "超编 1 人"),
        source=ProblemSource.INSPECTION,
    )  # fmt: skip
    compute_warnings(actor=cast.office, today=date(2026, 3, 9))
    assert standing() == []
    compute_warnings(actor=cast.office, today=date(2026, 3, 10))
    assert [warning.level for warning in standing()] == ["yellow"]
    assert subject_url(standing()[0], Links(TODAY, TODAY)) == f"/supervision/problems/{problem.pk}/"
    order = issue_order(
        actor=cast.office, today=date(2026, 3, 10), problem_ids=[problem.pk], measures="清退", due_on=DUE
    ).order
    compute_warnings(actor=cast.office, today=DUE)
    assert standing() == []
    compute_warnings(actor=cast.office, today=DUE + timedelta(days=1))
    assert [warning.level for warning in standing()] == ["red"]
    assert subject_url(standing()[0], Links(TODAY, TODAY)) == f"/supervision/orders/{order.pk}/"
    report_rectification(actor=cast.office, today=DUE + timedelta(days=2), order_id=order.pk, text="已清退")
    compute_warnings(actor=cast.office, today=DUE + timedelta(days=2))
    assert standing() == []
