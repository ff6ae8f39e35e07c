"""The check of a batch, kept for its pages: figures, findings by cell, and what would change."""

from datetime import date

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.tabular.annotating import annotated
from bianzhi.common.tabular.cells import column_number
from bianzhi.common.tabular.problems import CellProblem, Severity
from bianzhi.imports import files
from bianzhi.imports.models import BatchState, ImportBatch, ImportChange, ImportFinding
from bianzhi.imports.selectors.examination import Examination, examine, options_from, workbook_of
from bianzhi.imports.services.batches import RUN

BATCH = 1000


@unit_of_work
def check_batch(*, actor: Actor, batch_id: int, today: date) -> ImportBatch:
    """Examine a batch against the register as it is now; the register itself is not touched."""
    policies.require(actor, RUN)
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    workbook = workbook_of(files.read(batch.digest), batch.file_name)
    options = options_from(batch.options, today=today)
    found = examine(workbook, batch.kind, options=options, corrections=batch.corrections)
    _keep(batch, found)
    batch.counts = found.counts()
    batch.options = {**batch.options, "checked_on": today.isoformat()}
    batch.state, batch.checked_at, batch.annotated = BatchState.CHECKED, timezone.now(), ""
    batch.save(update_fields=["counts", "options", "state", "checked_at", "annotated"])
    return batch


@unit_of_work
def annotate_batch(*, actor: Actor, batch_id: int) -> bytes:
    """The uploaded workbook with every finding as a comment; kept so that it is made once for each check."""
    policies.require(actor, RUN)
    batch = ImportBatch.objects.get(pk=batch_id)
    if batch.annotated:
        return files.read(batch.annotated)
    original = files.read(batch.digest)
    made = annotated(original, workbook_of(original, batch.file_name), [_problem(row) for row in batch.findings.all()])
    batch.annotated = files.keep(made)
    batch.save(update_fields=["annotated"])
    return made


def _keep(batch: ImportBatch, found: Examination) -> None:
    batch.findings.all().delete()
    batch.changes.all().delete()
    findings = [_finding(batch, problem) for problem in found.table.problems]
    ImportFinding.objects.bulk_create(findings, batch_size=BATCH)
    changes = [
        ImportChange(
            batch=batch,
            sheet=change.sheet[:100],
            row=change.row,
            action=change.action,
            subject=change.subject[:300],
            detail=change.detail[:500],
        )
        for change in found.plan.changes
    ]
    ImportChange.objects.bulk_create(changes, batch_size=BATCH)


def _finding(batch: ImportBatch, problem: CellProblem) -> ImportFinding:
    return ImportFinding(
        batch=batch,
        sheet=problem.sheet[:100],
        row=problem.row,
        column=problem.column_letter,
        column_label=problem.column_label[:60],
        field=problem.field[:60],
        value=problem.value[:300],
        message=problem.message[:500],
        severity=problem.severity.value,
    )


def _problem(row: ImportFinding) -> CellProblem:
    column = column_number(row.column) if row.column else None
    return CellProblem(
        row.sheet, row.row, column, row.column_label, row.value, row.message, Severity(row.severity), row.field
    )
