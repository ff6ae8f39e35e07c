"""A batch from upload to the wish to import it: what the person decides on the way."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common import jobs
from bianzhi.common.models import Job
from bianzhi.common.tabular.recognising import remember
from bianzhi.common.tabular.recognition import Role
from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.imports import files
from bianzhi.imports.models import BatchState, ImportBatch, RememberedMapping
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.imports.selectors.examination import guessed_kind, recognised, workbook_of
from bianzhi.intake import gate
from bianzhi.kernel.objections import Objection, Refused, refuse_if

RUN: Final = "imports.run"
CHECK_JOB, COMMIT_JOB, ANNOTATE_JOB = "imports.check", "imports.commit", "imports.annotate"
DEFAULT_KIND: Final = "organizations"
NAME_LENGTH: Final = 200


@unit_of_work
def receive_file(*, actor: Actor, data: bytes, name: str, kind: str = "") -> ImportBatch:
    """Take an uploaded file in; the kind is guessed when none is said.

    Raises UnreadableFile for what is no usable table (wrong type, encrypted, damaged, dangerous, too large), and
    Refused when the name carries a mark of secrecy (R27) or the gate does not let the file through (U01–U03).
    """
    policies.require(actor, RUN)
    refuse_if(objections_to_secrecy(文件名=name))
    workbook = workbook_of(data, name)
    gate.look_at(data, name, gate.Wanted.TABLES, actor=actor)
    chosen = kind if kind in KINDS else guessed_kind(workbook) or DEFAULT_KIND
    return ImportBatch.objects.create(
        kind=chosen,
        file_name=name[-NAME_LENGTH:],
        digest=files.keep(data),
        size=len(data),
        created_by_id=actor.pk,
    )


@unit_of_work
def choose_kind(*, actor: Actor, batch_id: int, kind: str) -> ImportBatch:
    """Say what the file holds; corrections made for another kind are dropped, and so is its check."""
    batch = _open_batch(actor, batch_id)
    if kind in KINDS and kind != batch.kind:
        batch.kind, batch.corrections = kind, {}
        _save(batch, "kind", "corrections")
        _forget_check(batch)
    return batch


@unit_of_work
def correct_sheet(*, actor: Actor, batch_id: int, sheet: str, correction: Mapping[str, Any]) -> ImportBatch:
    """Keep a person's choices for one sheet: `header` (row, height), `fields` by column, `captions`, `skip`.

    What was checked before is to be checked again: nothing is written that was not shown.
    Raises Refused when the sheet is not there, a field is given to two columns, or a heading row is out of range.
    """
    batch = _open_batch(actor, batch_id)
    kept = {**batch.corrections, sheet: dict(correction)}
    workbook = workbook_of(files.read(batch.digest), batch.file_name)
    try:
        recognised(workbook, batch.kind, kept)
    except (KeyError, ValueError, IndexError) as error:
        raise Refused([Objection("imports.columns", f"列的对应关系有误：{error}", next_step="请重新选择。")]) from error
    if batch.corrections != kept:
        batch.corrections = kept
        _save(batch, "corrections")
        _forget_check(batch)
    return batch


@unit_of_work
def remember_columns(*, actor: Actor, batch_id: int) -> int:
    """Remember what the columns of each table were settled to be, for the next file with the same headings."""
    batch = _open_batch(actor, batch_id)
    workbook = workbook_of(files.read(batch.digest), batch.file_name)
    found = recognised(workbook, batch.kind, batch.corrections)
    settled = [
        sheet
        for sheet in found.sheets
        if sheet.role is Role.TABLE and "fields" in batch.corrections.get(sheet.sheet, {})
    ]
    for sheet in settled:
        RememberedMapping.objects.update_or_create(
            kind=batch.kind, signature=sheet.signature, defaults={"mapping": remember(sheet)}
        )
    return len(settled)


@unit_of_work
def set_options(*, actor: Actor, batch_id: int, options: Mapping[str, Any]) -> ImportBatch:
    """Keep what was decided beside the columns: document, day of the register, title, year, what to update."""
    batch = _open_batch(actor, batch_id)
    batch.options = {**batch.options, **options}
    _save(batch, "options")
    return batch


@unit_of_work
def request_check(*, actor: Actor, batch_id: int) -> Job:
    """Have a large file checked in the background."""
    batch = _open_batch(actor, batch_id)
    return _enqueue(actor, batch, CHECK_JOB, BatchState.CHECKING, f"检查《{batch.file_name}》")


@unit_of_work
def request_commit(*, actor: Actor, batch_id: int, today: date) -> Job:
    """Have a checked batch written into the register.

    Raises Refused while the check found errors and leaving those rows out was not chosen, when no row is left, and when
    the check is of an earlier day.
    """
    batch = _open_batch(actor, batch_id)
    refuse_if(_objections_to_commit(batch, today))
    return _enqueue(actor, batch, COMMIT_JOB, BatchState.COMMITTING, f"导入《{batch.file_name}》")


@unit_of_work
def request_annotated(*, actor: Actor, batch_id: int) -> Job:
    """Have the file made with its findings as comments."""
    policies.require(actor, RUN)
    batch = ImportBatch.objects.get(pk=batch_id)
    return jobs.enqueue(
        ANNOTATE_JOB, title=f"批注《{batch.file_name}》"[:NAME_LENGTH], params={"batch": batch.pk}, actor=actor
    )


@unit_of_work
def discard_batch(*, actor: Actor, batch_id: int) -> ImportBatch:
    """Give a batch up before it is written; its findings go, the line in the list stays."""
    batch = _open_batch(actor, batch_id)
    _drop_findings(batch)
    batch.state = BatchState.DISCARDED
    _save(batch, "state")
    return batch


def _forget_check(batch: ImportBatch) -> None:
    """What the check found is of other columns than those that would be written now."""
    _drop_findings(batch)
    batch.state, batch.counts, batch.checked_at = BatchState.UPLOADED, {}, None
    _save(batch, "state", "counts", "checked_at")


def _drop_findings(batch: ImportBatch) -> None:
    batch.findings.all().delete()
    batch.changes.all().delete()


def _enqueue(by: Actor, batch: ImportBatch, kind: str, state: str, title: str) -> Job:
    batch.job = jobs.enqueue(kind, title=title[:NAME_LENGTH], params={"batch": batch.pk}, actor=by)
    batch.state = state
    batch.error = ""
    _save(batch, "job", "state", "error")
    return batch.job


def _open_batch(by: Actor, batch_id: int) -> ImportBatch:
    """The batch, locked. Raises Denied, and Refused when it is being worked on or finished."""
    policies.require(by, RUN)
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    if not batch.is_open:
        message = f"《{batch.file_name}》{batch.stage_label}，不能再修改"
        raise Refused([Objection("imports.closed", message, next_step="需要再次导入的，请重新上传。")])
    return batch


def _objections_to_commit(batch: ImportBatch, today: date) -> list[Objection]:
    counts = batch.counts
    if batch.stage != BatchState.CHECKED:
        return [Objection("imports.unchecked", "这批数据还没有检查", next_step="请先检查，再导入。")]
    if batch.checked_at is not None and batch.options.get("checked_on") != today.isoformat():
        return [Objection("imports.stale", "检查是前些天做的，登记内容可能已变", next_step="请重新检查后再导入。")]
    if not counts.get("accepted"):
        return [Objection("imports.nothing", "没有可以导入的行", next_step="请按检查结果更正表格后重新上传。")]
    if counts.get("errors") and not batch.options.get("skip_rejected"):
        message = f"有 {counts['rejected']} 行存在错误（共 {counts['errors']} 处），整批不导入"
        step = "请更正后重新上传，或勾选“跳过有错误的行”。"
        return [Objection("imports.errors", message, figures={"errors": counts["errors"]}, next_step=step)]
    return []


def _save(batch: ImportBatch, *fields: str) -> None:
    batch.save(update_fields=list(fields))
