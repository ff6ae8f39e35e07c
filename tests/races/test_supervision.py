"""Many hands at one rectification: each step is taken once, whoever is quickest (P13, R26)."""

from collections import Counter
from functools import partial

import pytest

from bianzhi.common.integrity import findings
from bianzhi.supervision.models import ProblemSource, RectificationOrder
from bianzhi.supervision.services.problems import Finding, open_problem
from bianzhi.supervision.services.rectifying import close_order, issue_order, report_rectification, verify_order
from tests.cast import TODAY
from tests.races.conftest import race

pytestmark = [pytest.mark.race, pytest.mark.timeout(600)]

WRITERS = 8
PROOFS = ("supervision.orders", "supervision.problems", "audit.chain", "audit.rows")


@pytest.fixture
def problem(cast):
    return open_problem(
        actor=cast.office, today=TODAY, organization_id=cast.bureau.pk, finding=Finding("Q03", "超编 1 人"),
        source=ProblemSource.INSPECTION,
    )  # fmt: skip


def test_one_problem_goes_into_one_order(cast, problem):
    issue = partial(issue_order, actor=cast.office, today=TODAY, problem_ids=[problem.pk], measures="清退")
    assert race([issue] * WRITERS, WRITERS) == Counter({"granted": 1, "P13": WRITERS - 1})
    assert RectificationOrder.objects.get().problems.get() == problem
    assert findings(PROOFS) == []


def test_each_step_of_a_rectification_is_taken_once(cast, problem):
    order = issue_order(actor=cast.office, today=TODAY, problem_ids=[problem.pk], measures="清退").order
    told = {"actor": cast.office, "today": TODAY, "order_id": order.pk, "text": "已办"}
    for act in (report_rectification, partial(verify_order, passed=True), close_order):
        attempt = partial(act, **told)
        assert race([attempt] * WRITERS, WRITERS) == Counter({"granted": 1, "P13": WRITERS - 1})
    kinds = list(order.steps.values_list("kind", flat=True))
    assert kinds == ["issued", "reported", "accepted", "closed"]
    assert findings(PROOFS) == []
