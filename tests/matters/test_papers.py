"""Papers and the applicant's word."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from bianzhi.accounts.policies import Denied
from bianzhi.kernel.objections import Refused
from bianzhi.matters.jobs.closing import close_cases
from bianzhi.matters.models import CaseFeedback, IssuedPaper
from bianzhi.matters.services.feedback import close_unrated, give_feedback
from bianzhi.matters.services.papers import ALPHABET, issue_paper, revoke_paper
from bianzhi.workflow.models import FlowInstance, FlowTask, InstanceStatus
from tests.cast import TODAY
from tests.matters.staffing import without_publication
from tests.matters.test_exit_case import resignation

MATTERS = ("P05",)


@pytest.fixture
def case(matters):
    return matters.apply("P05", resignation(matters.cast.member(matters.cast.bureau)))


@pytest.fixture
def decided(matters, case):
    return matters.pass_on(case, matters.head, matters.office_clerk, matters.deputy, matters.director)


def issue(people, case, **content):
    return issue_paper(
        actor=people.deputy,
        case_id=case.pk,
        kind="receipt",
        title="回执",
        word="编核销",
        content={"lines": [["姓名", "张三"]], **content},
        today=TODAY,
    )


def test_papers_are_numbered_without_gaps_and_have_codes_nobody_guesses(matters, case):
    papers = [issue(matters, case) for _ in range(3)]
    assert [paper.number for paper in papers] == [f"编核销〔2026〕{n:04d}号" for n in (1, 2, 3)]
    assert len({paper.code for paper in papers}) == 3
    assert all(len(paper.code) == 16 and set(paper.code) <= set(ALPHABET) for paper in papers)


def test_a_paper_never_shows_a_whole_id_number(matters, case):
    with pytest.raises(Refused) as refused:
        issue(matters, case, rows=[["张三", "330699198706051234"]])
    assert refused.value.codes == ["M31"]
    assert not IssuedPaper.objects.exists()


def test_who_does_not_handle_cases_issues_nothing(matters, case):
    with pytest.raises(Denied):
        issue_paper(actor=matters.system_admin, case_id=case.pk, kind="x", title="x", word="x", content={}, today=TODAY)


def test_a_revoked_paper_keeps_its_number_and_its_content(matters, case):
    paper = issue(matters, case)
    with pytest.raises(Refused) as refused:
        revoke_paper(actor=matters.deputy, paper_id=paper.pk, reason="错")
    assert refused.value.codes == ["M33"]
    revoke_paper(actor=matters.deputy, paper_id=paper.pk, reason="内容有误")
    with pytest.raises(Refused) as again:
        revoke_paper(actor=matters.deputy, paper_id=paper.pk, reason="内容有误")
    assert again.value.codes == ["M32"]
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedPaper.objects.filter(pk=paper.pk).update(number="假")
    assert issue(matters, case).number == "编核销〔2026〕0002号"


def test_the_applicants_word_closes_the_case(matters, decided):
    give_feedback(actor=matters.clerk, case_id=decided.pk, score=5, comment="办得快", today=TODAY)
    decided.instance.refresh_from_db()
    assert decided.instance.status == InstanceStatus.COMPLETED
    with pytest.raises(Refused) as again:
        give_feedback(actor=matters.clerk, case_id=decided.pk, score=5, today=TODAY)
    assert again.value.codes == ["M72"]


def test_only_the_applicant_rates_a_case_and_only_once_it_is_done(matters, case):
    with pytest.raises(Denied):
        give_feedback(actor=matters.head, case_id=case.pk, score=5, today=TODAY)
    with pytest.raises(Refused) as early:
        give_feedback(actor=matters.clerk, case_id=case.pk, score=5, today=TODAY)
    assert early.value.codes == ["M72"]


@pytest.mark.parametrize(("score", "comment"), [(0, ""), (6, ""), (2, " "), (5, "长" * 501)])
def test_a_word_that_says_nothing_is_refused(matters, decided, score, comment):
    with pytest.raises(Refused) as refused:
        give_feedback(actor=matters.clerk, case_id=decided.pk, score=score, comment=comment, today=TODAY)
    assert refused.value.codes == ["M71"]


def test_a_case_nobody_rates_is_closed_after_the_usual_days(matters, decided):
    arrived = decided.instance.tasks.get(stage="反馈", kind="normal").created_at.date()
    assert close_cases(arrived + timedelta(days=3)) == {"closed": 0}
    assert close_cases(arrived + timedelta(days=40)) == {"closed": 1}
    assert close_cases(arrived + timedelta(days=40)) == {"closed": 0}
    decided.instance.refresh_from_db()
    assert decided.instance.status == InstanceStatus.COMPLETED
    assert not CaseFeedback.objects.exists()


def test_a_case_that_cannot_be_closed_unrated_keeps_no_other_open(matters, decided):
    without_publication("P05")
    other = matters.apply("P05", resignation(matters.cast.member(matters.cast.bureau)))
    matters.pass_on(other, matters.head, matters.office_clerk, matters.deputy, matters.director)
    waiting = decided.instance.tasks.get(stage="反馈", kind="normal")
    FlowTask.objects.filter(pk=waiting.pk).update(node_id="apply")
    late = waiting.created_at.date() + timedelta(days=40)
    assert close_cases(late) == {"closed": 1}
    statuses = [FlowInstance.objects.get(pk=case.instance_id).status for case in (decided, other)]
    assert statuses == [InstanceStatus.RUNNING, InstanceStatus.COMPLETED]
    with pytest.raises(Refused) as refused:
        close_unrated(actor=matters.cast.office, task_id=waiting.pk, today=late)
    assert refused.value.codes == ["L8"]
