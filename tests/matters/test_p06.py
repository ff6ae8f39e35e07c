"""P06 领导职数使用: a post is confirmed before the appointment and registered by the 任职通知."""

from datetime import date

import pytest

from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.services.overriding import override_rules
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import Appointment
from bianzhi.personnel.selectors.quota_use import post_use
from bianzhi.personnel.services.appointments import AppointmentOrder, appoint
from bianzhi.workflow.services.withdrawing import withdraw_case
from tests.cast import TODAY
from tests.matters.staffing import (
    accepted,
    done,
    finished,
    paper,
    sent_back,
    the_paper,
    without_publication,
)

MATTERS = ("P06",)

NOTICE = {"notice": paper("虞组干〔2026〕15号", issuer="区委组织部", title="关于王强同志任职的通知")}


@pytest.fixture
def member(matters):
    return matters.cast.member(matters.cast.bureau, on=date(2026, 2, 2), facts=matters.cast.facts("王强"))


def post(member, **other):
    return {
        "person": member.person_id,
        "position": "局长",
        "post_level": "org_chief",
        "rank_code": "141",
        "is_principal": True,
        "reason": "领导班子配备",
        **other,
    }


def confirmed(matters, case):
    """Through review, the organisation department's liaison and ratification."""
    accepted(matters, case)
    return matters.pass_on(case, matters.deputy, matters.liaison_organization, matters.director)


def held(matters, level="org_chief"):
    use = post_use([matters.cast.bureau.pk], TODAY).get((matters.cast.bureau.pk, level))
    return use.occupied if use else 0


def chief(matters, name="老局长"):
    """Somebody who is 局长 already."""
    other = matters.cast.member(matters.cast.bureau, on=date(2026, 2, 2), facts=matters.cast.facts(name))
    order = AppointmentOrder(
        other.person_id,
        matters.cast.bureau.pk,
        "局长",
        date(2026, 2, 3),
        matters.cast.document,
        "org_chief",
        rank_code="141",
    )
    return appoint(actor=matters.cast.office, today=TODAY, order=order)[0]


def test_a_post_is_confirmed_answered_and_registered_after_the_notice(matters, member):
    without_publication("P06")
    case = confirmed(matters, matters.apply("P06", post(member)))
    assert done(case) == ["p06.confirm", "p06.reply"]
    assert held(matters) == 0
    assert not AuditEntry.objects.filter(action="personnel.appointed").exists(), "what was only tried is not recorded"
    reply = the_paper(case)
    assert reply.title == "领导职数使用核准单"
    assert ["核定、实配", "核定 1 名，实配 0 名"] in reply.content["lines"]
    assert matters.at(case) == ["complete"]
    with pytest.raises(Refused, match="任职通知") as refused:
        matters.agree(case, matters.clerk)
    assert refused.value.codes == ["M01"]
    matters.agree(case, matters.clerk, values=NOTICE)
    appointment = Appointment.objects.get()
    assert (appointment.position, appointment.valid_from) == ("局长", date(2026, 3, 2))
    assert appointment.document.doc_no == "虞组干〔2026〕15号"
    finished(matters, case)


def test_a_full_level_is_refused_with_its_figures_and_may_be_let_through_by_the_director(matters, member):
    chief(matters)
    form = post(member, basis_document=paper("虞委〔2026〕2号", issuer="区委", kind="other"))
    case = matters.draft("P06", form)
    with pytest.raises(Refused, match="核定 1 名，已配 1 名，超职数") as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert refused.value.codes == ["R09"]
    override_rules(
        actor=matters.director,
        case_id=case.pk,
        codes=["R09"],
        reason="现任即将退休，交叉任职",
        document_id=matters.cast.document.pk,
        today=TODAY,
    )
    case = confirmed(matters, submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY).case)
    matters.agree(case, matters.clerk, values=NOTICE)
    assert Appointment.objects.get(person=member.person).exceeds_posts


def test_the_predecessor_leaves_and_the_successor_comes_by_one_notice(matters, member):
    old = chief(matters)
    case = confirmed(matters, matters.apply("P06", post(member, predecessor=old.person_id)))
    matters.agree(case, matters.clerk, values={**NOTICE, "appointed_on": "2026-03-05"})
    old.refresh_from_db()
    assert (old.valid_to, old.end_document.doc_no) == (date(2026, 3, 5), "虞组干〔2026〕15号")
    assert Appointment.objects.open_ended().get().person == member.person


def test_somebody_without_such_a_post_is_no_predecessor(matters, member):
    with pytest.raises(Refused, match="没有此类领导职务") as refused:
        matters.apply("P06", post(member, predecessor=member.person_id))
    assert refused.value.codes == ["M26"]


def test_a_post_promised_to_one_case_is_not_promised_to_another(matters, member):
    other = matters.cast.member(matters.cast.bureau, on=date(2026, 2, 2))
    second = matters.apply("P06", post(other))
    confirmed(matters, matters.apply("P06", post(member)))
    accepted(matters, second)
    matters.pass_on(second, matters.deputy, matters.liaison_organization)
    with pytest.raises(Refused, match="另有 1 名已核准待任职") as refused:
        matters.agree(second, matters.director)
    assert refused.value.codes == ["R09"]
    assert matters.at(second) == ["ratify"]
    assert done(second) == []


def test_a_rank_above_the_post_needs_its_document(matters, member):
    with pytest.raises(Refused, match="高配") as refused:
        matters.apply("P06", post(member, rank_code="132"))
    assert refused.value.codes == ["R09"]
    case = matters.apply("P06", post(member, rank_code="132", basis_document=paper("绍市组〔2026〕7号")))
    confirmed(matters, case)
    matters.agree(case, matters.clerk, values=NOTICE)
    assert Appointment.objects.get().is_high_rank


def test_the_liaison_who_disagrees_ends_the_case_and_nothing_was_promised(matters, member):
    case = accepted(matters, matters.apply("P06", post(member)))
    matters.agree(case, matters.deputy)
    matters.decide(case, matters.liaison_organization, "disagree", "人选未定")
    assert done(case) == []
    confirmed(matters, matters.apply("P06", post(member)))


def test_sent_back_and_put_right_it_is_confirmed(matters, member):
    case = accepted(matters, matters.apply("P06", post(member)))
    sent_back(matters, case, matters.deputy, "apply")
    submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    confirmed(matters, case)
    assert done(case) == ["p06.confirm", "p06.reply"]


def test_a_confirmed_post_is_given_back_with_the_case_until_it_is_registered(matters, member):
    without_publication("P06")
    case = confirmed(matters, matters.apply("P06", post(member)))
    withdraw_case(actor=matters.clerk, instance_id=case.instance_id, text="人选变更", today=TODAY)
    assert done(case) == []
    assert IssuedPaper.objects.get(case=case).revoked_at is not None
    again = confirmed(matters, matters.apply("P06", post(member)))
    matters.agree(again, matters.clerk, values=NOTICE)
    with pytest.raises(Refused) as refused:
        withdraw_case(actor=matters.clerk, instance_id=again.instance_id, text="人选变更", today=TODAY)
    assert refused.value.codes == ["L7"]
    assert "没有自动冲正的办法" in str(refused.value)
    assert Appointment.objects.get().is_open


def test_a_side_post_takes_no_post_of_the_unit(matters, member):
    chief(matters)
    form = post(member, position="工会主席", post_level="org_deputy", rank_code="142", is_principal=False)
    case = confirmed(matters, matters.apply("P06", form))
    matters.agree(case, matters.clerk, values=NOTICE)
    assert held(matters, "org_deputy") == 0
