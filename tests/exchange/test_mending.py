"""What follows from a finding: a case filled in from the rows, or a problem for 督查, once confirmed."""

from __future__ import annotations

from functools import partial

import pytest
from django.utils import timezone

from bianzhi.accounts.models import RoleGrant
from bianzhi.accounts.policies import Denied
from bianzhi.exchange.models import Finding
from bianzhi.exchange.rules.actions import Action
from bianzhi.exchange.selectors.prefilling import Prefilled
from bianzhi.exchange.services.findings import propose_finding, settle_finding, take_back_finding
from bianzhi.exchange.services.hub_cases import begin_hub_case
from bianzhi.exchange.services.mending import open_case, register_problem
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case
from bianzhi.matters.services.drafting import discard_case
from bianzhi.office.models import Message
from bianzhi.supervision.models import Problem, ProblemSource
from tests.cast import TODAY
from tests.exchange.hub import HUB

pytestmark = pytest.mark.django_db

MATTERS = ("P03", "P04", "P05", "P11")


@pytest.fixture
def found(hub, matters):
    """A finding of a kind about somebody, confirmed unless it is only to be looked into."""

    def find(kind, member=None, *, lane="accuse", confirmed=True, **cells):
        member = member or hub.cast.member(hub.cast.bureau)
        hub.run("2026-01", findings=[hub.finding(member, kind, lane, **cells)])
        finding = Finding.objects.get(kind=kind)
        if confirmed:
            propose_finding(
                actor=hub.people.office_clerk, finding_id=finding.pk, verdict="confirm", reason="已核对原件"
            )
            settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)
        return finding

    return find


def opened(hub, finding):
    return open_case(actor=hub.people.office_clerk, finding_id=finding.pk, today=TODAY)


def test_an_accusation_leads_nowhere_before_a_second_person_has_confirmed_it(hub, found):
    finding = found("retired_listed", confirmed=False)
    for act in (open_case, register_problem):
        with pytest.raises(Refused, match="未经第二人复核不能办理") as refused:
            act(actor=hub.people.director, finding_id=finding.pk, today=TODAY)
        assert refused.value.codes == ["R25"]
    assert not Case.objects.exists()
    assert not Problem.objects.exists()


def test_a_retired_person_still_listed_becomes_an_exit_of_the_unit(hub, found):
    member = hub.cast.member(hub.cast.bureau)
    finding = found("retired_listed", member, explanation="人社局记为退休，编办名册在编。")
    case = opened(hub, finding)
    assert (case.matter, case.organization, case.applicant) == ("P05", hub.cast.bureau, hub.people.clerk)
    assert case.form["person"] == member.person_id
    assert case.form["exit_mode"] == "O01"
    assert "四方核对（2026-01）发现已退休仍在编：人社局记为退休" in case.form["reason"]
    assert case.origin == f"四方核对差异 {finding.pk}"
    finding.refresh_from_db()
    assert finding.case == case
    assert finding.steps.last().action == Action.CASE_OPENED
    message = Message.objects.get(recipient=hub.people.clerk)
    assert message.link == f"/matters/cases/{case.pk}/"


def test_somebody_paid_and_not_listed_becomes_an_entry_on_the_slot_there_is(hub, found):
    slot = hub.cast.approve(hub.cast.bureau).slots[0]
    stranger = hub.cast.facts("吴名")
    row = {**hub.row(hub.cast.member(hub.cast.bureau), "finance"), "id_number": stranger.id_number, "name": "吴名"}
    case = opened(hub, found("ghost_payroll", rows=[row], name="吴名"))
    assert case.matter == "P03"
    told = {name: case.form[name] for name in ("name", "id_number", "slot", "entry_mode")}
    assert told == {"name": "吴名", "id_number": stranger.id_number, "slot": slot.pk, "entry_mode": slot.entry_mode}


def test_a_person_paid_elsewhere_becomes_one_transfer(hub, found):
    member = hub.cast.member(hub.cast.bureau)
    case = opened(hub, found("unit_mismatch", member, unit="测试区审计局", severity="yellow"))
    assert (case.matter, case.organization) == ("P04", hub.cast.bureau)
    assert (case.form["person"], case.form["other_unit"]) == (member.person_id, hub.cast.audit_office.pk)
    assert Case.objects.count() == 1


def test_a_wrong_birth_date_becomes_a_change_with_what_the_others_agree_in(hub, found):
    member = hub.cast.member(hub.cast.bureau)
    rows = [hub.row(member, birth="1990-05-06"), hub.row(member, "hr", birth="19910506"),
            hub.row(member, "finance", birth="1991年5月6日"), hub.row(member, "organization", birth="")]  # fmt: skip
    case = opened(hub, found("birth_conflict", member, lane="review", confirmed=False, rows=rows, severity="yellow"))
    assert case.matter == "P11"
    assert case.form["new_born_on"] == "1991-05-06"


def test_where_the_others_do_not_agree_nothing_is_filled_in(hub, found):
    member = hub.cast.member(hub.cast.bureau)
    rows = [hub.row(member), hub.row(member, "hr", name="李四"), hub.row(member, "finance", name="李事")]
    case = opened(hub, found("name_conflict", member, lane="review", confirmed=False, rows=rows, severity="blue"))
    assert "new_name" not in case.form


def test_what_no_matter_mends_says_whose_it_is(hub, found):
    finding = found("quota_type_mismatch", lane="review", confirmed=False, severity="yellow")
    with pytest.raises(Refused, match="按编办核定的编制类型更正") as refused:
        opened(hub, finding)
    assert refused.value.codes == ["X31"]


@pytest.mark.parametrize(("kind", "owner"), [("birth_conflict", "hr"), ("same_person", "establishment")])
def test_what_another_department_or_a_judgement_mends_becomes_no_case(hub, found, kind, owner):
    with pytest.raises(Refused) as refused:
        opened(hub, found(kind, owner=owner))
    assert refused.value.codes == ["X31"]
    assert not Case.objects.exists()


def test_a_person_the_register_does_not_know_can_t_leave_it(hub, found):
    stranger = hub.cast.facts("吴名")
    row = {**hub.row(hub.cast.member(hub.cast.bureau), "hr"), "id_number": stranger.id_number, "name": "吴名"}
    with pytest.raises(Refused) as refused:
        opened(hub, found("dead_paid", rows=[row], name="吴名"))
    assert refused.value.codes == ["X32"]


def test_one_case_at_a_time_and_another_once_it_was_set_aside(hub, found):
    finding = found("retired_listed")
    case = opened(hub, finding)
    with pytest.raises(Refused) as refused:
        opened(hub, finding)
    assert refused.value.codes == ["X34"]
    with pytest.raises(Refused, match="已据此办理"):
        take_back_finding(actor=hub.people.deputy, finding_id=finding.pk, reason="误认")
    discard_case(actor=hub.people.clerk, case_id=case.pk, today=TODAY)
    assert opened(hub, finding) != case


def test_a_unit_without_a_clerk_leaves_the_case_with_whoever_opens_it(hub, found):
    member = hub.cast.member(hub.cast.township)
    case = opened(hub, found("retired_listed", member))
    assert (case.organization, case.applicant) == (hub.cast.township, hub.people.office_clerk)
    assert not Message.objects.exists()


def test_a_case_of_the_hub_itself_goes_to_an_account_that_can_send_it_in(hub, matters):
    """Begun by no person for a unit without a clerk, it is the office's; without any account it is refused."""
    begin = partial(
        begin_hub_case, actor=HUB, prefilled=Prefilled("P05", hub.cast.township.pk), origin="试", today=TODAY
    )
    assert begin().applicant == hub.people.office_clerk
    RoleGrant.objects.filter(role="office_clerk").update(revoked_at=timezone.now())
    with pytest.raises(Refused) as refused:
        begin()
    assert refused.value.codes == ["X33"]


def test_units_and_liaisons_open_no_cases(hub, found):
    finding = found("retired_listed")
    for person in (hub.people.clerk, hub.people.liaison_finance):
        with pytest.raises(Denied):
            open_case(actor=person, finding_id=finding.pk, today=TODAY)


def test_a_ghost_goes_into_the_ledger_of_problems_and_locks_its_unit(hub, found):
    finding = found("ghost_payroll")
    problem = register_problem(actor=hub.people.supervision, finding_id=finding.pk, today=TODAY)
    assert (problem.kind, problem.organization, problem.source) == ("Q08", hub.cast.bureau, ProblemSource.WARNING)
    assert problem.locks_unit
    assert finding.person_name in problem.facts
    finding.refresh_from_db()
    assert (finding.problem, finding.steps.last().action) == (problem, Action.PROBLEM)
    with pytest.raises(Refused) as refused:
        register_problem(actor=hub.people.supervision, finding_id=finding.pk, today=TODAY)
    assert refused.value.codes == ["X34"]


def test_a_problem_needs_a_unit_of_the_register_and_the_permission(hub, found):
    finding = found("ghost_payroll", unit="不存在的单位", rows=[{"source": "finance", "name": "吴名"}])
    with pytest.raises(Refused) as refused:
        register_problem(actor=hub.people.supervision, finding_id=finding.pk, today=TODAY)
    assert refused.value.codes == ["X33"]
    Finding.objects.update(organization=hub.cast.bureau)
    with pytest.raises(Denied):
        register_problem(actor=hub.people.office_clerk, finding_id=finding.pk, today=TODAY)
