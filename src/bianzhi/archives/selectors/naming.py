"""What subjects are called beyond this database, so that a package can say in another what its pages prove."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bianzhi.documents.models import ApprovalDocument
from bianzhi.ledger.models import LedgerEntry
from bianzhi.organizations.models import Organization

Key = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Naming:
    """How subjects of a kind are named: the key of an id, and the id of a key; None where there is none."""

    key_of: Callable[[str], Key | None]
    id_of: Callable[[Key], str | None]


def key_of(kind: str, subject_id: str) -> Key | None:
    """The lasting name of a subject; None for kinds without one (persons: no personal data travel)."""
    naming = NAMINGS.get(kind)
    return naming.key_of(subject_id) if naming and subject_id else None


def id_of(kind: str, key: Key | None) -> str | None:
    """The subject of that name in this database."""
    naming = NAMINGS.get(kind)
    return naming.id_of(key) if naming and key else None


def _document_key(pk: str) -> Key | None:
    row = ApprovalDocument.objects.filter(pk=pk).values("doc_no", "issuer").first()
    return {"doc_no": row["doc_no"], "issuer": row["issuer"]} if row else None


def _document_id(key: Key) -> str | None:
    return _id(ApprovalDocument.objects.filter(doc_no=key.get("doc_no", ""), issuer=key.get("issuer", "")).first())


def _entry_key(pk: str) -> Key | None:
    number = LedgerEntry.objects.filter(pk=pk).values_list("number", flat=True).first()
    return {"number": number} if number else None


def _entry_id(key: Key) -> str | None:
    return _id(LedgerEntry.objects.filter(number=key.get("number", "")).first())


def _unit_key(pk: str) -> Key | None:
    code = Organization.objects.filter(pk=pk).values_list("code", flat=True).first()
    return {"code": code} if code else None


def _unit_id(key: Key) -> str | None:
    return _id(Organization.objects.filter(code=key.get("code", "")).first())


def _id(row: ApprovalDocument | LedgerEntry | Organization | None) -> str | None:
    return None if row is None else str(row.pk)


NAMINGS: Final[Mapping[str, Naming]] = {
    "documents.approvaldocument": Naming(_document_key, _document_id),
    "ledger.ledgerentry": Naming(_entry_key, _entry_id),
    "organizations.organization": Naming(_unit_key, _unit_id),
}
