"""Writing a checked batch into the register: everything or nothing, with its document, on record."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.numbering import next_numbers
from bianzhi.common.parameters import TENANT_NAME
from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.documents.selectors import numbered
from bianzhi.documents.services import register_document
from bianzhi.imports import files
from bianzhi.imports.models import BatchState, ImportBatch
from bianzhi.imports.selectors.examination import Examination, examine, options_from, workbook_of
from bianzhi.imports.selectors.ledger_history import LedgerHistoryPlan
from bianzhi.imports.selectors.organizations import OrganizationsPlan
from bianzhi.imports.selectors.planning import Options, Plan
from bianzhi.imports.selectors.roster import RosterPlan
from bianzhi.imports.selectors.staffing_plan import StaffingPlanPlan
from bianzhi.imports.services.batches import RUN
from bianzhi.imports.services.writers import (
    Progress,
    Writing,
    write_ledger_history,
    write_organizations,
    write_roster,
    write_staffing_plan,
)
from bianzhi.kernel.identifiers.document_number import standard_document_number
from bianzhi.kernel.objections import Objection, Refused

TITLES = {
    "organizations": "机构编制底册（期初登记）",
    "roster": "实名制人员底册（期初登记）",
    "ledger-history": "机构编制台账（历史登记）",
    "staffing-plan": "用编计划（登记）",
}


@unit_of_work
def commit_batch(
    *,
    actor: Actor,
    batch_id: int,
    today: date,
    progress: Progress,
    finish: Callable[[Mapping[str, Any]], None] | None = None,
) -> ImportBatch:
    """Write a batch in one unit of work; a batch written before is left as it is.

    It is examined again under the register as it is now. Raises Refused when rows are rejected and leaving them out was
    not chosen, or when a service of the register refuses; then nothing is written. `finish` is called last, inside the
    same transaction, with the result.
    """
    policies.require(actor, RUN)
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if batch.state != BatchState.COMMITTED:
        progress(0, 0, "正在核对")
        options = options_from(batch.options, today=today)
        workbook = workbook_of(files.read(batch.digest), batch.file_name)
        found = examine(workbook, batch.kind, options=options, corrections=batch.corrections)
        _refuse_unsound(found, options)
        batch.result = _write(actor, batch, found.plan, options, progress)
        batch.counts = found.counts()
        batch.state, batch.committed_at, batch.error = BatchState.COMMITTED, timezone.now(), ""
        batch.save(update_fields=["result", "counts", "state", "committed_at", "error", "document"])
        facts = {"file": batch.file_name, "digest": batch.digest, "kind": batch.kind, "written": batch.result}
        record("imports.committed", actor=actor, subject=batch, facts=facts)
    if finish is not None:
        finish(batch.result)
    return batch


def _write(by: Actor, batch: ImportBatch, plan: Plan, options: Options, progress: Progress) -> dict[str, int]:
    """Carry the plan out by the service of its kind; a plan that changes nothing leaves no trace but this."""
    if not plan.writes:
        return {}
    batch.document = document_of(by, batch.kind, batch.file_name, batch.options, options)
    writing = Writing(batch.document, options, progress, source=batch.file_name)
    match plan:
        case OrganizationsPlan():
            return write_organizations(actor=by, plan=plan, writing=writing)
        case RosterPlan():
            return write_roster(actor=by, plan=plan, writing=writing)
        case LedgerHistoryPlan():
            return write_ledger_history(actor=by, plan=plan, writing=writing)
        case StaffingPlanPlan():
            return write_staffing_plan(actor=by, plan=plan, writing=writing)
    raise TypeError(f"no writer for {type(plan).__name__}")


def document_of(by: Actor, kind: str, file_name: str, stored: Mapping[str, Any], options: Options) -> ApprovalDocument:
    """The document the batch rests on: the one chosen, the one of the number given, else a new 底册."""
    if stored.get("document"):
        return ApprovalDocument.objects.get(pk=stored["document"])
    number = str(stored.get("doc_no") or "")
    known = numbered(number).first() if number else None
    if known is not None:
        return known
    if not number:
        serial = next_numbers(f"imports.document-{options.opening_on.year}")[0]
        number = standard_document_number("导入登记", options.opening_on.year, serial).text
    return register_document(
        actor=by,
        doc_no=number,
        title=options.title or TITLES[kind],
        issuer=str(TENANT_NAME.value) or "机构编制委员会办公室",
        issuer_level=IssuerLevel.OFFICE,
        kind=DocumentKind.REGISTER,
        issued_on=options.opening_on,
        note=f"由导入的表格登记：{file_name}"[:500],
    )


def _refuse_unsound(found: Examination, options: Options) -> None:
    table = found.table
    if table.rejected and not options.skip_rejected:
        message = (
            f"有 {len(table.rejected)} 行存在错误（共 {len(table.errors)} 处），整批不导入。首处：{table.errors[0]}"
        )
        raise Refused([Objection("imports.errors", message, next_step="请更正后重新检查，或选择跳过有错误的行。")])
    if not table.accepted:
        first = str(table.errors[0]) if table.errors else "表中没有数据行"
        raise Refused([Objection("imports.nothing", f"没有可以导入的行：{first}", next_step="请检查文件。")])
