"""P03 入编: somebody who has arrived comes onto quota on an approved slot, with the papers of the mode."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused, Severity
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.services.attachments import attach
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import Movement, Occupancy, Person, SlotState
from bianzhi.personnel.selectors.quota_use import QuotaUse
from bianzhi.workflow.jobs.clocks import run_clocks
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
from tests.small_papers import small_pdf

MATTERS = ("P03",)


@pytest.fixture
def slot(matters):
    return matters.cast.approve(matters.cast.bureau).slots[0]


def arrival(matters, slot, **other):
    facts = matters.cast.facts("王新来")
    return {
        "entry_mode": slot.entry_mode if slot else "I15",
        **({"slot": slot.pk} if slot else {}),
        "name": facts.name,
        "id_number": facts.id_number,
        "identity": "civil_servant",
        "started_work_on": "2015-08-01",
        "politics": "13",
        "arrived_on": "2026-03-02",
        "body": matters.cast.finance_section.pk,
        "source": "应届毕业生",
        "document": paper(),
        **other,
    }


def test_an_entry_runs_from_the_application_to_publication_supervision_and_feedback(matters, slot):
    always_supervised("P03")
    case = matters.apply("P03", arrival(matters, slot))
    assert case.title == "王新来入编（公务员考试录用）"
    ratified(matters, accepted(matters, case))
    occupancy = Occupancy.objects.get()
    person = occupancy.person
    assert (person.name, person.identity, person.started_work_on) == ("王新来", "civil_servant", date(2015, 8, 1))
    assert (occupancy.internal_body, occupancy.slot) == (matters.cast.finance_section, slot)
    assert use_of(matters.cast.bureau) == QuotaUse(10, 1, 0)
    notice = the_paper(case)
    assert notice.title == "入编通知单"
    assert ["核准名额", slot.number] in notice.content["lines"]
    assert matters.at(case) == ["supervise"]
    matters.agree(case, matters.supervision)
    finished(matters, case)


def test_the_entry_is_published_for_its_working_days_before_the_applicant_is_asked(matters, slot):
    case = ratified(matters, accepted(matters, matters.apply("P03", arrival(matters, slot))))
    assert matters.at(case) == []
    run_clocks(today=date(2026, 3, 6))
    assert matters.at(case) == []
    run_clocks(today=date(2026, 3, 10))
    assert set(matters.at(case)) <= {"feedback", "supervise"}
    assert matters.at(case)


def test_an_entry_refused_at_the_ratification_leaves_no_trace(matters, slot):
    case = matters.apply("P03", arrival(matters, slot))
    accepted(matters, case)
    matters.agree(case, matters.deputy)
    matters.cast.enlist(slot)
    with pytest.raises(Refused, match="已被使用") as refused:
        matters.agree(case, matters.director)
    assert "R01" in refused.value.codes
    assert matters.at(case) == ["ratify"]
    assert not Person.objects.filter(name="王新来").exists()
    assert Movement.objects.count() == 1
    assert done(case) == []


def test_sent_back_and_put_right_the_entry_goes_through(matters, slot):
    case = accepted(matters, matters.apply("P03", arrival(matters, slot)))
    sent_back(matters, case, matters.deputy, "apply")
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    ratified(matters, accepted(matters, case))
    assert Occupancy.objects.count() == 1


def test_an_entry_sent_back_by_the_supervision_is_reversed_and_its_slot_is_free_again(matters, slot):
    always_supervised("P03")
    case = ratified(matters, accepted(matters, matters.apply("P03", arrival(matters, slot))))
    sent_back(matters, case, matters.supervision, "review")
    slot.refresh_from_db()
    assert slot.state == SlotState.RESERVED
    assert not Occupancy.objects.current().exists()
    assert Movement.objects.filter(reverses__isnull=False).count() == 1
    ratified(matters, case)
    assert Occupancy.objects.current().count() == 1
    assert IssuedPaper.objects.filter(case=case).count() == 2


def test_one_of_the_papers_of_the_mode_is_enough_and_none_is_not(matters, slot):
    case = matters.draft("P03", arrival(matters, slot), papers=False)
    with pytest.raises(Refused, match="录用审批表或录用通知") as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert refused.value.codes == ["D2"]
    attach(
        actor=matters.clerk,
        case_id=case.pk,
        name="录用通知.pdf",
        data=small_pdf("1"),
        evidence="录用通知",
        today=TODAY,
    )
    assert submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY).case.number == "P03-2026-000001"


def test_an_entry_filed_late_is_remarked_and_goes_through(matters, slot):
    today = date(2026, 3, 23)
    case = matters.draft("P03", arrival(matters, slot), today=today)
    found = objections_to_sending(case, by=matters.clerk, today=today)
    assert [(each.code, each.severity) for each in found] == [("P3", Severity.WARN)]
    assert "10 个工作日内（2026-03-16 前）" in found[0].message


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id_number": "110105194912310029"}, "R16"),
        ({"born_on": "1991-01-01"}, "R16"),
        ({"entry_mode": "I06"}, "R01"),
    ],
)
def test_what_does_not_agree_is_told_while_the_form_is_filled_in(matters, slot, change, code):
    with pytest.raises(Refused) as refused:
        matters.apply("P03", arrival(matters, slot, **change))
    assert code in refused.value.codes


def test_somebody_on_another_quota_does_not_enter_a_second_one(matters, slot):
    member = matters.cast.member(matters.cast.audit_office)
    form = arrival(matters, slot, name=member.person.name, id_number=member.person.id_number)
    with pytest.raises(Refused, match="一人只能占用一个编制") as refused:
        matters.apply("P03", form)
    assert "R04" in refused.value.codes


def test_the_slot_of_another_unit_is_not_ours_to_use(matters):
    theirs = matters.cast.approve(matters.cast.audit_office).slots[0]
    with pytest.raises(Refused, match="单位") as refused:
        matters.apply("P03", arrival(matters, theirs))
    assert "R01" in refused.value.codes


def test_somebody_reinstated_comes_back_without_a_slot_but_with_a_reason(matters):
    without_publication("P03")
    form = arrival(matters, None, quota_type="A1")
    with pytest.raises(Refused, match="说明理由"):
        matters.apply("P03", form)
    case = matters.apply("P03", form | {"reason": "撤销开除处分，恢复公职"})
    finished(matters, ratified(matters, accepted(matters, case)))
    assert Occupancy.objects.get().entry_mode == "I15"
