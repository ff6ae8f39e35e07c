"""P04 区内调动: one case, two units, one act; started by either side."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import ApprovalSlot, Movement, Occupancy, SlotState
from bianzhi.personnel.selectors.quota_use import QuotaUse
from bianzhi.workflow.models import InstanceStatus
from tests.cast import TODAY
from tests.matters.staffing import (
    always_supervised,
    done,
    finished,
    paper,
    result_of,
    sent_back,
    the_paper,
    use_of,
    without_publication,
)

MATTERS = ("P04",)

BEFORE = date(2026, 2, 2)


@pytest.fixture
def member(matters):
    """Somebody of 审计局, since February."""
    return matters.cast.member(matters.cast.audit_office, on=BEFORE)


def inward(matters, member, **other):
    """财政局 asks for somebody of 审计局, on a slot approved with the case."""
    return {
        "direction": "in",
        "other_unit": matters.cast.audit_office.pk,
        "person_there": member.person_id,
        "mode": "T03",
        "place": "anew",
        "quota_type": "A1",
        "entry_mode": "I06",
        "body": matters.cast.finance_section.pk,
        "reason": "工作需要",
        "document": paper("虞组调〔2026〕9号"),
        **other,
    }


def consented(matters, case):
    """The unit's head, the other unit and the office's clerk."""
    return matters.pass_on(case, matters.head, matters.outsider, matters.office_clerk)


def countersigned(matters, case):
    matters.agree(case, matters.deputy)
    assert matters.at(case) == ["joint", "joint"]
    return matters.pass_on(case, matters.liaison_hr, matters.liaison_organization)


def test_a_transfer_passes_both_units_the_office_and_the_liaisons_and_happens_at_once(matters, member):
    without_publication("P04")
    case = matters.apply("P04", inward(matters, member))
    assert case.title.endswith("由测试区审计局调入测试区财政局")
    assert case.counterpart == matters.cast.audit_office
    matters.agree(case, matters.head)
    assert matters.at(case) == ["consent_clerk"]
    matters.agree(case, matters.outsider)
    matters.agree(case, matters.office_clerk)
    assert use_of(matters.cast.bureau) == QuotaUse(10, 0, 1)
    countersigned(matters, case)
    matters.agree(case, matters.director)
    assert use_of(matters.cast.audit_office) == QuotaUse(4, 0, 0)
    assert use_of(matters.cast.bureau) == QuotaUse(10, 1, 0)
    movement = Movement.objects.get(mode="T03")
    assert (movement.from_occupancy, movement.effective_on) == (member, TODAY)
    notice = the_paper(case)
    assert notice.title == "调动通知单"
    assert ["调入单位", "测试区财政局（行政编制）"] in notice.content["lines"]
    finished(matters, case)


def test_the_unit_somebody_leaves_may_start_it_on_a_slot_the_other_has(matters, member):
    without_publication("P04")
    theirs = matters.cast.approve(matters.cast.audit_office, entry_mode="I06").slots[0]
    ours = matters.cast.member(matters.cast.bureau, on=BEFORE)
    form = {
        "direction": "out",
        "other_unit": matters.cast.audit_office.pk,
        "person": ours.person_id,
        "mode": "T07",
        "place": "theirs",
        "slot_theirs": theirs.pk,
        "effective_on": "2026-03-03",
        "reason": "轮岗交流",
        "document": paper("虞组调〔2026〕10号"),
    }
    case = consented(matters, matters.apply("P04", form))
    assert done(case) == ["p04.hold"]
    countersigned(matters, case)
    matters.agree(case, matters.director)
    theirs.refresh_from_db()
    assert theirs.state == SlotState.CONSUMED
    assert Movement.objects.get(mode="T07").effective_on == date(2026, 3, 3)


def test_a_slot_of_a_third_unit_is_refused(matters, member):
    foreign = matters.cast.approve(matters.cast.township, entry_mode="I06").slots[0]
    form = inward(matters, member, place="ours", slot_ours=foreign.pk)
    with pytest.raises(Refused) as refused:
        matters.apply("P04", form)
    assert refused.value.codes == ["M25"]


def test_only_people_of_the_named_unit_are_moved(matters):
    stranger = matters.cast.member(matters.cast.township, on=BEFORE)
    with pytest.raises(Refused) as refused:
        matters.apply("P04", inward(matters, stranger))
    assert refused.value.codes == ["M21"]


def test_the_other_units_refusal_ends_the_case(matters, member):
    case = matters.apply("P04", inward(matters, member))
    matters.agree(case, matters.head)
    matters.decide(case, matters.outsider, "disagree", "岗位离不开")
    case.instance.refresh_from_db()
    assert case.instance.status == InstanceStatus.REJECTED
    assert not ApprovalSlot.objects.filter(organization=matters.cast.bureau).exists()


def test_a_liaisons_refusal_gives_the_vacancy_back(matters, member):
    case = consented(matters, matters.apply("P04", inward(matters, member)))
    matters.agree(case, matters.deputy)
    matters.decide(case, matters.liaison_organization, "disagree", "不符合转任条件")
    assert use_of(matters.cast.bureau).reserved == 0
    member.refresh_from_db()
    assert member.is_open


def test_what_changed_meanwhile_refuses_the_ratification_and_leaves_everything(matters, member):
    case = countersigned(matters, consented(matters, matters.apply("P04", inward(matters, member))))
    matters.cast.leave(member, on=TODAY)
    with pytest.raises(Refused, match="不在该单位在编人员中") as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["M21"]
    assert matters.at(case) == ["ratify"]
    assert use_of(matters.cast.bureau).reserved == 1
    assert not Movement.objects.filter(mode="T03").exists()


def test_sent_back_from_review_the_hold_is_released_and_comes_again(matters, member):
    case = consented(matters, matters.apply("P04", inward(matters, member)))
    sent_back(matters, case, matters.deputy, "apply")
    assert use_of(matters.cast.bureau).reserved == 0
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    consented(matters, case)
    assert use_of(matters.cast.bureau).reserved == 1


def test_a_transfer_sent_back_by_the_supervision_is_reversed_in_both_units(matters, member):
    always_supervised("P04")
    case = countersigned(matters, consented(matters, matters.apply("P04", inward(matters, member))))
    matters.agree(case, matters.director)
    sent_back(matters, case, matters.supervision, "review")
    assert use_of(matters.cast.audit_office) == QuotaUse(4, 1, 0)
    assert use_of(matters.cast.bureau) == QuotaUse(10, 0, 1)
    held = ApprovalSlot.objects.get(approval_id=result_of(case, "p04.hold")["approval"])
    assert held.approval.confirmed_on is None
    countersigned(matters, case)
    matters.agree(case, matters.director)
    assert Occupancy.objects.open_ended().get().organization == matters.cast.bureau
    assert case.instance is not None


def test_a_wished_day_before_the_approval_becomes_the_day_of_the_approval(matters, member):
    case = consented(matters, matters.apply("P04", inward(matters, member, effective_on="2026-02-20")))
    countersigned(matters, case)
    matters.agree(case, matters.director)
    assert Movement.objects.get(mode="T03").effective_on == TODAY
