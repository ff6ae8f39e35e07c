"""P07-3 机构合并 from the draft to the end: 沟通预审, 会签 with 退回 inside it, 编委, 上级批准, effect, paper."""

from datetime import date

import pytest

from bianzhi.audit.chain import verify_rows
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import IssuedPaper, Publication
from bianzhi.matters.services.drafting import save_draft, token_of
from bianzhi.matters.services.feedback import give_feedback
from bianzhi.matters.services.submitting import submit_case
from bianzhi.organizations.models import OrganizationVersion, ReorganizationEvent
from bianzhi.personnel.models import Movement
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import CommandExecution, FlowOpinion, FlowTask, InstanceStatus
from bianzhi.workflow.services.returning import return_task
from tests.cast import PERSONNEL_CHECKS, TODAY
from tests.matters import establishing as given

MATTERS = ("P07-3",)
LIAISONS = ("liaison_organization", "liaison_hr", "liaison_finance")


def merger(matters, **other):
    cast = matters.cast
    return {
        "sources": [{"unit": cast.audit_office.pk}],
        "into": "existing",
        "target": cast.bureau.pk,
        "posts": [{"post_level": "org_deputy", "number": 3}],
        **given.REASONS,
        **other,
    }


@pytest.fixture
def staffed(matters):
    matters.cast.fill(matters.cast.audit_office, "A1", 2, on=date(2024, 5, 6))
    return matters


def applied(matters, **other):
    return matters.apply("P07-3", merger(matters, **other), by=matters.outsider, at=matters.cast.audit_office)


def accepted(matters):
    """A merger cleared with the upper office, accepted and reviewed: at 会签."""
    case = applied(matters)
    matters.agree(case, matters.office_clerk, values=given.CONSULTED)
    return matters.pass_on(case, matters.office_clerk, matters.deputy)


def use(organization):
    return quota_use([organization.pk], TODAY).get((organization.pk, "A1"), QuotaUse())


def test_a_merger_lives_through_every_stage_and_carries_everything_over(staffed):
    matters = staffed
    case = applied(matters)
    assert case.title == "测试区审计局并入测试区财政局"
    assert case.counterpart == matters.cast.bureau
    assert matters.at(case) == ["consult"], "正科级: the draft is cleared with the upper office first"
    matters.agree(case, matters.office_clerk, values=given.CONSULTED)
    assert matters.at(case) == ["accept"]
    matters.pass_on(case, matters.office_clerk, matters.deputy)
    assert matters.at(case) == ["joint", "joint", "joint"]
    given.signed(matters, case, *LIAISONS)
    assert matters.at(case) == ["commission"]
    given.through_upper_level(matters, case)
    assert matters.at(case) == ["ratify"]
    matters.agree(case, matters.director)

    cast = matters.cast
    assert use(cast.bureau) == QuotaUse(14, 2, 0)
    assert not OrganizationVersion.objects.as_of(TODAY).filter(organization=cast.audit_office).exists()
    event = ReorganizationEvent.objects.get(kind="merged")
    assert (event.document.doc_no, event.effective_on) == ("绍市编〔2026〕8号", TODAY)
    assert Movement.objects.filter(mode="T06", event=event).count() == 2
    execution = CommandExecution.objects.get(instance=case.instance, command="p07.merge")
    assert execution.result == {
        "words": case.title,
        "organizations": [cast.bureau.pk, cast.audit_office.pk],
        "event": event.pk,
    }
    paper = IssuedPaper.objects.get(case=case)
    assert ["批复文件", "虞编〔2026〕5号 关于机构编制事项的批复"] in paper.content["lines"]
    assert ["上级批准文件", "绍市编〔2026〕8号 关于同意上虞区机构调整的批复"] in paper.content["lines"]
    assert findings([*PERSONNEL_CHECKS, "ledger.balance", "ledger.reserves"]) == []
    assert list(verify_rows()) == []
    publication = Publication.objects.get(case=case)
    assert ["承接单位", "测试区财政局"] in publication.lines
    run_clocks(date(2026, 3, 10))
    assert matters.at(case) == ["supervise"], "five working days on show; every merger is looked into"
    matters.agree(case, matters.supervision, today=date(2026, 3, 10))
    give_feedback(actor=matters.outsider, case_id=case.pk, score=5, today=date(2026, 3, 11))
    case.refresh_from_db()
    assert case.instance.status == InstanceStatus.COMPLETED


def test_a_signer_returns_it_from_inside_the_countersign_and_gets_it_straight_back(staffed):
    matters = staffed
    case = accepted(matters)
    matters.agree(case, matters.liaison_organization)
    task = matters.task(case, matters.liaison_finance)
    return_task(
        actor=matters.liaison_finance,
        task_id=task.pk,
        to_node="apply",
        way="direct",
        text="债务去向未写明",
        today=TODAY,
    )
    assert matters.at(case) == ["apply"], "the third signer waits too"
    case.refresh_from_db()
    form = merger(matters, other="债权债务由财政局承继")
    save_draft(actor=matters.outsider, case_id=case.pk, form=form, saved_at=token_of(case), today=TODAY)
    submit_case(actor=matters.outsider, case_id=case.pk, today=TODAY)
    assert matters.at(case) == ["joint", "joint"], "straight back: 审核 is not run again, what was signed stays signed"
    given.signed(matters, case, "liaison_hr", "liaison_finance")
    given.through_upper_level(matters, case)
    matters.agree(case, matters.director)
    assert use(matters.cast.bureau) == QuotaUse(14, 2, 0)
    case.refresh_from_db()
    assert case.form["consult_no"] == given.CONSULTED["consult_no"], "what the office wrote outlives the correction"
    returned = FlowOpinion.objects.get(instance=case.instance, action="return")
    assert returned.text.endswith("债务去向未写明")


def test_a_signer_who_disagrees_sends_it_back_to_whoever_applied(staffed):
    matters = staffed
    case = accepted(matters)
    matters.decide(case, matters.liaison_hr, "disagree", "人员分流方案不全")
    assert matters.at(case) == ["apply"]
    assert case.instance.status == InstanceStatus.RUNNING
    submit_case(actor=matters.outsider, case_id=case.pk, today=TODAY)
    assert matters.at(case) == ["consult"], "every step is run again"


def test_a_merger_refused_at_ratification_stays_there_with_the_reasons(staffed):
    matters = staffed
    case = accepted(matters)
    given.signed(matters, case, *LIAISONS)
    given.through_upper_level(matters, case)
    matters.cast.fill(matters.cast.audit_office, "A1", 1, on=date(2026, 3, 2))
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["D3"], "somebody came to the unit on the very day"
    assert matters.at(case) == ["ratify"]
    assert not CommandExecution.objects.filter(instance=case.instance).exists()
    assert not ReorganizationEvent.objects.exists()
    assert FlowTask.objects.get(instance=case.instance, node_id="ratify").status == "todo"
    later = given.reply() | {"effective_on": "2026-03-03"}
    task = matters.task(case, matters.director)
    return_task(actor=matters.director, task_id=task.pk, to_node="reply", way="direct", text="改次日生效", today=TODAY)
    matters.agree(case, matters.office_clerk, values=later)
    matters.agree(case, matters.director)
    assert ReorganizationEvent.objects.get(kind="merged").effective_on == date(2026, 3, 3)


def test_the_upper_step_wants_an_upper_document(staffed):
    matters = staffed
    case = accepted(matters)
    given.signed(matters, case, *LIAISONS)
    matters.agree(case, matters.secretary, values=given.MEETING)
    assert matters.at(case) == ["government"], "a merger of 党政机关 is considered by 党委 too"
    matters.agree(case, matters.secretary, values=given.GOVERNMENT)
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.office_clerk)
    assert refused.value.codes == ["M01"]
    own = {**given.UPPER["upper_document"], "issuer_level": "commission"}
    matters.agree(case, matters.office_clerk, values={"upper_document": own})
    matters.agree(case, matters.office_clerk, values=given.reply())
    with pytest.raises(Refused) as refused:
        matters.agree(case, matters.director)
    assert refused.value.codes == ["R10"]


def test_a_clerk_does_not_apply_to_merge_somebody_elses_unit(matters):
    case = matters.draft("P07-3", merger(matters))
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert "M22" in refused.value.codes


def test_what_the_register_would_refuse_is_told_when_the_case_is_sent_in(staffed):
    matters = staffed
    form = merger(matters, target=matters.cast.township.pk)
    case = matters.draft("P07-3", form, by=matters.outsider, at=matters.cast.audit_office)
    matters.cast.fill(matters.cast.audit_office, "A1", 1, on=TODAY)
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.outsider, case_id=case.pk, today=TODAY)
    assert refused.value.codes == ["D3"]


def test_the_target_is_none_of_the_sources_and_a_new_unit_is_made_of_two(matters):
    audit = matters.cast.audit_office
    for form in (merger(matters, target=audit.pk), merger(matters, into="new", target=None, new_name="测试区审计一局")):
        case = matters.draft("P07-3", form, by=matters.outsider, at=audit)
        with pytest.raises(Refused) as refused:
            submit_case(actor=matters.outsider, case_id=case.pk, today=TODAY)
        assert refused.value.codes == ["D2"]
