"""督查 → 处理 → 反馈 inside a case: what its steps bring about in the ledger of problems (P13).

The step of 督查 agrees (无问题) or not (有问题); the command after it writes the check, and for a problem the order.
The unit reports at its step of 整改, supervision verifies: 同意 is 销号, 退回 goes back to the unit within the case,
and 不同意 leaves the rectification to the ledger, so that the case itself can end.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.db.models import Q

from bianzhi.kernel.objections import Objection, Refused
from bianzhi.matters.commands import Carried, CaseCommand, ReversibleCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft
from bianzhi.supervision.models import OrderState, ProblemSeverity, RectificationOrder
from bianzhi.supervision.services.inspecting import inspect_case
from bianzhi.supervision.services.problems import Finding
from bianzhi.supervision.services.rectifying import close_order, issue_order, report_rectification, verify_order
from bianzhi.workflow.models import FlowInstance, FlowOpinion, OpinionAction, TaskStatus

RECORD: Final = "supervision.record"
USUAL_KIND: Final = "Q14"
USUAL_MEASURES: Final = "请对照问题逐项整改，并报送整改情况。"
ANSWERS: Final = {"agree": (OpinionAction.AGREE, OpinionAction.SUBMIT), "disagree": (OpinionAction.DISAGREE,)}
"""What a step concluded → the opinions that say so."""
LEFT_BY: Final = (*ANSWERS["agree"], *ANSWERS["disagree"], OpinionAction.SKIP, OpinionAction.TIMER)
NOTHING_SAID: Final = "环节已跳过，没有结论，未登记"


def conclusion(act: CaseAct) -> FlowOpinion | None:
    """The newest opinion that says what the step just left has concluded; None when it was skipped or ran out of time.

    Several may have answered at the step (加签、会签): the step's verdict counts, not whoever spoke last. A step merged
    into the one before, because both ask the same person, has that one's conclusion.
    """
    flow = flow_of(act)
    merged = Q(action=OpinionAction.SKIP, task__isnull=True, actor_id__isnull=False)
    left_by = flow.opinions.filter(action__in=LEFT_BY).exclude(merged).order_by("-number").first()
    if left_by is None:
        return None
    answers = ANSWERS.get(flow.facts.get(f"{left_by.node_id}_outcome", ""), ())
    given = flow.opinions.filter(node_id=left_by.node_id, pass_no=left_by.pass_no, action__in=answers)
    return given.filter(task__status=TaskStatus.DONE, task__stands=True).order_by("-number").first()


def flow_of(act: CaseAct) -> FlowInstance:
    """The flow that runs the command; LookupError outside of one."""
    if act.instance is None:
        raise LookupError("no flow runs this command")
    return act.instance


def instance_of(act: CaseAct) -> FlowInstance:
    """The case's flow; LookupError for a draft, which runs no command."""
    instance = act.draft.case.instance
    if instance is None:
        raise LookupError("a draft has no flow")
    return instance


class RecordInspection(CaseCommand):
    """Write the check of the case; a problem is ordered to be rectified at once."""

    label = "登记督查结果"
    is_rehearsed: ClassVar[bool] = False

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `inspect_case` and `issue_order` do."""
        opinion, case = conclusion(act), act.draft.case
        if opinion is None:
            return Carried(NOTHING_SAID)
        has_problem = opinion.action == OpinionAction.DISAGREE
        inspection = inspect_case(
            actor=act.actor,
            today=act.today,
            instance_id=instance_of(act).pk,
            organization_id=case.organization_id,
            text=(opinion.text or "未发现问题")[:1000],
            findings=(self._finding(act.draft, opinion),) if has_problem else (),
        )
        if not has_problem:
            return Carried("督查未发现问题", {"inspection": inspection.pk})
        problem = inspection.problems.get()
        issued = issue_order(
            actor=act.actor,
            today=act.today,
            problem_ids=[problem.pk],
            measures=act.draft.text("supervise_measures") or USUAL_MEASURES,
            due_on=act.draft.day("supervise_due_on"),
            instance_id=instance_of(act).pk,
        )
        words = f"督查发现问题 {problem.number}，已发 {issued.order.number}，整改至 {issued.order.due_on}"
        return Carried(words, {"inspection": inspection.pk, "order": issued.order.pk}, issued.remarks)

    def _finding(self, draft: CaseDraft, opinion: FlowOpinion) -> Finding:
        return Finding(
            kind=draft.text("supervise_kind") or USUAL_KIND,
            facts=opinion.text[:1000],
            severity=ProblemSeverity(draft.text("supervise_severity") or ProblemSeverity.MINOR),
        )


class OnOrder:
    """What commands after the order share: the order that the command `opened_by` has issued."""

    def __init__(self, opened_by: str = RECORD) -> None:
        self.opened_by = opened_by

    def order(self, act: CaseAct) -> RectificationOrder | None:
        """The order; None when there is none to act upon."""
        pk = act.earlier.get(self.opened_by, {}).get("order")
        return RectificationOrder.objects.filter(pk=pk).first() if pk else None


class ReportRectification(OnOrder, ReversibleCommand):
    """The unit has written what it has done; sent back, its report has not passed."""

    label = "报送整改情况"
    is_rehearsed: ClassVar[bool] = False

    def carry_out(self, act: CaseAct) -> Carried:
        """Nothing when the unit has reported in the ledger already. Raises Refused as `report_rectification` does."""
        order = self.order(act)
        if order is None or order.state != OrderState.ISSUED:
            return Carried("整改情况已在问题台账报送")
        opinion = conclusion(act)
        if opinion is None:
            return Carried(NOTHING_SAID)
        text = act.draft.text("rectify_report") or opinion.text
        report_rectification(actor=act.actor, today=act.today, order_id=order.pk, text=text)
        return Carried(f"已报送 {order.number} 的整改情况", {"order": order.pk})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Verified and found wanting: the words of the return are why. Raises Refused when nobody has returned it:
        what is in the ledger, the unit does not take back itself (P13).
        """
        order = self.order(act)
        if order is None or order.state != OrderState.REPORTED:
            return
        said = flow_of(act).opinions.exclude(action=OpinionAction.EXECUTE).latest("number")
        if said.action == OpinionAction.RETURN:
            words = said.text or "退回继续整改"
            verify_order(actor=act.actor, today=act.today, order_id=order.pk, passed=False, text=words[:2000])
        elif result.get("order"):
            message = f"{order.number} 的整改情况已经报送，等待编办核查，不能撤回（P13）"
            raise Refused([Objection("P13", message, next_step="需要补充的，请联系编办退回")])


class VerifyRectification(OnOrder, CaseCommand):
    """What the verifying step said, as the ledger keeps it."""

    label = "登记核查结论"
    is_rehearsed: ClassVar[bool] = False

    def carry_out(self, act: CaseAct) -> Carried:
        """Nothing when it was verified in the ledger already. Raises Refused as `verify_order` does."""
        order, opinion = self.order(act), conclusion(act)
        if order is not None and order.state == OrderState.ISSUED:
            return Carried("没有待核查的整改情况")
        if order is None or order.state != OrderState.REPORTED:
            return Carried("整改情况已在问题台账核查")
        if opinion is None:
            return Carried(NOTHING_SAID)
        passed = opinion.action == OpinionAction.AGREE
        text = opinion.text or ("整改属实" if passed else "整改不到位")
        verify_order(actor=act.actor, today=act.today, order_id=order.pk, passed=passed, text=text[:2000])
        words = "核查通过" if passed else "核查未通过，转问题台账继续整改"
        return Carried(f"{order.number} {words}", {"order": order.pk, "passed": passed})


class CloseRectification(OnOrder, CaseCommand):
    """销号, when the step before agreed."""

    label = "销号"
    is_rehearsed: ClassVar[bool] = False

    def carry_out(self, act: CaseAct) -> Carried:
        """Nothing when it is 销号 already, or not verified. Raises Refused as `close_order` does."""
        order, opinion = self.order(act), conclusion(act)
        if order is None or order.state != OrderState.VERIFIED:
            return Carried("没有需要销号的问题")
        if opinion is None:
            return Carried(NOTHING_SAID)
        if opinion.action == OpinionAction.DISAGREE:
            return Carried("没有需要销号的问题")
        closed = close_order(actor=act.actor, today=act.today, order_id=order.pk, text=opinion.text or "同意销号")
        number = closed.steps.filter(kind="closed").order_by("-pk").values_list("number", flat=True).first()
        return Carried(f"{order.number} 已销号（{number}）", {"order": order.pk, "number": number})


COMMANDS: Final[Mapping[str, CaseCommand]] = {
    RECORD: RecordInspection(),
    "supervision.report": ReportRectification(),
    "supervision.verify": VerifyRectification(),
    "supervision.close": CloseRectification(),
}
"""Names by which flows call them."""
