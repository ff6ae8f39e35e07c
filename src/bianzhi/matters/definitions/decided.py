"""What the 机构编制 matters (P07–P10) share: the office's own fields, who decides, and the effect by a decision.

The office writes into the form as the case goes on: the reply of the upper office at 沟通预审, the minutes at 编委审议,
the upper level's document, and at last the 批复 itself. The register cites the upper document where the upper level
decided (R10), else the district's own.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.documents.services import register_document
from bianzhi.kernel.objections import refuse_if
from bianzhi.matters import catalogue
from bianzhi.matters.commands import Carried, CaseCommand, act_of
from bianzhi.matters.declarations import CaseAct, CaseDraft, PaperContent
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.rules.establishment import DecidedBy, objections_to_decision
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.selectors.facts import deciding_rule
from bianzhi.organizations.services import lock_structure
from bianzhi.workflow.registries import CommandContext, Effect

GROUP: Final = "机构编制管理"
CONSULTED: Final = (("agreed", "同意上报"), ("revised", "按预审意见修改后上报"))
RESOLVED: Final = (("agreed", "同意"), ("revised", "原则同意，修改后印发"))

OFFICE_FIELDS: Final = (
    FieldSpec("consult_no", Kind.TEXT, "预审复函文号", locked=True, section="沟通预审", max_length=120),
    FieldSpec("consult_on", Kind.DAY, "预审答复日期", locked=True, section="沟通预审"),
    FieldSpec("consult_result", Kind.CHOICE, "预审结果", locked=True, section="沟通预审", options=CONSULTED),
    FieldSpec("meeting_no", Kind.TEXT, "会议纪要号", locked=True, section="编委审议", max_length=120),
    FieldSpec("meeting_on", Kind.DAY, "会议日期", locked=True, section="编委审议"),
    FieldSpec("meeting_result", Kind.CHOICE, "审议结果", locked=True, section="编委审议", options=RESOLVED),
    FieldSpec(
        "government_no", Kind.TEXT, "党委（政府）会议纪要号", locked=True, section="党委（政府）审定", max_length=120
    ),
    FieldSpec("government_on", Kind.DAY, "审定日期", locked=True, section="党委（政府）审定"),
    FieldSpec(
        "upper_document", Kind.DOCUMENT, "上级批准文件", locked=True, section="上级批准", help="发文层级选“上级”"
    ),
    FieldSpec(
        "decision", Kind.DOCUMENT, "批复文件", locked=True, section="批复", help="本级编委（编办）印发的批复或通知"
    ),
    FieldSpec("effective_on", Kind.DAY, "生效日期", locked=True, section="批复", help="不填以批复成文日期为准"),
)
"""Fields only the office's steps write; whoever applies does not see them."""
WRITES: Final[Mapping[str, Sequence[str]]] = {
    "consult": ("consult_no", "consult_on", "consult_result"),
    "commission": ("meeting_no", "meeting_on", "meeting_result"),
    "government": ("government_no", "government_on"),
    "upper": ("upper_document",),
    "reply": ("decision", "effective_on"),
}
"""Which step writes which of them; all but the day of effect are required there."""

REASONS: Final = (
    FieldSpec("reason", Kind.TEXTAREA, "理由", required=True, section="理由和依据", help="为什么办、现在有什么问题"),
    FieldSpec("basis", Kind.TEXTAREA, "依据", required=True, section="理由和依据", help="法律法规、上级文件或会议决定"),
    FieldSpec("other", Kind.TEXTAREA, "其他需要说明的事项", section="理由和依据"),
)
REQUEST: Final = EvidenceSpec("request", "请示", help="主管部门党组（党委）的正式请示，含理由和依据")
APPRAISAL: Final = EvidenceSpec("appraisal", "论证（评估）报告", help="必要性、合法合规性和同类比对")


def decided(draft: CaseDraft) -> DecidedBy:
    """How the office decided a case."""
    return DecidedBy(deciding_rule(draft).level, draft.form.get("decision"), draft.form.get("upper_document"))


class ByDecision(CaseCommand):
    """An effect on the register by the 批复 of a case.

    While there is none yet, a rehearsal takes a stand-in of the level that will decide; a real run refuses (D2, R10).
    """

    @abstractmethod
    def effect(self, order: Order) -> Done:
        """Carry the order out through the services below. Raises Refused."""

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as the effect does.

        The structure is locked first: effects bring numbers to what the form says, and post several entries or change
        the structure after one.
        """
        lock_structure()
        done = self.effect(order_of(act))
        return Carried(done.words, done.as_result())

    def apply(self, context: CommandContext) -> Effect:
        """Carry it out by the papers that were filled in, never by a stand-in."""
        refuse_if(objections_to_decision(decided(act_of(context).draft)))
        return super().apply(context)


def order_of(act: CaseAct) -> Order:
    """The order a case gives: its papers registered, its day, its words."""
    draft = act.draft
    document = _document(act)
    override = act.override
    return Order(
        actor=act.actor,
        form=draft.form,
        document=document,
        day=draft.day("effective_on") or document.issued_on,
        today=act.today,
        words=catalogue.matter(draft.case.matter).title_of(draft),
        overrides=override.codes if override else (),
        override_reason=override.reason if override else "",
    )


def _document(act: CaseAct) -> ApprovalDocument:
    """The document the register cites, registered; the district's own reply is registered beside an upper one."""
    papers = decided(act.draft)
    own = act.register("decision") if act.draft.document("decision") else None
    if papers.level == "upper":
        return act.register("upper_document") if act.draft.document("upper_document") else _stand_in(act, papers.level)
    return own or _stand_in(act, papers.level)


def _stand_in(act: CaseAct, level: str) -> ApprovalDocument:
    """A paper that exists only within a rehearsal."""
    issuers = {"upper": IssuerLevel.UPPER, "office": IssuerLevel.OFFICE}
    return register_document(
        actor=act.actor,
        doc_no=f"拟稿{act.draft.case.pk}",
        title=f"{catalogue.matter(act.draft.case.matter).title}（拟）",
        issuer="（拟）",
        issuer_level=issuers.get(level, IssuerLevel.COMMISSION),
        kind=DocumentKind.REPLY,
        issued_on=act.today,
    )


def reply_content(act: CaseAct, command: str, lines: Sequence[tuple[str, str]]) -> PaperContent:
    """What a 批复（通知） tells the applicant: what was approved, by which papers, from when."""
    draft = act.draft
    told = [*lines, ("办理结果", str(act.earlier.get(command, {}).get("words", "")))]
    for name, label in (("decision", "批复文件"), ("upper_document", "上级批准文件")):
        facts = draft.document(name)
        if facts is not None:
            told.append((label, f"{facts.doc_no} {facts.title}"))
    if meeting := draft.text("meeting_no"):
        told.append(("审议", f"{draft.text('meeting_on')} {meeting}"))
    told.append(("生效日期", effective_day(draft).isoformat()))
    closing = "请据此办理机构登记、人员调整等事项，并及时更新本单位信息。"
    return PaperContent([line for line in told if line[1]], closing=closing)


def effective_day(draft: CaseDraft) -> date:
    """From which day a case takes effect: as the office wrote it, else the day of the paper, else today."""
    named = draft.document("decision")
    return draft.day("effective_on") or (named.issued_on if named else draft.today)
