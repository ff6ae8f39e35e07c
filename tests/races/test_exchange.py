"""Many hands at one finding, one pair, one change, one month: each is settled once, and never by one person alone."""

from collections import Counter
from functools import partial

import pytest

from bianzhi.common.integrity import findings
from bianzhi.exchange.models import Finding, FindingState, LinkDecision, LinkReview, Run
from bianzhi.exchange.services.findings import propose_finding, settle_finding
from bianzhi.exchange.services.links import decide_link
from bianzhi.exchange.services.runs import start_run
from tests.cast import TODAY
from tests.exchange.hub import assemble_hub
from tests.matters.people import gather
from tests.races.conftest import race

pytestmark = [pytest.mark.race, pytest.mark.timeout(600)]

WRITERS = 8
PROOFS = ("exchange.histories", "exchange.second_person", "exchange.links", "audit.chain", "audit.rows")


@pytest.fixture
def hub(cast, tmp_path):
    return assemble_hub(gather(cast), tmp_path)


@pytest.fixture
def finding(hub):
    hub.run("2026-01", findings=[hub.finding(hub.cast.member(hub.cast.bureau))])
    return Finding.objects.get()


def test_a_finding_is_proposed_once(hub, finding):
    told = {"finding_id": finding.pk, "verdict": "confirm", "reason": "已核对"}
    attempts = [partial(propose_finding, actor=actor, **told) for actor in officers(hub)]
    assert race(attempts, WRITERS) == Counter({"granted": 1, "X01": WRITERS - 1})
    assert findings(PROOFS) == []


def test_a_proposal_is_settled_once_and_never_by_its_proposer(hub, finding):
    clerk = hub.people.office_clerk
    propose_finding(actor=clerk, finding_id=finding.pk, verdict="confirm", reason="已核对")
    attempts = [
        partial(settle_finding, actor=actor, finding_id=finding.pk, agree=True, today=TODAY) for actor in officers(hub)
    ]
    outcomes = race(attempts, WRITERS)
    assert outcomes["granted"] == 1
    assert outcomes["R25"] + outcomes["X01"] == WRITERS - 1
    finding.refresh_from_db()
    assert finding.state == FindingState.CONFIRMED
    assert finding.steps.get(action="confirmed").actor != clerk
    assert findings(PROOFS) == []


def test_agreeing_and_sending_back_at_once_come_to_one_end(hub, finding):
    propose_finding(actor=hub.people.office_clerk, finding_id=finding.pk, verdict="dismiss", reason="不同期")
    settle = partial(settle_finding, finding_id=finding.pk, today=TODAY, reason="复核")
    attempts = [partial(settle, actor=hub.people.deputy, agree=number % 2 == 0) for number in range(WRITERS)]
    assert race(attempts, WRITERS) == Counter({"granted": 1, "X01": WRITERS - 1})
    assert finding.steps.filter(action__in=("dismissed", "disagreed")).count() == 1
    assert findings(PROOFS) == []


def test_a_pair_is_decided_once(hub, finding):
    review = LinkReview.objects.create(
        key="k", rule="R", score=0.9, left={"source": "hr", "fingerprint": "a"},
        right={"source": "finance", "fingerprint": "b"}, first_run=finding.last_run, last_run=finding.last_run,
    )  # fmt: skip
    attempts = [
        partial(decide_link, actor=actor, review_id=review.pk, same=number % 2 == 0)
        for number, actor in enumerate(officers(hub))
    ]
    assert race(attempts, WRITERS) == Counter({"granted": 1, "X21": WRITERS - 1})
    assert LinkDecision.objects.count() == 1
    assert findings(PROOFS) == []


def test_a_month_is_run_once_at_a_time(hub):
    hub.deliver("2026-02")
    start = partial(start_run, actor=hub.people.office_clerk, period="2026-02", today=TODAY)
    assert race([start] * WRITERS, WRITERS) == Counter({"granted": 1, "X11": WRITERS - 1})
    assert Run.objects.count() == 1


def officers(hub):
    """As many acts as writers, by four people who may propose and settle."""
    people = (hub.people.office_clerk, hub.people.other_clerk, hub.people.deputy, hub.people.supervision)
    return [people[number % len(people)] for number in range(WRITERS)]
