"""附件: files put on a case and taken off it; what was once sent in stays in the record."""

from datetime import date

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.intake import gate
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.files import REFUSED, kind_of, objections_to_file, plain_name
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters import files
from bianzhi.matters.models import Case, CaseAttachment
from bianzhi.matters.parameters import LARGEST_ATTACHMENT, MOST_ATTACHMENTS
from bianzhi.matters.rules.evidence import SCAN, evidence_from_json
from bianzhi.matters.services.editing import locked_for_writing


@unit_of_work
def attach(*, actor: Actor, case_id: int, name: str, data: bytes, today: date, evidence: str = "") -> CaseAttachment:
    """Put a file on a case; `evidence` is the code of the paper it is. The same file as the same paper is put on once.

    Raises Refused for a file that is too large, of another kind than its name says, marked secret (R27), for a paper
    the matter does not know (M51), as the gate (U01–U03) and as `locked_for_writing` does.
    """
    case = locked_for_writing(actor, case_id, today)
    plain = plain_name(name)
    refuse_if(
        [
            *_objections_to_place(case, evidence),
            *objections_to_file(plain, data, largest_megabytes=LARGEST_ATTACHMENT.number),
        ]
    )
    gate.look_at(data, plain, actor=actor)
    digest = files.keep(data)
    same = CaseAttachment.objects.filter(case=case, sha256=digest, evidence=evidence, removed_at__isnull=True).first()
    if same is not None:
        return same
    kind = kind_of(plain)
    row = CaseAttachment.objects.create(
        case=case,
        evidence=evidence,
        name=plain,
        content_type=kind.content_type if kind else "application/octet-stream",
        size=len(data),
        sha256=digest,
        sm3=sm3_hex(data),
        uploaded_by_id=actor.pk or case.applicant_id,
    )
    facts = {"attachment": row.pk, "name": row.name, "evidence": evidence, "size": row.size, "sha256": digest}
    record("matters.attached", actor=actor, subject=case, facts=facts, wrote=[row])
    return row


@unit_of_work
def remove(*, actor: Actor, attachment_id: int, today: date) -> CaseAttachment:
    """Take a file off the form. Raises CaseAttachment.DoesNotExist, and as `locked_for_writing` does."""
    row = CaseAttachment.objects.get(pk=attachment_id)
    case = locked_for_writing(actor, row.case_id, today)
    row = CaseAttachment.objects.select_for_update().get(pk=attachment_id)
    if row.evidence.startswith(SCAN):
        message = f"“{row.name}”是办理环节上传的扫描件，不能由申请人移除"
        raise Refused([Objection(REFUSED, message, Severity.BLOCK, {}, "如有误，请在意见中说明")])
    if row.removed_at is not None:
        return row
    row.removed_at = timezone.now()
    row.save(update_fields=["removed_at"])
    facts = {"attachment": row.pk, "name": row.name, "evidence": row.evidence}
    record("matters.attachment_removed", actor=actor, subject=case, facts=facts, wrote=[row])
    return row


def _objections_to_place(case: Case, evidence: str) -> list[Objection]:
    known = {spec.code for spec in evidence_from_json(case.version.evidence)}
    if evidence and evidence not in known:
        raise Refused([Objection(REFUSED, f"该事项没有“{evidence[:40]}”这种材料", Severity.BLOCK, {}, "请刷新页面")])
    most = MOST_ATTACHMENTS.number
    if CaseAttachment.objects.filter(case=case, removed_at__isnull=True).count() >= most:
        return [Objection(REFUSED, f"每个办件最多 {most} 个附件", Severity.BLOCK, {}, "请合并或移除后再上传")]
    return []
