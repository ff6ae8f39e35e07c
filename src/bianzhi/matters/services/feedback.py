"""反馈: the applicant says how satisfied they are, and with it closes the case."""

from datetime import date

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.matters.models import Case, CaseFeedback
from bianzhi.matters.parameters import FEEDBACK_DAYS
from bianzhi.matters.selectors.unrated import STAGE
from bianzhi.matters.services.editing import locked_case
from bianzhi.workflow.models import FlowTask, TaskStatus
from bianzhi.workflow.services.deciding import decide
from bianzhi.workflow.services.interventions import skip


@unit_of_work
def give_feedback(*, actor: Actor, case_id: int, score: int, today: date, comment: str = "") -> CaseFeedback:
    """Rate a case, once; an open 反馈 step of it is decided with it.

    Only the applicant does. Raises Denied for another, Refused for a score outside 1–5, a low one without a word
    (M71), a second rating, and a case that is not that far (M72).
    """
    case = locked_case(case_id)
    if actor.pk != case.applicant_id:
        raise Denied("matters.apply")
    task = _open_step(case)
    refuse_if([*_objections_to_time(case, task), *_objections_to_words(score, comment)])
    row = CaseFeedback.objects.create(case=case, score=score, comment=comment.strip(), given_by_id=case.applicant_id)
    facts = {"score": score, "comment": row.comment}
    record("matters.feedback_given", actor=actor, subject=case, facts=facts, wrote=[row])
    outbox.put("matters.feedback_given", key=case.pk, payload={"case": case.pk, "score": score})
    if task is not None:
        words = row.get_score_display() + (f"：{row.comment}" if row.comment else "")
        decide(actor=actor, task_id=task.pk, verdict="agree", text=words, today=today)
    return row


@unit_of_work
def close_unrated(*, actor: Actor, task_id: int, today: date) -> FlowTask:
    """Let a case go on whose applicant has said nothing for the office's usual days (`unrated_tasks`).

    Raises Refused as 跳过 does: somebody was quicker (L2), the case is suspended, or what follows refuses.
    """
    return skip(actor=actor, task_id=task_id, text=f"{FEEDBACK_DAYS.number} 个工作日内未评价，视为不评价", today=today)


def _open_step(case: Case) -> FlowTask | None:
    rows = FlowTask.objects.filter(instance_id=case.instance_id, stage=STAGE, status=TaskStatus.TODO)
    return rows.exclude(kind="copy").order_by("-pk").first() if case.instance_id is not None else None


def _objections_to_time(case: Case, task: FlowTask | None) -> list[Objection]:
    if CaseFeedback.objects.filter(case=case).exists():
        return [Objection("M72", "这个办件已经评价过", Severity.BLOCK)]
    ended = case.instance is not None and not case.instance.is_live
    if task is not None or ended:
        return []
    return [Objection("M72", "办件尚未办到反馈环节，暂不能评价", Severity.BLOCK, {}, "请在办结后评价")]


def _objections_to_words(score: int, comment: str) -> list[Objection]:
    if not 1 <= score <= 5:
        return [Objection("M71", "请选择满意度", Severity.BLOCK)]
    if score <= 2 and not comment.strip():
        return [Objection("M71", "不满意的，请说明原因", Severity.BLOCK, {}, "请填写意见")]
    if len(comment.strip()) > 500:
        return [Objection("M71", f"意见最多 500 个字，现为 {len(comment.strip())} 个字", Severity.BLOCK, {}, "请删减")]
    return []
