"""Registering approval documents, and correcting what was registered wrongly."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from django.db import IntegrityError, transaction

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.kernel.identifiers.document_number import parse_document_number
from bianzhi.kernel.names import normalise_organisation_name
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if

FACTS = ("title", "issuer_level", "kind", "issued_on")
"""What two registrations of one number must agree in; a note may differ."""
DIRECT: Final = "personnel.direct"
"""The permission to write into the register without a case."""
REASON_LENGTH: Final = 4
CORRECTABLE = ("doc_no", "title", "issuer", "issuer_level", "kind", "issued_on", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What a document says of itself, read into the way the register keeps it."""

    doc_no: str
    title: str
    issuer: str
    issuer_level: str
    kind: str
    issued_on: date
    note: str = ""

    def normalised(self) -> "DocumentFacts":
        """The same facts with the number's brackets as 〔〕 and no stray spaces."""
        return DocumentFacts(
            doc_no=parse_document_number(self.doc_no).text,
            title=" ".join(self.title.split()),
            issuer=normalise_organisation_name(self.issuer),
            issuer_level=str(self.issuer_level),
            kind=str(self.kind),
            issued_on=self.issued_on,
            note=" ".join(self.note.split()),
        )


@unit_of_work
def note_direct_entry(*, actor: Actor, document_id: int, reason: str) -> None:
    """Put on record why an act that rests on this document is done by hand and not by a case.

    Called within the unit of work of the act, so that the reason stands beside what was done and goes with it when it
    is refused. Raises Denied without personnel.direct, Refused (R29) without a reason, DoesNotExist.
    """
    policies.require(actor, DIRECT)
    words = reason.strip()
    if len(words) < REASON_LENGTH:
        step = "请说明为何不经办件直接登记，如更正录入错误、补录历史事项"
        message = f"直接登记理由不少于 {REASON_LENGTH} 个字"
        raise Refused([Objection("R29", message, Severity.BLOCK, {}, step)])
    document = ApprovalDocument.objects.get(pk=document_id)
    record("documents.direct_entry", actor=actor, subject=document, facts={"reason": words})


@unit_of_work
def register_document(
    *,
    actor: Actor,
    doc_no: str,
    title: str,
    issuer: str,
    issuer_level: str,
    kind: str,
    issued_on: date,
    note: str = "",
) -> ApprovalDocument:
    """Register one document, or return it when the same was registered before.

    The number is normalised to 〔〕. Raises Refused for a document marked 秘密 or above (R27), for missing facts, and
    when the number of that issuer is registered with other facts (both are told).
    """
    facts = DocumentFacts(
        doc_no=doc_no,
        title=title,
        issuer=issuer,
        issuer_level=issuer_level,
        kind=kind,
        issued_on=issued_on,
        note=note,
    )
    return register_documents(actor=actor, documents=[facts])[0]


@unit_of_work
def register_documents(*, actor: Actor, documents: Iterable[DocumentFacts]) -> list[ApprovalDocument]:
    """Register many documents with few queries; the answer is in the order of the question.

    Same contract as `register_document`; a document given twice becomes one row. Nothing is written if any is refused.
    """
    policies.require(actor, "documents.change")
    wanted = [facts.normalised() for facts in documents]
    known = _registered({facts.doc_no for facts in wanted})
    new: dict[tuple[str, str], ApprovalDocument] = {}
    found: list[Objection] = []
    for facts in wanted:
        key = (facts.doc_no, facts.issuer)
        existing = known.get(key) or new.get(key)
        if existing is None:
            new[key] = ApprovalDocument(**asdict(facts))
            found += _objections(new[key])
        else:
            found += _objections_to_other_facts(existing, facts)
    refuse_if(found)
    rows = list(new.values())
    try:
        with transaction.atomic():
            ApprovalDocument.objects.bulk_create(rows, batch_size=500)
    except IntegrityError:
        if not _registered({row.doc_no for row in rows}).keys() & new.keys():
            raise
        return register_documents(actor=actor, documents=wanted)  # somebody registered one of them this moment
    for row in rows:
        record("documents.registered", actor=actor, subject=row, wrote=[row], facts=_facts(row))
    if rows:
        outbox.put("documents.registered", key=rows[0].pk, payload={"ids": [row.pk for row in rows]})
    known.update(new)
    return [known[facts.doc_no, facts.issuer] for facts in wanted]


@unit_of_work
def correct_document(*, actor: Actor, document_id: int, reason: str, changes: Mapping[str, Any]) -> ApprovalDocument:
    """Put right what was registered wrongly; the audit record keeps the old and the new.

    `changes` are any of CORRECTABLE. Raises Refused without a reason, without a change, when the number is taken by
    another document, and for a mark of secrecy (R27); ApprovalDocument.DoesNotExist for an unknown id.
    """
    policies.require(actor, "documents.change")
    if unknown := set(changes) - set(CORRECTABLE):
        raise TypeError(f"not a fact of a document: {', '.join(sorted(unknown))}")
    row = ApprovalDocument.objects.select_for_update().get(pk=document_id)
    before = _facts(row)
    wanted = DocumentFacts(**{name: getattr(row, name) for name in CORRECTABLE} | dict(changes)).normalised()
    for name, value in asdict(wanted).items():
        setattr(row, name, value)
    after = _facts(row)
    refuse_if([*_objections(row), *_objections_to_correction(row, reason, changed=before != after)])
    row.save()
    altered = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record("documents.corrected", actor=actor, subject=row, wrote=[row], facts={"reason": reason, "changes": altered})
    outbox.put("documents.corrected", key=row.pk, payload={"id": row.pk, "changes": sorted(altered)})
    return row


def _registered(numbers: set[str]) -> dict[tuple[str, str], ApprovalDocument]:
    pending = sorted(numbers)
    return {
        (row.doc_no, row.issuer): row
        for start in range(0, len(pending), 500)
        for row in ApprovalDocument.objects.filter(doc_no__in=pending[start : start + 500])
    }


def _objections(row: ApprovalDocument) -> list[Objection]:
    missing = [
        label
        for label, value in (
            ("文号", row.doc_no),
            ("标题", row.title),
            ("发文机关", row.issuer),
            ("成文日期", row.issued_on),
        )
        if not value
    ]
    found = [
        Objection("document.incomplete", f"批准文件缺少{'、'.join(missing)}。", next_step="请按原件补全。")
        for _ in missing[:1]
    ]
    if row.kind not in DocumentKind.values or row.issuer_level not in IssuerLevel.values:
        found.append(
            Objection(
                "document.unknown_kind", f"文件种类“{row.kind}”或发文层级“{row.issuer_level}”不在可选范围内。",
                next_step="请从列表中选择。",
            )
        )  # fmt: skip
    secrecy = objections_to_secrecy(文号=row.doc_no, 标题=row.title, 备注=row.note)
    return [*found, *secrecy, *objections_to_lengths(row)]


def _objections_to_other_facts(existing: ApprovalDocument, facts: DocumentFacts) -> list[Objection]:
    if all(str(getattr(existing, name)) == str(getattr(facts, name)) for name in FACTS):
        return []
    registered = DocumentFacts(**{name: getattr(existing, name) for name in CORRECTABLE})
    return [
        Objection(
            "document.conflict",
            f"{facts.issuer}的文号{facts.doc_no}已登记为{_in_words(registered)}，与现填的{_in_words(facts)}不一致。",
            figures={"doc_no": facts.doc_no, "registered": existing.title, "given": facts.title},
            next_step="请核对原件：如系同一文件，请改用已登记的内容或先办理更正；如系另一文件，请核对文号。",
        )
    ]


def _in_words(facts: DocumentFacts) -> str:
    kind = dict(DocumentKind.choices).get(facts.kind, facts.kind)
    level = dict(IssuerLevel.choices).get(facts.issuer_level, facts.issuer_level)
    return f"《{facts.title}》（{kind}，{level}，{facts.issued_on}）"


def _objections_to_correction(row: ApprovalDocument, reason: str, *, changed: bool) -> list[Objection]:
    found = []
    if len(reason.strip()) < 4:
        found.append(Objection("document.no_reason", "更正批准文件须写明理由（不少于 4 个字）。"))
    if not changed:
        found.append(Objection("document.unchanged", "没有任何内容需要更正。", next_step="请修改后再提交。"))
    taken = ApprovalDocument.objects.filter(doc_no=row.doc_no, issuer=row.issuer).exclude(pk=row.pk).first()
    if taken is not None:
        found.append(
            Objection(
                "document.number_taken", f"{row.issuer}的文号{row.doc_no}已属于《{taken.title}》。",
                next_step="请核对原件上的文号。",
            )
        )  # fmt: skip
    return found


def _facts(row: ApprovalDocument) -> dict[str, str]:
    return {name: str(getattr(row, name)) for name in CORRECTABLE}
