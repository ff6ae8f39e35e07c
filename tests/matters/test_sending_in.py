"""Sending a case in: once, whole, numbered without gaps, locked where the unit owes something (R12, R13)."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.kernel.objections import Refused, standing
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.models import Case, CaseSubmission
from bianzhi.matters.services.drafting import save_draft, token_of
from bianzhi.matters.services.handling import fill_in, handle
from bianzhi.matters.services.overriding import override_rules
from bianzhi.matters.services.submitting import submit_case, write_submission
from bianzhi.personnel.models import Person
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.returning import return_task
from tests.cast import FOUNDED, TODAY, seat
from tests.matters.test_exit_case import resignation

MATTERS = ("P05", "P02")


@pytest.fixture
def member(matters):
    return matters.cast.member(matters.cast.bureau)


def test_the_same_form_sent_twice_is_one_case(matters, member):
    case = matters.draft("P05", resignation(member))
    first = submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY, request_key="form-1")
    again = submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY, request_key="form-1")
    assert again.repeated
    assert again.case.number == first.case.number
    assert CaseSubmission.objects.filter(case=case).count() == 1


def test_a_case_under_way_is_not_sent_in_a_second_time(matters, member):
    case = matters.apply("P05", resignation(member))
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert refused.value.codes == ["M41"]


def test_what_another_page_has_saved_since_is_not_sent_in_unseen(matters, member):
    case = matters.draft("P05", resignation(member))
    seen = token_of(case)
    save_draft(actor=matters.clerk, case_id=case.pk, form=resignation(member), saved_at=seen, today=TODAY)
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY, saved_at=seen)
    assert refused.value.codes == ["M42"]


def test_a_refused_submission_leaves_no_gap_in_the_numbers(matters, member):
    bad = matters.draft("P05", resignation(member), papers=False)
    with pytest.raises(Refused):
        submit_case(actor=matters.clerk, case_id=bad.pk, today=TODAY)
    other = matters.cast.member(matters.cast.bureau)
    assert matters.apply("P05", resignation(other)).number == "P05-2026-000001"
    bad.refresh_from_db()
    assert bad.number is None
    assert bad.instance is None


def test_the_rules_of_the_register_answer_while_the_form_is_written(matters, member):
    form = resignation(member, event_on="2026-03-20")
    case = matters.draft("P05", form, papers=False)
    found = objections_to_sending(case, by=matters.clerk, today=TODAY)
    assert {objection.code for objection in standing(found)} == {"M11", "D3"}
    assert Person.objects.get(pk=member.person_id).movements.count() == 1


def locked_unit(people):
    """财政局 with somebody who should have retired long ago (R12)."""
    facts = people.cast.facts("老同志", born=date(1960, 1, 5))
    return seat(people.cast, people.cast.bureau, "A1", facts, valid_from=FOUNDED)


STAFFING = {"requests": [{"quota_type": "A1", "entry_mode": "I01", "count": 1}], "reason": "缺员"}


def test_a_unit_that_owes_an_exit_applies_for_nothing_new_until_the_director_lets_it(matters, member):
    locked_unit(matters)
    case = matters.draft("P02", STAFFING)
    found = objections_to_sending(case, by=matters.clerk, today=TODAY)
    assert "R13" in {objection.code for objection in found}
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert "R13" in refused.value.codes
    override_rules(
        actor=matters.director,
        case_id=case.pk,
        codes=["R13"],
        reason="重点工作急需",
        document_id=matters.cast.document.pk,
        today=TODAY,
    )
    with pytest.raises(Refused) as still:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert "R13" not in still.value.codes


def test_the_exit_that_is_owed_is_not_locked_by_itself(matters):
    owed = locked_unit(matters)
    form = resignation(owed, exit_mode="O01", event_on="2020-01-31", destination="")
    assert matters.apply("P05", form).number == "P05-2026-000001"


def test_an_override_needs_the_director_a_reason_and_a_document(matters):
    locked_unit(matters)
    case = matters.draft("P02", STAFFING)
    about = {"case_id": case.pk, "codes": ["R13"], "today": TODAY}
    with pytest.raises(Denied):
        override_rules(actor=matters.deputy, reason="理由充分", document_id=matters.cast.document.pk, **about)
    with pytest.raises(Refused) as refused:
        override_rules(actor=matters.director, reason="急", document_id=None, **about)
    assert refused.value.codes == ["M61", "M61"]
    with pytest.raises(Refused) as wrong:
        override_rules(
            actor=matters.director,
            case_id=case.pk,
            codes=["R04"],
            reason="理由充分",
            document_id=matters.cast.document.pk,
            today=TODAY,
        )
    assert wrong.value.codes == ["M62"]
    assert Case.objects.get(pk=case.pk).override_codes == ""


def test_nobody_sends_a_case_in_past_its_checks(matters, member):
    case = matters.apply("P05", resignation(member))
    task = matters.task(case, matters.head)
    return_task(actor=matters.head, task_id=task.pk, to_node="apply", way="step", text="请补正", today=TODAY)
    case.refresh_from_db()
    save_draft(
        actor=matters.clerk,
        case_id=case.pk,
        form=resignation(member, destination=""),
        saved_at=token_of(case),
        today=TODAY,
    )
    task = matters.task(case, matters.clerk)
    with pytest.raises(Refused) as refused:
        decide(actor=matters.clerk, task_id=task.pk, verdict="submit", text="", today=TODAY)
    assert refused.value.codes == ["M14"]


def test_a_step_writes_only_its_own_fields(matters, member):
    case = matters.apply("P05", resignation(member))
    task = matters.task(case, matters.head)
    with pytest.raises(Refused) as refused:
        handle(
            actor=matters.head,
            task_id=task.pk,
            verdict="agree",
            text="同意",
            values={"person": 1},
            today=TODAY,
        )
    assert refused.value.codes == ["M15"]
    with pytest.raises(Refused) as stranger:
        fill_in(actor=matters.deputy, task_id=task.pk, values={}, today=TODAY)
    assert stranger.value.codes == ["L1"]


def test_write_submission_numbers_the_states_of_a_form(matters, member):
    case = matters.apply("P05", resignation(member))
    assert write_submission(actor=matters.office_clerk, case=case).number == 2
