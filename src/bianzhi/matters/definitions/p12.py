"""P12 周转编制 借用与归还: quota lent from the district's pool for a term, with its slots, and given back unused."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.services import allot, return_to_pool, reverse_entry
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.by_paper import OnPaper, office_fields
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.definitions.decided import order_of
from bianzhi.matters.definitions.p02 import MODES
from bianzhi.matters.definitions.reading import in_words, missing
from bianzhi.matters.definitions.reversing import REASON
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import StaffingApproval
from bianzhi.personnel.rules.units import is_pooled
from bianzhi.personnel.services.approvals import ApprovalOrder, SlotRequest, issue_approval
from bianzhi.personnel.services.holding import release_approval

USE: Final = "p12.use"
BORROW, RETURN = Only("act", ("borrow",)), Only("act", ("return",))
POOLED: Final = tuple((each.code, each.label) for each in quota_types().values() if is_pooled(each.code))


class UsePool(OnPaper):
    """Lend from the pool and issue the slots for the term, or give unused quota back to it (R20)."""

    label = "办理周转编制"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused: the pool is empty (R06), the type unfit (R05), no term (R20), people are on it (R02)."""
        draft = act.draft
        if not draft.text("quota_type") or draft.number("count") < 1:
            raise missing(draft, "quota_type", "count")
        return self._lend(act) if draft.text("act") == "borrow" else self._give_back(act)

    def _lend(self, act: CaseAct) -> Carried:
        draft, order = act.draft, order_of(act)
        amounts = {draft.text("quota_type"): draft.number("count")}
        entry = allot(
            actor=act.actor,
            basis=order.basis,
            organization_id=draft.organization_id,
            amounts=amounts,
            kind=EntryKind.POOL,
        )
        request = SlotRequest(
            quota_type=draft.text("quota_type"),
            entry_mode=draft.text("entry_mode"),
            count=draft.number("count"),
            internal_body_id=draft.key("body"),
            term_until=draft.day("term_until"),
        )
        slip = ApprovalOrder(draft.organization_id, [request], order.document, purpose=draft.text("reason")[:300])
        issued = issue_approval(actor=act.actor, today=act.today, order=slip, override=act.override)
        words = f"借用{in_words(amounts)}，使用至 {draft.text('term_until')}，核准单 {issued.approval.number}"
        return Carried(words, {"entry": entry.pk, "approval": issued.approval.pk}, issued.remarks)

    def _give_back(self, act: CaseAct) -> Carried:
        draft = act.draft
        amounts = {draft.text("quota_type"): draft.number("count")}
        entry = return_to_pool(
            actor=act.actor, basis=order_of(act).basis, organization_id=draft.organization_id, amounts=amounts
        )
        return Carried(f"归还{in_words(amounts)}", {"entry": entry.pk})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Give the slots back, then reverse the ledger entry. Raises Refused (R01) once somebody has entered."""
        if "approval" in result:
            release_approval(actor=act.actor, today=act.today, approval_id=int(result["approval"]), reason=REASON)
        entry = LedgerEntry.objects.select_related("document").get(pk=int(result["entry"]))
        reverse_entry(actor=act.actor, entry=entry, document=entry.document, reason=REASON)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    """R20: what is lent has a plan of how it comes back."""
    if draft.text("act") != "borrow" or draft.text("return_plan"):
        return []
    message = "借用周转编制须有归还计划（R20）"
    return [Objection("R20", message, Severity.BLOCK, {}, "请说明到期由退休、调出等何种空编归还")]


def _title(draft: CaseDraft) -> str:
    quota, count = draft.text("quota_type"), draft.number("count")
    verb = {"borrow": "借用", "return": "归还"}.get(draft.text("act"), "")
    return f"{verb}{in_words({quota: count})}" if verb and quota and count else ""


def _slip(act: CaseAct) -> PaperContent:
    """周转编制办理通知单: how much, until when, by which slots."""
    draft, done = act.draft, act.earlier[USE]
    approval = StaffingApproval.objects.filter(pk=int(done.get("approval", 0))).first()
    decision = draft.document("decision")
    lines = [
        ("单位", names_on([draft.organization_id], act.today)[draft.organization_id]),
        ("事项", _title(draft)),
        ("使用期限", f"至 {draft.text('term_until')}" if approval else ""),
        ("归还计划", draft.text("return_plan")),
        ("核准单号", approval.number if approval else ""),
        ("批准文件", f"{decision.doc_no}《{decision.title}》" if decision else ""),
    ]
    rows = [
        (slot.number, codes("entry_mode").label(slot.entry_mode), str(slot.term_until or ""))
        for slot in (approval.slots.order_by("number") if approval else ())
    ]
    closing = (
        "周转编制人走编收，到期须归还；延期的应在到期前 3 个月重新申请。" if approval else "所还编制已收回周转池。"
    )
    head = ("名额号", "进入形式", "使用期限") if rows else ()
    return PaperContent([line for line in lines if line[1]], head=head, rows=rows, closing=closing)


P12 = declare(
    Matter(
        code="P12",
        title="周转编制使用",
        summary="向编制周转池借用编制引进急需人员，约定期限和归还计划；空出的周转编制及时归还。",
        group="人员与编制使用",
        icon="refresh",
        clock_days=10,
        sampling_percent=100,
        fields=(
            FieldSpec(
                "act",
                Kind.CHOICE,
                "办理内容",
                required=True,
                locked=True,
                options=(("borrow", "借用"), ("return", "归还")),
                section="周转编制",
            ),
            FieldSpec("quota_type", Kind.QUOTA_TYPE, "编制类型", required=True, locked=True, options=POOLED),
            FieldSpec("count", Kind.INTEGER, "名额", required=True, locked=True, minimum=1, maximum=999),
            FieldSpec(
                "entry_mode", Kind.ENTRY_MODE, "进入形式", required=True, locked=True, options=MODES, only=BORROW
            ),
            FieldSpec("body", Kind.BODY, "使用科室", locked=True, only=BORROW),
            FieldSpec(
                "term_until",
                Kind.DAY,
                "使用期限至",
                required=True,
                locked=True,
                only=BORROW,
                help="一般 3 至 5 年",
            ),
            FieldSpec(
                "return_plan", Kind.TEXTAREA, "归还计划", required=True, locked=True, max_length=500, only=BORROW
            ),
            FieldSpec("reason", Kind.TEXTAREA, "申请理由", required=True, locked=True, max_length=500, section="理由"),
            *office_fields("decision"),
        ),
        evidence=(
            EvidenceSpec("request", "周转编制使用申请"),
            EvidenceSpec("talent", "人才引进（培养）材料", required=False, only=BORROW),
        ),
        approvers=(ApproverRule("office", "编委核定的周转池内由编办核准"),),
        flow=lambda: standard_chain(
            "P12", "周转编制使用", effect=USE, paper="p12.slip", writes={"reply": ("decision",)}
        ),
        commands={USE: UsePool(), "p12.slip": IssuePaper("slip")},
        papers=(PaperKind("slip", "周转编制办理通知单", "编周转", _slip),),
        title_of=_title,
        precheck=_precheck,
    )
)
