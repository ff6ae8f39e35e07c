"""P05 出编 from the application to the receipt."""

import pytest

from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import CaseSubmission, IssuedPaper
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.submitting import submit_case
from bianzhi.personnel.models import Movement, Occupancy
from bianzhi.workflow import registries
from bianzhi.workflow.models import CommandExecution, InstanceStatus
from tests.cast import TODAY
from tests.matters.people import People

MATTERS = ("P05",)
REPLY = {
    "doc_no": "虞财〔2026〕8号",
    "title": "关于同意辞职的批复",
    "issuer": "测试区财政局",
    "issuer_level": "other",
    "kind": "other",
    "issued_on": "2026-03-02",
}


def resignation(occupancy: Occupancy, **other: object) -> dict[str, object]:
    return {
        "person": occupancy.person_id,
        "exit_mode": "O07",
        "event_on": "2026-03-02",
        "destination": "企业",
        "document": REPLY,
        **other,
    }


@pytest.fixture
def member(matters: People) -> Occupancy:
    return matters.cast.member(matters.cast.bureau)


def test_an_exit_goes_through_the_unit_and_the_office_and_strikes_the_person_off(matters, member):
    case = matters.apply("P05", resignation(member))
    assert case.number == "P05-2026-000001"
    assert matters.at(case) == ["unit_head"]
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy, matters.director)
    member.refresh_from_db()
    assert member.exit_mode == "O07"
    paper = IssuedPaper.objects.get(case=case)
    assert paper.number == "编核销〔2026〕0001号"
    executions = CommandExecution.objects.filter(instance=case.instance).values_list("command", flat=True)
    assert list(executions) == ["p05.delist", "p05.receipt"]
    assert Movement.objects.get(person=member.person, family="exit").number in paper.content["lines"][-1]


def test_a_decision_carries_its_command_out_once(matters, member, monkeypatch):
    calls = []
    delist = registries.command("p05.delist")
    done = vars(type(delist))["carry_out"]

    def counted(command, act):
        calls.append(act.draft.case.number)
        return done(command, act)

    case = matters.apply("P05", resignation(member))
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy)
    monkeypatch.setattr(type(delist), "carry_out", counted)
    matters.agree(case, matters.director)
    assert calls == [case.number]


def test_a_decision_whose_command_refuses_says_why_and_writes_nothing(matters, member):
    case = matters.apply("P05", resignation(member))
    matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy)
    matters.cast.leave(member)
    before = case.instance.opinions.count()
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["M21"]
    assert matters.at(case) == ["ratify"]
    assert case.instance.opinions.count() == before
    assert not CommandExecution.objects.exists()
    assert findings(("audit.rows", "workflow.opinions")) == []


def test_a_refused_exit_leaves_the_person_where_they_are(matters, member):
    case = matters.apply("P05", resignation(member))
    matters.pass_on(case, matters.head, matters.office_clerk)
    matters.decide(case, matters.deputy, "disagree", "材料不实")
    case.instance.refresh_from_db()
    assert case.instance.status == InstanceStatus.REJECTED
    member.refresh_from_db()
    assert member.valid_to is None


def test_papers_left_out_are_named_at_once(matters, member):
    case = matters.draft("P05", resignation(member), papers=False)
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert refused.value.codes == ["M11"]
    assert "辞职申请、单位研究意见或批复" in str(refused.value)
    assert not CaseSubmission.objects.exists()


def test_a_unit_can_not_strike_off_somebody_elses_people(matters):
    stranger = matters.cast.member(matters.cast.audit_office)
    case = matters.draft("P05", resignation(stranger))
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert refused.value.codes == ["M21"]


def test_the_office_applies_for_a_unit_and_the_case_goes_straight_to_review(matters, member):
    case = matters.apply("P05", resignation(member), by=matters.office_clerk)
    assert matters.at(case) == ["review"]


def test_a_school_is_reviewed_by_the_department_that_supervises_it(matters):
    teacher = matters.cast.member(matters.primary, "B5")
    case = matters.apply("P05", resignation(teacher), by=matters.school_clerk, at=matters.primary)
    assert matters.at(case) == ["supervising"]
    matters.agree(case, matters.reviewer)
    assert matters.at(case) == ["accept"]


def test_a_case_that_came_back_is_put_right_and_sent_in_again(matters, member):
    from bianzhi.matters.services.drafting import save_draft, token_of
    from bianzhi.workflow.services.returning import return_task

    case = matters.apply("P05", resignation(member))
    task = matters.task(case, matters.head)
    return_task(actor=matters.head, task_id=task.pk, to_node="apply", way="step", text="去向不明", today=TODAY)
    case.refresh_from_db()
    saved = save_draft(
        actor=matters.clerk,
        case_id=case.pk,
        form=resignation(member, destination="绍兴某公司"),
        saved_at=token_of(case),
        today=TODAY,
    )
    submit_case(actor=matters.clerk, case_id=saved.case.pk, today=TODAY)
    assert list(CaseSubmission.objects.filter(case=case).values_list("number", flat=True)) == [1, 2]
    assert matters.at(case) == ["unit_head"]


def test_begin_case_is_refused_for_another_unit(matters):
    from bianzhi.organizations.scopes import OutOfScope

    with pytest.raises(OutOfScope):
        begin_case(actor=matters.clerk, matter="P05", organization_id=matters.education.pk, today=TODAY)
