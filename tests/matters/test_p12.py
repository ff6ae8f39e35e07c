"""P12 周转编制: lent from the pool for a term with its slots, given back unused, reversed when it is taken back."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import LedgerEntry
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import ApprovalSlot, SlotState
from bianzhi.personnel.selectors.quota_use import QuotaUse
from bianzhi.personnel.services.slots import return_slot
from tests.cast import TODAY
from tests.matters.staffing import (
    accepted,
    always_supervised,
    done,
    finished,
    reply_paper,
    sent_back,
    the_paper,
    use_of,
    without_publication,
)

MATTERS = ("P12",)

REPLY = {"decision": reply_paper()}


def borrowing(count=1, **other):
    return {
        "act": "borrow",
        "quota_type": "D1",
        "count": count,
        "entry_mode": "I04",
        "term_until": "2030-03-01",
        "return_plan": "2029 年两名人员退休后归还",
        "reason": "引进财政信息化急需人才",
        **other,
    }


def returning(count=1):
    return {"act": "return", "quota_type": "D1", "count": count, "reason": "项目结束"}


def decided(matters, case, *, reply=REPLY):
    """Accepted, reviewed, answered with a paper, ratified."""
    accepted(matters, case)
    matters.agree(case, matters.deputy)
    matters.agree(case, matters.office_clerk, values=reply)
    return matters.agree(case, matters.director)


def pool(matters, day=TODAY):
    return use_of(matters.cast.bureau, "D1", day)


def test_quota_is_lent_from_the_pool_with_slots_for_the_term(matters):
    without_publication("P12")
    case = decided(matters, matters.apply("P12", borrowing()))
    assert case.title == "借用周转编制 1 名"
    assert pool(matters) == QuotaUse(1, 0, 1)
    slot = ApprovalSlot.objects.get()
    assert (slot.term_until, slot.approval.confirmed_on) == (date(2030, 3, 1), TODAY)
    assert slot.approval.document is not None
    assert slot.approval.document.doc_no == "虞编办〔2026〕3号"
    assert LedgerEntry.objects.filter(kind="pool").count() == 1
    slip = the_paper(case)
    assert ["归还计划", "2029 年两名人员退休后归还"] in slip.content["lines"]
    assert "人走编收" in slip.content["closing"]
    finished(matters, case)


def test_more_than_the_pool_holds_is_refused_before_it_is_sent(matters):
    with pytest.raises(Refused) as refused:
        matters.apply("P12", borrowing(3))
    assert refused.value.codes == ["R06"]
    assert not ApprovalSlot.objects.exists()


def test_the_pool_emptied_meanwhile_refuses_the_ratification(matters):
    first, second = (matters.apply("P12", borrowing(2)) for _ in range(2))
    accepted(matters, second)
    matters.agree(second, matters.deputy)
    matters.agree(second, matters.office_clerk, values={"decision": reply_paper(doc_no="虞编办〔2026〕4号")})
    decided(matters, first)
    with pytest.raises(Refused) as refused:
        matters.agree(second, matters.director)
    assert refused.value.codes == ["R06"]
    assert matters.at(second) == ["ratify"]
    assert done(second) == []
    assert pool(matters) == QuotaUse(2, 0, 2)


def test_without_the_offices_paper_it_goes_no_further(matters):
    case = accepted(matters, matters.apply("P12", borrowing()))
    matters.agree(case, matters.deputy)
    with pytest.raises(Refused, match="批复文件") as refused:
        matters.agree(case, matters.office_clerk)
    assert refused.value.codes == ["M01"]
    assert matters.at(case) == ["reply"]


@pytest.mark.parametrize(
    ("other", "code"),
    [({"term_until": "2026-01-01"}, "R20"), ({"return_plan": ""}, "M01"), ({"count": 0}, "M02")],
)
def test_a_loan_without_term_or_plan_is_refused(matters, other, code):
    with pytest.raises(Refused) as refused:
        matters.apply("P12", borrowing(**other))
    assert code in refused.value.codes


def test_unused_quota_is_given_back_and_used_quota_is_not(matters):
    without_publication("P12")
    decided(matters, matters.apply("P12", borrowing(2)))
    with pytest.raises(Refused) as refused:
        matters.apply("P12", returning(1))
    assert refused.value.codes == ["R02"]
    first, second = ApprovalSlot.objects.order_by("number")
    matters.cast.enlist(second)
    return_slot(actor=matters.cast.office, today=TODAY, slot_id=first.pk, reason="人选放弃")
    case = decided(
        matters, matters.apply("P12", returning(1)), reply={"decision": reply_paper(doc_no="虞编办〔2026〕5号")}
    )
    assert pool(matters) == QuotaUse(1, 1, 0)
    assert the_paper(case).content["closing"] == "所还编制已收回周转池。"


def test_a_loan_sent_back_by_the_supervision_gives_slots_and_quota_back(matters):
    always_supervised("P12")
    case = decided(matters, matters.apply("P12", borrowing(2)))
    sent_back(matters, case, matters.supervision, "review")
    assert pool(matters) == QuotaUse(0, 0, 0)
    assert {slot.state for slot in ApprovalSlot.objects.all()} == {SlotState.RETURNED}
    matters.agree(case, matters.deputy)
    matters.agree(case, matters.office_clerk)
    matters.agree(case, matters.director)
    assert pool(matters) == QuotaUse(2, 0, 2)


def test_sent_back_and_put_right_it_is_lent(matters):
    case = accepted(matters, matters.apply("P12", borrowing()))
    sent_back(matters, case, matters.deputy, "apply")
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    decided(matters, case)
    assert pool(matters).approved == 1
