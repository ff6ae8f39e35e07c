"""Documents that rows cite: found in the register by their number, or to be registered with what the rows tell."""

from dataclasses import dataclass, field
from datetime import date

from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.documents.services import DocumentFacts
from bianzhi.kernel.identifiers.document_number import parse_document_number

UNKNOWN_ISSUER = "发文机关不详（导入登记）"
BATCH = 500


@dataclass(slots=True)
class Papers:
    """The documents of one file by number. A number registered already is taken as it is registered."""

    registered: dict[str, ApprovalDocument] = field(default_factory=dict)
    wanted: dict[str, DocumentFacts] = field(default_factory=dict)

    def load(self, numbers: set[str]) -> None:
        """Look the numbers up (one query for each 500)."""
        pending = sorted(numbers)
        for start in range(0, len(pending), BATCH):
            chunk = ApprovalDocument.objects.filter(doc_no__in=pending[start : start + BATCH]).order_by("-pk")
            self.registered.update({row.doc_no: row for row in chunk})

    def cite(
        self,
        number: str,
        *,
        issued_on: date | None = None,
        near: date | None = None,
        title: str = "",
        issuer: str = "",
        kind: str = DocumentKind.REPLY,
    ) -> str:
        """Note that a row cites a number; returns why it cannot be cited, "" when it can.

        Without a date of its own the document is dated `near` (the day of the fact), else the first day of the year in
        its number; its note says so. A document of which neither is known cannot be registered.
        """
        if number in self.registered or number in self.wanted:
            return ""
        objections = objections_to_secrecy(文号=number, 标题=title)
        if objections:
            return str(objections[0])
        year = parse_document_number(number).year
        day = issued_on or near or (date(year, 1, 1) if year else None)
        if day is None:
            return f"文号「{number}」没有登记过，表中也没有日期，无法登记这份文件，请补填日期或先登记批准文件"
        self.wanted[number] = DocumentFacts(
            doc_no=number[:120],
            title=(title or f"导入登记的文件 {number}")[:300],
            issuer=(issuer or UNKNOWN_ISSUER)[:120],
            issuer_level=level_of(issuer),
            kind=kind,
            issued_on=day,
            note="导入表格时登记" if issued_on else f"导入表格时登记，成文日期不详，暂记为 {day}",
        )
        return ""


def level_of(issuer: str) -> str:
    """The level an issuer's name tells: what speaks of the state, a province or a city above is the upper one."""
    if any(word in issuer for word in ("中央", "国务院", "省")) or ("市" in issuer and not set("区县") & set(issuer)):
        return IssuerLevel.UPPER
    if "编制委员会" in issuer and "办公室" not in issuer:
        return IssuerLevel.COMMISSION
    return IssuerLevel.OFFICE
