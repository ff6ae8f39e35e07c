"""The states a case's form has been in: sent in by the applicant, or written on by a step of the office."""

from bianzhi.accounts.models import User
from bianzhi.matters.models import Case, CaseSubmission
from bianzhi.workflow.models import FlowOpinion, OpinionAction

Told = tuple[CaseSubmission, str, str]
"""A state of the form, what it is called, and by whom."""


def submissions_of(case: Case) -> list[Told]:
    """The newest first. Only what was sent in counts as 第 N 次提交; what a step has filled in is 办理时填写."""
    rows = list(CaseSubmission.objects.filter(case=case).order_by("number"))
    people = dict(User.objects.filter(pk__in=[row.submitted_by_id for row in rows]).values_list("pk", "display_name"))
    applicants = {case.applicant_id, *_who_submitted(case)}
    found: list[Told] = []
    sent = 0
    for row in rows:
        sent += row.submitted_by_id in applicants
        words = f"第 {sent} 次提交" if row.submitted_by_id in applicants else "办理时填写"
        found.append((row, words, people.get(row.submitted_by_id, "")))
    return found[::-1]


def _who_submitted(case: Case) -> list[int]:
    """Whoever has sent the case in, also in the applicant's place."""
    rows = FlowOpinion.objects.filter(instance_id=case.instance_id, action=OpinionAction.SUBMIT)
    return [pk for pk in rows.values_list("actor_id", flat=True) if pk is not None]
