"""P05 出编: every mode with its papers, against the clock, taken back by reversing."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused, Severity
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.definitions.p05 import MODES, P05
from bianzhi.matters.rules.evidence import asked_for
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import Appointment, Movement, Occupancy
from bianzhi.personnel.rules.modes import evidence_of_exit
from bianzhi.personnel.selectors.quota_use import QuotaUse
from bianzhi.personnel.services.appointments import AppointmentOrder, appoint
from tests.cast import TODAY
from tests.matters.staffing import (
    accepted,
    always_supervised,
    done,
    finished,
    paper,
    ratified,
    sent_back,
    the_paper,
    use_of,
    without_publication,
)

MATTERS = ("P05",)

BEFORE = date(2026, 2, 2)


@pytest.fixture
def member(matters):
    return matters.cast.member(matters.cast.bureau, on=BEFORE, facts=matters.cast.facts("李行"))


def leaving(member, mode="O07", **other):
    return {
        "person": member.person_id,
        "exit_mode": mode,
        "event_on": "2026-03-02",
        "document": paper(),
        **other,
    }


@pytest.mark.parametrize("mode", [code for code, _ in MODES])
def test_every_mode_asks_for_its_own_papers_and_no_others(mode):
    asked = [spec.label for spec in asked_for(P05.evidence, {"exit_mode": mode})]
    assert asked == list(evidence_of_exit(mode))
    assert {f"O{number:02d}" for number in range(1, 14)} <= {code for code, _ in MODES}


@pytest.mark.parametrize("mode", ["O02", "O04", "O06", "O08", "O09", "O10", "O11", "O12", "O13", "O99"])
def test_any_mode_passes_the_check_with_its_papers(matters, member, mode):
    case = matters.draft("P05", leaving(member, mode))
    found = objections_to_sending(case, by=matters.clerk, today=TODAY)
    assert [each for each in found if each.severity is not Severity.WARN] == []


def test_an_exit_ends_the_posts_and_gives_the_receipt(matters, member):
    without_publication("P05")
    order = AppointmentOrder(member.person_id, matters.cast.bureau.pk, "副局长", BEFORE, matters.cast.document)
    appoint(actor=matters.cast.office, today=TODAY, order=order)
    case = ratified(matters, accepted(matters, matters.apply("P05", leaving(member, "O06", destination="绍兴市"))))
    assert use_of(matters.cast.bureau, day=date(2026, 3, 3)) == QuotaUse(10, 0, 0)
    assert not Appointment.objects.open_ended().exists()
    receipt = the_paper(case)
    assert receipt.title == "人员编制核销回执"
    assert ["办理时限", "按期办理"] in receipt.content["lines"]
    assert case.title == "李行出编（调出）"
    finished(matters, case)


def test_the_clock_is_told_while_it_runs_and_when_it_has_run_out(matters, member):
    case = matters.draft("P05", leaving(member))
    (told,) = objections_to_sending(case, by=matters.clerk, today=TODAY)
    assert (told.code, told.severity) == ("R12", Severity.WARN)
    assert "李行的出编应于 2026-03-16 前办理" in told.message
    late = date(2026, 3, 17)
    (told,) = objections_to_sending(case, by=matters.clerk, today=late)
    assert "已超期" in told.message
    case = submit_case(actor=matters.clerk, case_id=case.pk, today=late).case
    accepted(matters, case, today=late)
    ratified(matters, case, today=late)
    assert Movement.objects.get(family="exit").is_overdue
    assert ["办理时限", "超期办理"] in the_paper(case).content["lines"]


def test_an_exit_refused_at_the_ratification_changes_nothing(matters, member):
    case = accepted(matters, matters.apply("P05", leaving(member)))
    matters.agree(case, matters.deputy)
    matters.cast.leave(member)
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["M21"]
    assert matters.at(case) == ["ratify"]
    assert done(case) == []


def test_an_exit_sent_back_by_the_supervision_puts_the_person_back_on_quota(matters, member):
    always_supervised("P05")
    case = ratified(matters, accepted(matters, matters.apply("P05", leaving(member))))
    receipt = the_paper(case)
    sent_back(matters, case, matters.supervision, "review")
    assert Occupancy.objects.open_ended().get().person == member.person
    receipt.refresh_from_db()
    assert receipt.revoked_at is not None
    ratified(matters, case)
    assert not Occupancy.objects.open_ended().exists()
    assert the_paper(case).number != receipt.number
