"""Two units, an upper-level document and an office document for the ledger's tests."""

from dataclasses import dataclass
from datetime import date

import pytest

from bianzhi.audit.actors import System
from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.ledger.services import issue_total
from bianzhi.ledger.services.moves import Basis
from bianzhi.organizations.models import InternalBody, Organization, OrganizationVersion, Tier

FOUNDED = date(2020, 1, 1)


@dataclass
class Books:
    """What every ledger test starts from."""

    actor: System
    upper: ApprovalDocument
    office: ApprovalDocument
    bureau: Organization
    township: Organization
    school: Organization

    def basis(self, day: date = FOUNDED, *, upper: bool = False, summary: str = "测试") -> Basis:
        """A basis from the office's or the upper level's document."""
        return Basis(document=self.upper if upper else self.office, effective_on=day, summary=summary)

    def section(self, organization: Organization, name: str = "办公室") -> InternalBody:
        """An internal body of a unit."""
        body = InternalBody.objects.create(code=f"{organization.code}-{InternalBody.objects.count() + 1:02}")
        body.versions.create(organization=organization, name=name, document=self.office, valid_from=FOUNDED)
        return body


def _organization(code: str, name: str, document: ApprovalDocument, **facts: str) -> Organization:
    organization = Organization.objects.create(code=code)
    OrganizationVersion.objects.create(
        organization=organization, name=name, document=document, valid_from=FOUNDED, **facts
    )
    return organization


@pytest.fixture
def books(db: None) -> Books:
    """100 administrative and 50 institution quota in the district's reserve."""
    actor = System("测试")
    upper = ApprovalDocument.objects.create(
        doc_no="绍市编〔2020〕1号", title="关于下达编制的通知", issuer="绍兴市委编委", issuer_level=IssuerLevel.UPPER,
        kind=DocumentKind.NOTICE, issued_on=FOUNDED,
    )  # fmt: skip
    office = ApprovalDocument.objects.create(
        doc_no="虞编〔2020〕3号", title="关于核定编制的批复", issuer="区委编委", issuer_level=IssuerLevel.COMMISSION,
        kind=DocumentKind.REPLY, issued_on=FOUNDED,
    )  # fmt: skip
    found = Books(
        actor=actor,
        upper=upper,
        office=office,
        bureau=_organization("T001", "测试区财政局", office, org_type="31"),
        township=_organization("T002", "测试区测试镇", office, org_type="70", tier=Tier.TOWNSHIP),
        school=_organization("T003", "测试区第一小学", office, org_type="80", institution_class="83"),
    )
    basis = Basis(document=upper, effective_on=FOUNDED, summary="总量下达")
    issue_total(actor=actor, basis=basis, measure="A1", tier=Tier.DISTRICT, amount=100)
    issue_total(actor=actor, basis=basis, measure="A1", tier=Tier.TOWNSHIP, amount=30)
    issue_total(actor=actor, basis=basis, measure="B1", tier=Tier.DISTRICT, amount=50)
    return found
