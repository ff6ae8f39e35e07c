"""P21 档案查阅: a department, or a citizen at the desk, reads archived items for a term, by decision and on record."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar, Final

from bianzhi.archives.models import Item, ItemSource, ItemState
from bianzhi.archives.parameters import LOAN_DAYS
from bianzhi.archives.services.lending import Reading, end_loan, lend
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried, ReversibleCommand, case_of
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter
from bianzhi.matters.definitions.chain import DECISION
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.selectors.drafts import as_submitted
from bianzhi.organizations.selectors.units import names_on
from bianzhi.workflow.registries import CommandContext
from bianzhi.workflow.rules.profile import Clock, Seat
from bianzhi.workflow.rules.steps import Item as FlowItem
from bianzhi.workflow.rules.steps import Step, StepKind, StepList, to_process
from bianzhi.workflow.rules.writing import write

UNKNOWN: Final = "M28"
LEND: Final = "p21.lend"
UNIT: Final = "unit"
CITIZEN: Final = "citizen"
FOUND: Final = ("codes", "may_download", "may_print")
"""What the archivist writes when the items were found."""


class LendItems(ReversibleCommand):
    """Open the items the archivist found to the applicant; a citizen reads them at the office's desk."""

    label = "借出档案"
    is_rehearsed: ClassVar[bool] = False
    """Which items they are is not known before the archivist has looked."""

    def check(self, context: CommandContext) -> Sequence[Objection]:
        """Whether the 档号 written so far are there to be lent."""
        codes = as_submitted(case_of(context), context.today).text("codes")
        return _objections_to_codes(codes) if codes else []

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `lend` does, and for a 档号 nobody knows (M28)."""
        draft, case = act.draft, act.draft.case
        if wrong := _objections_to_codes(draft.text("codes")):
            raise Refused(wrong)
        is_citizen = draft.text("reader") == CITIZEN
        initiator = case.instance.initiator if case.instance is not None else None
        unit = names_on([draft.organization_id], act.today).get(draft.organization_id, "")
        reading = Reading(
            item_ids=[item.pk for item in _items(draft.text("codes"))],
            reader_id=None if is_citizen or initiator is None else initiator.pk,
            reader_name=draft.text("visitor") if is_citizen or initiator is None else initiator.display_name,
            reader_unit="" if is_citizen else unit,
            purpose=draft.text("purpose")[:300],
            valid_from=act.today,
            valid_to=act.today + timedelta(days=draft.number("days", 1) - 1),
            may_download=draft.flag("may_download"),
            may_print=draft.flag("may_print"),
            case_id=case.pk,
        )
        loan = lend(actor=act.actor, reading=reading)
        words = f"已借出 {len(reading.item_ids)} 件，{loan.reader_name}可查阅至 {loan.valid_to}"
        return Carried(words, {"loan": loan.pk})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """The loan ends at once."""
        end_loan(actor=act.actor, loan_id=result["loan"], reason="办件退回")


def _items(codes: str) -> list[Item]:
    return list(Item.objects.filter(code__in=codes.split()))


def _objections_to_codes(codes: str) -> list[Objection]:
    """What cannot be lent of the 档号 written down, one a line."""
    found = {item.code: item for item in _items(codes)}
    if not codes.split():
        return [Objection(UNKNOWN, "没有填写查到的档号。", next_step="请档案员逐行填写要借出的档号")]
    wrong = []
    for code in codes.split():
        item = found.get(code)
        if item is None or item.state != ItemState.FILED:
            message = f"馆藏中没有已归档的 {code}。"
            wrong.append(Objection(UNKNOWN, message, next_step="请核对档号，每行一个"))
        elif item.source == ItemSource.INDEX_ONLY:
            message = f"{code} 只有目录，原件存放在 {item.storage_place}，不能在线借阅。"
            wrong.append(Objection(UNKNOWN, message, next_step="请按保密规定到存放处查阅"))
    return wrong


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    """The term, told before it is sent in."""
    days, most = draft.number("days"), LOAN_DAYS.number
    if not days or 1 <= days <= most:
        return []
    message = f"申请查阅 {days} 天，应为 1 至 {most} 天。"
    return [Objection(UNKNOWN, message, figures={"days": days, "limit": most}, next_step="请缩短期限")]


def _steps() -> Iterator[FlowItem]:
    yield Step("apply", "申请", stage="申请", seats=(Seat(initiator=True),), submit=True)
    yield Step("unit_head", "单位负责人审核", stage="审批", seats=(Seat("unit_head", "headed"),), limit=Clock(3))
    yield Step(
        "accept",
        "查找档案",
        stage="审批",
        seats=(Seat("archivist"),),
        limit=Clock(2),
        separate=DECISION,
        fields_write=FOUND,
        fields_required=("codes",),
    )
    yield Step(
        "ratify",
        "核准",
        stage="核准",
        seats=(Seat("office_deputy"),),
        limit=Clock(5, "clock_days"),
        separate=DECISION,
    )
    yield Step("effect", "借出", StepKind.COMMAND, "核准", command=LEND)
    yield Step("feedback", "评价反馈", stage="反馈", seats=(Seat(initiator=True),), limit=Clock(5))


def _flow() -> str:
    return write(to_process(StepList("matter_p21", "P21 档案查阅", tuple(_steps()))))


def _title(draft: CaseDraft) -> str:
    unit = names_on([draft.organization_id], draft.today).get(draft.organization_id, "")
    who = draft.text("visitor") if draft.text("reader") == CITIZEN else unit
    return f"{who}查阅档案"


P21 = declare(
    Matter(
        code="P21",
        title="档案查阅",
        summary="部门或来访群众查阅机构编制档案，核准后在期限内在线查看，全程留痕。",
        group="档案",
        icon="archive",
        clock_days=3,
        lockable=False,
        supervised=False,
        fields=(
            FieldSpec(
                "reader",
                Kind.CHOICE,
                "利用人",
                required=True,
                locked=True,
                options=((UNIT, "本单位经办人"), (CITIZEN, "来访群众（由编办窗口代为申请）")),
                section="利用人",
            ),
            FieldSpec(
                "visitor",
                Kind.TEXT,
                "来访人姓名",
                required=True,
                locked=True,
                max_length=80,
                only=Only("reader", (CITIZEN,)),
            ),
            FieldSpec(
                "wanted",
                Kind.TEXTAREA,
                "要查阅的档案",
                required=True,
                locked=True,
                max_length=1000,
                section="查阅内容",
                help="写明单位、年份、文号或事由；知道档号的写档号",
            ),
            FieldSpec("purpose", Kind.TEXTAREA, "利用目的", required=True, locked=True, max_length=300),
            FieldSpec("days", Kind.INTEGER, "查阅天数", required=True, locked=True, minimum=1, help="自核准之日起"),
            FieldSpec("wants_copy", Kind.YES_NO, "需要复制件（下载或打印）", locked=True),
            FieldSpec(
                "codes",
                Kind.TEXTAREA,
                "查到的档号",
                locked=True,
                max_length=4000,
                section="档案员填写",
                help="每行一个档号",
            ),
            FieldSpec("may_download", Kind.YES_NO, "可下载", locked=True),
            FieldSpec("may_print", Kind.YES_NO, "可打印", locked=True),
        ),
        evidence=(
            EvidenceSpec(code="introduction", label="单位介绍信", required=False, only=Only("reader", (UNIT,))),
            EvidenceSpec(code="identity", label="来访人身份证明", only=Only("reader", (CITIZEN,))),
        ),
        flow=_flow,
        commands={LEND: LendItems()},
        title_of=_title,
        precheck=_precheck,
    )
)
