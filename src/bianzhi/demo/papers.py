"""The documents of ten invented years: one book that numbers them and finds them again."""

from datetime import date, datetime, time
from typing import NamedTuple

from django.utils import timezone

from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.kernel.identifiers.document_number import standard_document_number


class Issuer(NamedTuple):
    """Who issues documents of a sort: the agency's short name in the 文号, its full name, its level."""

    agency: str
    name: str
    level: IssuerLevel
    kind: DocumentKind


CITY = Issuer("江市编", "江城市委机构编制委员会", IssuerLevel.UPPER, DocumentKind.NOTICE)
COMMISSION = Issuer("云编", "云江区委机构编制委员会", IssuerLevel.COMMISSION, DocumentKind.REPLY)
OFFICE = Issuer("云编办", "云江区委机构编制委员会办公室", IssuerLevel.OFFICE, DocumentKind.REPLY)
REGISTER = Issuer("云编办登", "云江区委机构编制委员会办公室", IssuerLevel.OFFICE, DocumentKind.REGISTER)
APPOINTING = Issuer("云组干", "云江区委组织部", IssuerLevel.OTHER, DocumentKind.APPOINTMENT)
HIRING = Issuer("云人社", "云江区人力资源和社会保障局", IssuerLevel.OTHER, DocumentKind.HIRING)
CIVIL_HIRING = Issuer("云组公", "云江区委组织部", IssuerLevel.OTHER, DocumentKind.HIRING)
TRANSFERRING = Issuer("云人社调", "云江区人力资源和社会保障局", IssuerLevel.OTHER, DocumentKind.TRANSFER)
RETIRING = Issuer("云人社退", "云江区人力资源和社会保障局", IssuerLevel.OTHER, DocumentKind.RETIREMENT)


def moment(day: date) -> datetime:
    """Nine in the morning of a day: when the clerk of the synthetic office recorded it."""
    return datetime.combine(day, time(9), timezone.get_current_timezone())


class Papers:
    """Hands out documents; the same issuer, year and matter give the same paper."""

    def __init__(self) -> None:
        self._serials: dict[tuple[str, int], int] = {}
        self._papers: dict[tuple[str, int, str], ApprovalDocument] = {}
        self._saved = 0

    def of(self, issuer: Issuer, day: date, title: str, *, matter: str = "") -> ApprovalDocument:
        """The paper on a matter (by default its title) of that year, numbered on first use; not saved yet."""
        key = (issuer.agency, day.year, matter or title)
        if key not in self._papers:
            serial = self._serials.get((issuer.agency, day.year), 0) + 1
            self._serials[issuer.agency, day.year] = serial
            number = standard_document_number(issuer.agency, day.year, serial)
            self._papers[key] = ApprovalDocument(
                doc_no=str(number),
                title=title,
                issuer=issuer.name,
                issuer_level=issuer.level,
                kind=issuer.kind,
                issued_on=day,
                note="演示数据",
                recorded_at=moment(day),
            )
        return self._papers[key]

    def save(self) -> list[ApprovalDocument]:
        """Insert every paper handed out and not yet saved."""
        fresh = self.all()[self._saved :]
        self._saved += len(fresh)
        return ApprovalDocument.objects.bulk_create(fresh, batch_size=500)

    def all(self) -> list[ApprovalDocument]:
        """Every paper handed out, in the order of first use."""
        return list(self._papers.values())
