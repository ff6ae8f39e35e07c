"""放行: the director lets a case through rules that may be set aside, with a reason and a document."""

from collections.abc import Collection
from datetime import date
from typing import Final

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.matters.checking import objections_to_sending
from bianzhi.matters.models import Case
from bianzhi.matters.services.editing import locked_case

LONGEST_REASON: Final = 300


@unit_of_work
def override_rules(
    *, actor: Actor, case_id: int, codes: Collection[str], reason: str, document_id: int | None, today: date
) -> Case:
    """Let a case through the rules named, for good and for this case only; naming none takes it back.

    Raises Denied without rules.override, Refused without a reason of some words or a document (M61), for a case that
    is over or set aside, and for a rule that does not stand against the case or can't be set aside (M62).
    """
    policies.require(actor, "rules.override")
    case = locked_case(case_id)
    document = ApprovalDocument.objects.filter(pk=document_id).first() if document_id is not None else None
    refuse_if([*_objections_to_case(case), *_objections_to_grounds(codes, reason, document)])
    refuse_if(_objections_to_codes(case, codes, actor, today))
    case.override_codes = ",".join(sorted(set(codes)))
    case.override_reason = reason.strip() if codes else ""
    case.override_document = document if codes else None
    case.save(update_fields=["override_codes", "override_reason", "override_document"])
    facts = {
        "codes": sorted(set(codes)),
        "reason": case.override_reason,
        "document": case.override_document.doc_no if case.override_document else "",
    }
    record("matters.overridden", actor=actor, subject=case, facts=facts)
    outbox.put("matters.overridden", key=case.pk, payload={"case": case.pk, "codes": facts["codes"]})
    return case


def _objections_to_case(case: Case) -> list[Objection]:
    over = case.instance is not None and not case.instance.is_live
    if case.discarded_at is None and not over:
        return []
    return [Objection("M61", "办件已办结或已废弃，不能放行", Severity.BLOCK)]


def _objections_to_grounds(codes: Collection[str], reason: str, document: ApprovalDocument | None) -> list[Objection]:
    found = []
    if codes and len(reason.strip()) < 4:
        found.append(Objection("M61", "放行须说明理由（不少于 4 个字）", Severity.BLOCK, {}, "请填写放行理由"))
    if len(reason.strip()) > LONGEST_REASON:
        found.append(Objection("M61", f"放行理由最多 {LONGEST_REASON} 个字", Severity.BLOCK, {}, "请删减"))
    if codes and document is None:
        found.append(Objection("M61", "放行须附依据文件", Severity.BLOCK, {}, "请选择或登记依据文件"))
    return found


def _objections_to_codes(case: Case, codes: Collection[str], actor: Actor, today: date) -> list[Objection]:
    """Only what stands against the case and may be set aside can be; a block never can."""
    kept = set(filter(None, case.override_codes.split(",")))
    new = set(codes) - kept
    if not new:
        return []
    against = objections_to_sending(case, by=actor, today=today)
    wrong = sorted(new - {each.code for each in against if each.severity is Severity.OVERRIDE})
    if not wrong:
        return []
    message = f"{'、'.join(wrong)} 不在该办件可放行的规则中"
    return [Objection("M62", message, Severity.BLOCK, {}, "请刷新页面，核对检查结果后再放行")]
