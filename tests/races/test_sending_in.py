"""Many clicks on one application, and many units at once: every case is sent in once, numbered without a gap."""

from __future__ import annotations

from functools import partial

import pytest

from bianzhi.audit.actors import System
from bianzhi.common.integrity import findings
from bianzhi.matters.models import Case, CaseSubmission
from bianzhi.matters.services.drafting import save_draft, token_of
from bianzhi.matters.services.installing import install_matters
from bianzhi.matters.services.submitting import submit_case
from bianzhi.workflow.models import FlowInstance
from tests.cast import TODAY, assemble
from tests.matters.people import People, gather
from tests.matters.test_exit_case import resignation
from tests.races.conftest import race

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]


@pytest.fixture
def people(transactional_db: None) -> People:
    found = gather(assemble())
    install_matters(actor=System("安装"), only=["P05"])
    return found


def drafts(people: People, count: int) -> list[Case]:
    return [people.draft("P05", resignation(people.cast.member(people.cast.bureau)), papers=True) for _ in range(count)]


def send(people: People, case: Case, key: str) -> None:
    submit_case(actor=people.again(people.clerk), case_id=case.pk, today=TODAY, request_key=key)


def test_a_double_click_sends_a_case_in_once(people):
    (case,) = drafts(people, 1)
    assert race([partial(send, people, case, "one-form")] * 6, writers=6) == {"granted": 6}
    assert CaseSubmission.objects.count() == FlowInstance.objects.count() == 1


def test_cases_sent_in_at_once_are_numbered_without_a_gap(people):
    cases = drafts(people, 6)
    attempts = [partial(send, people, case, f"form-{case.pk}-{turn}") for case in cases for turn in (1, 2)]
    assert race(attempts, writers=6) == {"granted": 6, "M41": 6}
    numbers = Case.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"P05-2026-{serial:06d}" for serial in range(1, 7)]
    assert findings(["matters.flows", "matters.numbers", "matters.submissions", "audit.chain"]) == []


def test_of_pages_that_save_at_once_one_wins_and_the_others_are_told(people):
    (case,) = drafts(people, 1)
    token = token_of(case)

    def save(text: str) -> None:
        form = {**case.form, "reason": text}
        save_draft(actor=people.again(people.clerk), case_id=case.pk, form=form, saved_at=token, today=TODAY)

    texts = [f"第{number}页" for number in range(6)]
    assert race([partial(save, text) for text in texts], writers=6) == {"granted": 1, "M42": 5}
    case.refresh_from_db()
    assert case.form["reason"] in texts
