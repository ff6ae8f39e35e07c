"""Duty states, secondments and engagements: counted where they belong (§2.7, R21, R22)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import DutyPeriod
from bianzhi.personnel.selectors.outside_quota import Beside, beside_quota, secondments_overdue
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.decisions import Override
from bianzhi.personnel.services.duty import set_duty_state
from bianzhi.personnel.services.engagements import (
    EngagementOrder,
    end_engagement,
    engage,
    reopen_engagement,
    reverse_engagement,
)
from bianzhi.personnel.services.persons import register_person
from bianzhi.personnel.services.secondments import SecondmentOrder, end_secondment, start_secondment
from tests.cast import TODAY

LATER = date(2026, 6, 1)


def test_somebody_off_duty_still_occupies_and_has_a_reason(cast):
    member = cast.member(cast.bureau)
    duty = set_duty_state(
        actor=cast.clerk, person_id=member.person_id, state="on_quota_off_duty", reason="long_sick_leave",
        effective_on=LATER,
    )  # fmt: skip
    assert duty is not None
    assert (duty.state, duty.valid_from, duty.valid_to) == ("on_quota_off_duty", LATER, None)
    assert quota_use([cast.bureau.pk], LATER)[cast.bureau.pk, "A1"].occupied == 1
    assert AuditEntry.objects.get(action="personnel.duty_changed").seals.count() == 1
    assert OutboxMessage.objects.filter(topic="personnel.duty_changed").exists()
    back = set_duty_state(
        actor=cast.clerk, person_id=member.person_id, state="on_quota_on_duty", effective_on=date(2026, 7, 1)
    )
    assert back is None
    duty.refresh_from_db()
    assert duty.valid_to == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [("on_quota_off_duty", "", "D2"), ("retired", "", "D1"), ("on_quota_on_duty", "", "D2")],
)
def test_a_duty_state_that_says_nothing_is_refused(cast, state, reason, code):
    member = cast.member(cast.bureau)
    with pytest.raises(Refused) as refused:
        set_duty_state(actor=cast.clerk, person_id=member.person_id, state=state, reason=reason, effective_on=LATER)
    assert refused.value.codes == [code]
    assert not DutyPeriod.objects.exists()


def test_a_duty_state_does_not_reach_back_into_one_that_ended(cast):
    member = cast.member(cast.bureau, on=date(2026, 1, 1))

    def change(state, day, **facts):
        return set_duty_state(actor=cast.clerk, person_id=member.person_id, state=state, effective_on=day, **facts)

    change("on_quota_probation", date(2026, 1, 10))
    change("on_quota_on_duty", date(2026, 2, 20))
    sick = {"state": "on_quota_off_duty", "reason": "long_sick_leave"}
    with pytest.raises(Refused, match="到 2026-02-20 才结束") as refused:
        change(day=date(2026, 1, 15), **sick)
    assert refused.value.codes == ["D3"]
    change(day=date(2026, 2, 20), **sick)
    assert DutyPeriod.objects.as_of(date(2026, 2, 1)).get().state == "on_quota_probation"


def test_only_people_on_quota_have_a_duty_state(cast):
    person = register_person(actor=cast.clerk, facts=cast.facts())
    with pytest.raises(Refused, match="不在编"):
        set_duty_state(actor=cast.clerk, person_id=person.pk, state="on_quota_probation", effective_on=TODAY)
    with pytest.raises(Denied):
        set_duty_state(actor=cast.outsider, person_id=person.pk, state="on_quota_probation", effective_on=TODAY)


def lend(cast, member, to, **facts):
    given: dict[str, Any] = {"mode": "B01", "effective_on": LATER, "planned_until": date(2026, 12, 31)} | facts
    return SecondmentOrder(
        person_id=member.person_id, document=cast.document, to_organization_id=to.pk if to else None, **given
    )


def test_a_lent_person_is_counted_at_home_only(cast):
    member = cast.member(cast.bureau)
    secondment, remarks = start_secondment(actor=cast.clerk, order=lend(cast, member, cast.audit_office))
    assert remarks == ()
    assert DutyPeriod.objects.get().state == "on_quota_seconded_out"
    assert beside_quota([cast.bureau.pk, cast.audit_office.pk], LATER) == {
        cast.bureau.pk: Beside(lent=1), cast.audit_office.pk: Beside(borrowed=1),
    }  # fmt: skip
    use = quota_use([cast.bureau.pk, cast.audit_office.pk], LATER)
    assert (use[cast.bureau.pk, "A1"].occupied, use[cast.audit_office.pk, "A1"].occupied) == (1, 0)
    assert list(secondments_overdue(date(2027, 1, 1))) == [secondment]
    assert list(secondments_overdue(date(2026, 12, 31))) == []

    end_secondment(actor=cast.clerk, secondment_id=secondment.pk, returned_on=date(2027, 1, 5))
    assert DutyPeriod.objects.get().valid_to == date(2027, 1, 5)
    assert beside_quota([cast.bureau.pk], date(2027, 1, 5))[cast.bureau.pk] == Beside()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"personnel.seconded", "personnel.secondment_ended"} <= actions
    assert OutboxMessage.objects.filter(topic="personnel.secondment_ended").exists()
    with pytest.raises(Refused):
        end_secondment(actor=cast.clerk, secondment_id=secondment.pk, returned_on=date(2027, 1, 6))


def test_nobody_is_lent_from_a_day_that_has_another_duty_state_beginning(cast):
    member = cast.member(cast.bureau)
    set_duty_state(actor=cast.clerk, person_id=member.person_id, state="on_quota_probation", effective_on=LATER)
    with pytest.raises(Refused, match="不晚于现状态的开始日期") as refused:
        start_secondment(actor=cast.clerk, order=lend(cast, member, cast.audit_office))
    assert refused.value.codes == ["D3"]
    start_secondment(actor=cast.clerk, order=lend(cast, member, cast.audit_office, effective_on=date(2026, 6, 2)))
    assert [duty.state for duty in DutyPeriod.objects.as_of(date(2026, 6, 2))] == ["on_quota_seconded_out"]


def test_a_secondment_does_not_reach_back_into_one_that_ended(cast):
    member = cast.member(cast.bureau)
    first, _ = start_secondment(actor=cast.clerk, order=lend(cast, member, cast.audit_office))
    back = date(2026, 9, 1)
    end_secondment(actor=cast.clerk, secondment_id=first.pk, returned_on=back)
    with pytest.raises(Refused, match="到 2026-09-01 才结束") as refused:
        start_secondment(
            actor=cast.clerk, order=lend(cast, member, cast.audit_office, effective_on=date(2026, 7, 1))
        )  # fmt: skip
    assert set(refused.value.codes) == {"D3"}
    start_secondment(actor=cast.clerk, order=lend(cast, member, cast.audit_office, effective_on=back))


def test_a_secondment_has_an_agreed_end_and_a_borrower(cast):
    member = cast.member(cast.bureau)
    for facts in ({"planned_until": None}, {"planned_until": date(2026, 1, 1)}):
        with pytest.raises(Refused) as refused:
            start_secondment(actor=cast.clerk, order=lend(cast, member, cast.audit_office, **facts))
        assert refused.value.codes == ["R21"]
    with pytest.raises(Refused, match="接收单位"):
        start_secondment(actor=cast.clerk, order=lend(cast, member, None))
    with pytest.raises(Refused, match="相同"):
        start_secondment(actor=cast.clerk, order=lend(cast, member, cast.bureau))


def test_a_township_is_not_borrowed_from_unless_the_director_says_so(cast):
    member = cast.member(cast.township)
    with pytest.raises(Refused, match="乡镇") as refused:
        start_secondment(actor=cast.clerk, order=lend(cast, member, cast.bureau))
    assert refused.value.codes == ["R21"]
    _, remarks = start_secondment(
        actor=cast.director, order=lend(cast, member, cast.bureau), override=Override(frozenset({"R21"}), "专班抽调")
    )
    assert [remark.code for remark in remarks] == ["R21"]


def test_nobody_is_lent_twice_at_a_time(cast):
    member = cast.member(cast.bureau)
    start_secondment(actor=cast.clerk, order=lend(cast, member, cast.audit_office))
    with pytest.raises(Refused, match="正在借调"):
        start_secondment(actor=cast.clerk, order=lend(cast, member, cast.school, effective_on=date(2026, 7, 1)))


def engagement(cast, organization, kind="E2", **facts):
    person = register_person(actor=cast.clerk, facts=cast.facts())
    return EngagementOrder(
        person_id=person.pk, organization_id=organization.pk, kind=kind, effective_on=TODAY, document=cast.document,
        **facts,
    )  # fmt: skip


def test_non_quota_staff_stay_within_their_cap(cast):
    first = engage(actor=cast.clerk, order=engagement(cast, cast.bureau, form="labour_dispatch"))
    engage(actor=cast.clerk, order=engagement(cast, cast.bureau))
    assert quota_use([cast.bureau.pk], TODAY)[cast.bureau.pk, "E2"] == QuotaUse(2, 2, 0)
    with pytest.raises(Refused, match="控制数 2 名，实有 2 名") as refused:
        engage(actor=cast.clerk, order=engagement(cast, cast.bureau))
    assert refused.value.codes == ["R22"]
    end_engagement(actor=cast.clerk, engagement_id=first.pk, effective_on=LATER, reason="合同到期")
    assert quota_use([cast.bureau.pk], LATER)[cast.bureau.pk, "E2"] == QuotaUse(2, 1, 0)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"personnel.engaged", "personnel.engagement_ended"} <= actions
    assert OutboxMessage.objects.filter(topic="personnel.engaged").count() == 2


def test_filed_headcount_is_for_institutions(cast):
    engage(actor=cast.clerk, order=engagement(cast, cast.school, "E1"))
    assert beside_quota([cast.school.pk], TODAY)[cast.school.pk].filed == 1
    with pytest.raises(Refused) as refused:
        engage(actor=cast.clerk, order=engagement(cast, cast.bureau, "E1"))
    assert "R05" in refused.value.codes


def test_somebody_on_quota_is_no_non_quota_staff_and_nobody_is_engaged_twice(cast):
    member = cast.member(cast.bureau)
    order = EngagementOrder(member.person_id, cast.bureau.pk, "E2", TODAY, cast.document)
    with pytest.raises(Refused) as refused:
        engage(actor=cast.clerk, order=order)
    assert refused.value.codes == ["R04"]
    wanted = engagement(cast, cast.bureau)
    engage(actor=cast.clerk, order=wanted)
    with pytest.raises(Refused, match="未结束") as refused:
        engage(actor=cast.clerk, order=wanted)
    assert refused.value.codes == ["R22"]


def test_an_employment_does_not_reach_back_into_one_that_ended(cast):
    wanted = replace(engagement(cast, cast.bureau), effective_on=date(2026, 1, 5))
    first = engage(actor=cast.clerk, order=wanted)
    end_engagement(actor=cast.clerk, engagement_id=first.pk, effective_on=TODAY)
    with pytest.raises(Refused, match="到 2026-03-02 才结束") as refused:
        engage(actor=cast.clerk, order=replace(wanted, effective_on=date(2026, 1, 20)))
    assert refused.value.codes == ["D3"]
    engage(actor=cast.clerk, order=replace(wanted, effective_on=TODAY))
    assert quota_use([cast.bureau.pk], date(2026, 2, 1))[cast.bureau.pk, "E2"].occupied == 1


def test_engaging_needs_the_permission(cast):
    with pytest.raises(Denied):
        engage(actor=cast.outsider, order=engagement(cast, cast.bureau))


def test_an_employment_registered_wrongly_is_reversed_and_its_place_is_free(cast):
    wrong = engage(actor=cast.clerk, order=engagement(cast, cast.bureau))
    with pytest.raises(Refused, match="原因"):
        reverse_engagement(actor=cast.clerk, engagement_id=wrong.pk, reason="错")
    reverse_engagement(actor=cast.clerk, engagement_id=wrong.pk, reason="登记在了别的单位")
    assert quota_use([cast.bureau.pk], LATER)[cast.bureau.pk, "E2"].occupied == 0
    with pytest.raises(Refused) as refused:
        reverse_engagement(actor=cast.clerk, engagement_id=wrong.pk, reason="再冲正一次")
    assert refused.value.codes == ["R26"]
    with pytest.raises(Denied):
        reverse_engagement(actor=cast.outsider, engagement_id=wrong.pk, reason="登记在了别的单位")


def test_an_end_registered_wrongly_is_reversed_unless_the_place_is_taken(cast):
    first, second = (engage(actor=cast.clerk, order=engagement(cast, cast.bureau)) for _ in range(2))
    end_engagement(actor=cast.clerk, engagement_id=first.pk, effective_on=LATER)
    goes_on = reopen_engagement(actor=cast.clerk, engagement_id=first.pk, reason="并未解除合同")
    assert (goes_on.valid_from, goes_on.valid_to) == (first.valid_from, None)
    with pytest.raises(Refused) as refused:
        reopen_engagement(actor=cast.clerk, engagement_id=goes_on.pk, reason="并未解除合同")
    assert refused.value.codes == ["R26"]
    end_engagement(actor=cast.clerk, engagement_id=second.pk, effective_on=LATER)
    engage(actor=cast.clerk, order=replace(engagement(cast, cast.bureau), effective_on=LATER))
    with pytest.raises(Refused, match="控制数已满") as refused:
        reopen_engagement(actor=cast.clerk, engagement_id=second.pk, reason="并未解除合同")
    assert refused.value.codes == ["R22"]


def test_an_end_is_not_reversed_once_the_person_is_on_quota(cast):
    employment = engage(actor=cast.clerk, order=engagement(cast, cast.bureau))
    end_engagement(actor=cast.clerk, engagement_id=employment.pk, effective_on=LATER)
    cast.enlist(cast.approve(cast.audit_office).slots[0], employment.person, on=LATER)
    with pytest.raises(Refused, match="该人员在编") as refused:
        reopen_engagement(actor=cast.clerk, engagement_id=employment.pk, reason="并未解除合同")
    assert refused.value.codes == ["R04"]
