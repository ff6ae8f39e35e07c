"""P13 督查核查与整改: what was found at a unit is ordered to be put right, reported, verified, and 销号."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried, CaseCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter
from bianzhi.matters.definitions.chain import REPORTING, VERIFIED
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.rules.supervision import SEVERITIES
from bianzhi.matters.supervising import CloseRectification, ReportRectification, VerifyRectification
from bianzhi.organizations.selectors.units import names_on
from bianzhi.supervision.models import Problem, ProblemSeverity, ProblemSource, ProblemState
from bianzhi.supervision.services.problems import Finding, open_problem
from bianzhi.supervision.services.rectifying import issue_order
from bianzhi.workflow.rules.profile import Clock, Reject, Seat, Verdicts
from bianzhi.workflow.rules.steps import Block, BlockKind, Branch, Item, Step, StepKind, StepList, to_process
from bianzhi.workflow.rules.writing import write

NOTICE: Final = "p13.notice"
REPORT: Final = ("rectify_report",)
SOURCES: Final = tuple((str(value), str(label)) for value, label in ProblemSource.choices)


class Notify(CaseCommand):
    """Register what was found and issue《整改通知书》for it."""

    label = "登记问题、签发整改通知书"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `open_problem` and `issue_order` do."""
        draft, case = act.draft, act.draft.case
        found = [self._open(act, row) for row in draft.rows("findings")]
        if draft.flag("with_open"):
            waiting = Problem.objects.filter(organization_id=case.organization_id, state=ProblemState.OPEN, order=None)
            found += waiting.exclude(pk__in=[problem.pk for problem in found])
        issued = issue_order(
            actor=act.actor,
            today=act.today,
            problem_ids=[problem.pk for problem in found],
            measures=draft.text("measures"),
            due_on=draft.day("due_on"),
            instance_id=case.instance_id,
        )
        words = f"已登记问题 {len(found)} 个，签发 {issued.order.number}，整改至 {issued.order.due_on}"
        result = {"order": issued.order.pk, "number": issued.order.number, "problems": [row.pk for row in found]}
        return Carried(words, result, issued.remarks)

    def _open(self, act: CaseAct, row: Mapping[str, Any]) -> Problem:
        finding = Finding(
            kind=str(row.get("kind", "")),
            facts=str(row.get("facts", "")),
            severity=ProblemSeverity(row.get("severity") or ProblemSeverity.MINOR),
            locks_unit=act.draft.flag("locks_unit"),
            found_on=act.draft.day("found_on"),
        )
        return open_problem(
            actor=act.actor,
            today=act.today,
            organization_id=act.draft.organization_id,
            finding=finding,
            source=ProblemSource(act.draft.text("source") or ProblemSource.INSPECTION),
            instance_id=act.draft.case.instance_id,
        )


def _steps() -> Iterator[Item]:
    yield Step("apply", "填报问题清单", stage="申请", seats=(Seat(initiator=True),), submit=True)
    yield Step("ratify", "核准整改通知书", stage="核准", seats=(Seat("office_director"),), limit=Clock(5, "clock_days"))
    yield Step("notice", "签发整改通知书", StepKind.COMMAND, "督查", command=NOTICE)
    yield Step(
        "rectify",
        "单位整改",
        stage="处理",
        seats=(Seat("unit_clerk", "own"),),
        verdicts=Verdicts("报送", ""),
        actions=REPORTING,
        limit=Clock(30),
        fields_write=REPORT,
        fields_required=REPORT,
    )
    yield Step("rectified", "报送整改情况", StepKind.COMMAND, "处理", command="p13.report")
    verifier = (Seat(initiator=True),)
    yield Step(
        "verify",
        "核查整改情况",
        stage="处理",
        seats=verifier,
        reject=Reject.COLLECT,
        verdicts=VERIFIED,
        limit=Clock(10),
    )
    yield Step("verified", "登记核查结论", StepKind.COMMAND, "处理", command="p13.verify")
    settled = (
        Step(
            "settle", "销号审批", stage="反馈", seats=(Seat("office_director"),), reject=Reject.COLLECT, limit=Clock(5)
        ),
        Step("closed", "销号", StepKind.COMMAND, "反馈", command="p13.close"),
    )
    ways = (Branch(settled, 'verify_outcome == "agree"'), Branch(is_default=True))
    yield Block("passed", BlockKind.EXCLUSIVE, ways, "核查是否通过", "反馈")


def _flow() -> str:
    return write(to_process(StepList("matter_p13", "P13 督查核查与整改", tuple(_steps()))))


def _title(draft: CaseDraft) -> str:
    name = names_on([draft.organization_id], draft.today).get(draft.organization_id, "")
    count = len(draft.rows("findings"))
    return f"{name}督查整改" + (f"（问题 {count} 个）" if count else "")


P13 = declare(
    Matter(
        code="P13",
        title="督查核查与整改",
        summary="监督检查发现问题的，登记问题、签发整改通知书，单位整改后报送、核查、销号。",
        group="监督检查",
        icon="shield-check",
        permission="supervision.manage",
        clock_days=5,
        lockable=False,
        supervised=False,
        fields=(
            FieldSpec(
                "source", Kind.CHOICE, "发现途径", required=True, locked=True, options=SOURCES, section="检查情况"
            ),
            FieldSpec("found_on", Kind.DAY, "发现日期", required=True, locked=True),
            FieldSpec("basis", Kind.TEXTAREA, "检查依据和经过", max_length=1000),
            FieldSpec(
                "findings",
                Kind.TABLE,
                "问题清单",
                required=True,
                locked=True,
                section="问题清单",
                columns=(
                    FieldSpec("kind", Kind.CODE, "问题类别", required=True, choices_of="problem_kind"),
                    FieldSpec("severity", Kind.CHOICE, "严重程度", options=SEVERITIES),
                    FieldSpec("facts", Kind.TEXTAREA, "问题事实", required=True, max_length=1000),
                ),
            ),
            FieldSpec(
                "with_open",
                Kind.YES_NO,
                "一并整改台账中待整改的问题",
                locked=True,
                help="该单位已登记、尚未签发整改通知书的问题",
            ),
            FieldSpec(
                "locks_unit",
                Kind.YES_NO,
                "销号前不受理该单位新的申请",
                locked=True,
                help="勾选后按 R13 限制",
            ),
            FieldSpec(
                "measures", Kind.TEXTAREA, "整改要求", required=True, locked=True, max_length=1000, section="整改"
            ),
            FieldSpec("due_on", Kind.DAY, "整改期限", locked=True, help="不填按一般整改期限"),
            FieldSpec(
                "rectify_report",
                Kind.TEXTAREA,
                "整改情况",
                locked=True,
                max_length=2000,
                section="整改情况",
                help="由单位填写",
            ),
        ),
        evidence=(EvidenceSpec(code="检查底稿", label="检查底稿", required=False),),
        flow=_flow,
        commands={
            NOTICE: Notify(),
            "p13.report": ReportRectification(NOTICE),
            "p13.verify": VerifyRectification(NOTICE),
            "p13.close": CloseRectification(NOTICE),
        },
        title_of=_title,
    )
)
