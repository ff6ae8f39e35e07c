"""扫描件: the paper a step of the office issues (批复、上级批准文件、任职通知), scanned and kept with the case."""

from collections.abc import Mapping, Sequence
from datetime import date

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.intake import gate
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.files import REFUSED, SCANS, Upload, kind_of, objections_to_file, plain_name
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters import files
from bianzhi.matters.models import CaseAttachment
from bianzhi.matters.parameters import LARGEST_ATTACHMENT
from bianzhi.matters.rules.evidence import scan_code
from bianzhi.matters.rules.fields import Kind
from bianzhi.matters.selectors.versions import specs_at
from bianzhi.matters.services.editing import locked_case
from bianzhi.matters.services.handling import fill_in
from bianzhi.matters.services.submitting import write_submission
from bianzhi.workflow.services.authority import require_open, require_part
from bianzhi.workflow.services.locking import lock_task


@unit_of_work
def fill_in_with_scans(
    *, actor: Actor, task_id: int, values: Mapping[str, object], scans: Mapping[str, Upload], today: date
) -> None:
    """What a step writes and the scans of its documents; either both are kept or neither.

    Raises Refused as `fill_in` and `attach_scan` do.
    """
    fill_in(actor=actor, task_id=task_id, values=values, today=today)
    for field, upload in scans.items():
        attach_scan(actor=actor, task_id=task_id, field=field, upload=upload, today=today)


@unit_of_work
def attach_scan(*, actor: Actor, task_id: int, field: str, upload: Upload, today: date) -> CaseAttachment:
    """Keep the scan of the document an open step writes; the same scan is kept once.

    Raises Refused when somebody was quicker (L2), the task is not the actor's (L1), the step writes no such document
    (M15), or for what is no picture or PDF, too large, or marked secret (M51, R27).
    """
    task, instance = lock_task(task_id)
    require_open(task, instance)
    require_part(actor, task, today)
    case = locked_case(instance.subject_id)
    documents = [spec.name for spec in specs_at(case.version, task) if spec.kind == Kind.DOCUMENT]
    refuse_if(_objections(task.node_name, documents, field, upload))
    gate.look_at(upload.data, plain_name(upload.name), actor=actor)
    digest, code = files.keep(upload.data), scan_code(field)
    same = CaseAttachment.objects.filter(case=case, sha256=digest, evidence=code, removed_at__isnull=True).first()
    if same is not None:
        return same
    name = plain_name(upload.name)
    kind = kind_of(name)
    row = CaseAttachment.objects.create(
        case=case,
        evidence=code,
        name=name,
        content_type=kind.content_type if kind else "application/octet-stream",
        size=len(upload.data),
        sha256=digest,
        sm3=sm3_hex(upload.data),
        uploaded_by_id=actor.pk or case.applicant_id,
    )
    submission = write_submission(actor=actor, case=case)
    facts = {"task": task.pk, "field": field, "attachment": row.pk, "name": name, "sha256": digest}
    record("matters.scan_attached", actor=actor, subject=case, facts=facts, wrote=[row, submission])
    return row


def _objections(step: str, documents: Sequence[str], field: str, upload: Upload) -> list[Objection]:
    if field not in documents:
        message = f"“{step}”环节不登记这份文件，不能上传扫描件"
        raise Refused([Objection("M15", message, Severity.BLOCK, {}, "请刷新页面后重试")])
    if not plain_name(upload.name):
        return [Objection(REFUSED, "文件没有名称", Severity.BLOCK, {}, "请重新选择文件")]
    megabytes = LARGEST_ATTACHMENT.number
    return objections_to_file(plain_name(upload.name), upload.data, largest_megabytes=megabytes, kinds=SCANS)
