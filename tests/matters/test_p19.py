"""P19 编外用工: control numbers and employments within them, countersigned by finance and personnel (R22)."""

from datetime import date

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import Engagement, Person
from bianzhi.personnel.selectors.quota_use import QuotaUse
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

MATTERS = ("P19",)

REPLY = {"decision": reply_paper(doc_no="虞编办〔2026〕6号")}


def worker(matters, name="周临时", **other):
    facts = matters.cast.facts(name)
    return {
        "name": facts.name,
        "id_number": facts.id_number,
        "form": "labour_dispatch",
        "position": "窗口辅助",
        "since": "2026-03-02",
        **other,
    }


def engaging(*people):
    return {"act": "engage", "people": list(people), "funding": "财政拨款", "reason": "窗口辅助力量不足"}


def decided(matters, case, *, reply=REPLY):
    """Accepted, reviewed, countersigned by finance and personnel, answered, ratified."""
    accepted(matters, case)
    matters.agree(case, matters.deputy)
    assert matters.at(case) == ["joint", "joint"]
    matters.pass_on(case, matters.liaison_finance, matters.liaison_hr)
    matters.agree(case, matters.office_clerk, values=reply)
    return matters.agree(case, matters.director)


def use(matters, day=TODAY):
    return use_of(matters.cast.bureau, "E2", day)


def test_people_are_employed_within_the_control_number(matters):
    without_publication("P19")
    case = decided(matters, matters.apply("P19", engaging(worker(matters), worker(matters, "周二"))))
    assert case.title == "招用编外人员 2 名"
    assert use(matters) == QuotaUse(2, 2, 0)
    engagement = Engagement.objects.get(person__name="周临时")
    assert (engagement.form, engagement.position, engagement.funding_source) == (
        "labour_dispatch",
        "窗口辅助",
        "财政拨款",
    )
    slip = the_paper(case)
    assert slip.title == "编外用工核准单"
    assert ["周临时", "劳务派遣", "窗口辅助", "2026-03-02"] in slip.content["rows"]
    finished(matters, case)


def test_beyond_the_control_number_is_refused_and_leaves_no_person_behind(matters):
    three = [worker(matters, name) for name in ("甲一", "甲二", "甲三")]
    with pytest.raises(Refused, match="控制数 2 名，实有 2 名") as refused:
        matters.apply("P19", engaging(*three))
    assert refused.value.codes == ["R22"]
    assert not Person.objects.exists()


def test_the_number_used_up_meanwhile_refuses_the_ratification(matters):
    first, second = (
        matters.apply("P19", engaging(worker(matters, name), worker(matters, f"{name}二"))) for name in ("甲", "乙")
    )
    accepted(matters, second)
    matters.pass_on(second, matters.deputy, matters.liaison_hr, matters.liaison_finance)
    matters.agree(second, matters.office_clerk, values={"decision": reply_paper(doc_no="虞编办〔2026〕7号")})
    decided(matters, first)
    with pytest.raises(Refused) as refused:
        matters.agree(second, matters.director)
    assert refused.value.codes == ["R22"]
    assert matters.at(second) == ["ratify"]
    assert done(second) == []


def test_the_control_number_is_raised_from_the_districts_total(matters):
    form = {"act": "control", "count": 3, "reason": "新增政务窗口"}
    case = decided(matters, matters.apply("P19", form))
    assert use(matters).approved == 5
    assert "核增编外用工控制数 3 名" in the_paper(case).content["lines"][1]
    with pytest.raises(Refused) as refused:
        matters.apply("P19", {**form, "count": 99})
    assert refused.value.codes == ["R06"]


def test_an_employment_is_ended_and_only_of_ones_own_people(matters):
    decided(matters, matters.apply("P19", engaging(worker(matters))))
    person = Person.objects.get(name="周临时")
    row = {"person": person.pk, "last_day": "2026-04-01", "why": "合同期满"}
    form = {"act": "end", "leavers": [row], "reason": "合同期满"}
    decided(matters, matters.apply("P19", form), reply={"decision": reply_paper(doc_no="虞编办〔2026〕8号")})
    assert Engagement.objects.get().valid_to == date(2026, 4, 1)
    member = matters.cast.member(matters.cast.bureau)
    with pytest.raises(Refused) as refused:
        matters.apply("P19", {**form, "leavers": [{**row, "person": member.person_id}]})
    assert refused.value.codes == ["M27"]


def test_somebody_on_quota_is_not_employed_beside_it_and_nobody_twice(matters):
    member = matters.cast.member(matters.cast.bureau)
    row = worker(matters, member.person.name, id_number=member.person.id_number)
    with pytest.raises(Refused) as refused:
        matters.apply("P19", engaging(row))
    assert refused.value.codes == ["R04"]
    same = worker(matters)
    with pytest.raises(Refused, match="重复填写"):
        matters.apply("P19", engaging(same, same))


def test_finance_disagreeing_ends_the_case(matters):
    case = accepted(matters, matters.apply("P19", engaging(worker(matters))))
    matters.agree(case, matters.deputy)
    matters.decide(case, matters.liaison_finance, "disagree", "无预算")
    assert matters.at(case) == []
    assert not Engagement.objects.exists()


@pytest.mark.parametrize("act", ["engage", "control", "end"])
def test_what_the_supervision_sends_back_is_reversed(matters, act):
    if act == "end":
        without_publication("P19")
        decided(matters, matters.apply("P19", engaging(worker(matters))))
    always_supervised("P19")
    leavers = [
        {"person": each.person_id, "last_day": "2026-04-01", "why": "合同期满"} for each in Engagement.objects.all()
    ]
    form = {
        "engage": engaging(worker(matters)),
        "control": {"act": "control", "count": 3, "reason": "新增窗口"},
        "end": {"act": "end", "leavers": leavers, "reason": "合同期满"},
    }[act]
    before = use(matters, date(2026, 5, 1))
    case = decided(matters, matters.apply("P19", form), reply={"decision": reply_paper(doc_no="虞编办〔2026〕9号")})
    assert use(matters, date(2026, 5, 1)) != before
    sent_back(matters, case, matters.supervision, "review")
    assert use(matters, date(2026, 5, 1)) == before


def test_sent_back_and_put_right_people_are_employed(matters):
    case = accepted(matters, matters.apply("P19", engaging(worker(matters))))
    sent_back(matters, case, matters.deputy, "apply")
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    decided(matters, case)
    assert Engagement.objects.count() == 1
