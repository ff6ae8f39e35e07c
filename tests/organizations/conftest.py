"""A small district built through the services: district, two groups, bureaus with what hangs under them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.audit.actors import System
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.services import register_document
from bianzhi.organizations import objections
from bianzhi.organizations.models import InternalBodyVersion, Organization, OrganizationVersion
from bianzhi.organizations.services import NewBody, NewOrganization, add_body, establish_many

ACTOR = System("测试")
FOUNDED = date(2015, 1, 1)


@dataclass
class District:
    """Units by their code, and papers of each level."""

    upper: ApprovalDocument
    office: ApprovalDocument
    opening: ApprovalDocument
    units: dict[str, Organization]

    def __getitem__(self, code: str) -> Organization:
        return self.units[code]

    def version(self, code: str, day: date = date(2026, 1, 1)) -> OrganizationVersion:
        return OrganizationVersion.objects.as_of(day).get(organization=self.units[code])

    def body(self, code: str, name: str = "办公室", day: date = FOUNDED) -> InternalBodyVersion:
        body = NewBody(organization_id=self.units[code].pk, name=name, effective_on=day)
        return add_body(actor=ACTOR, document=self.office, body=body)


def paper(number: int, **facts: Any) -> ApprovalDocument:
    """A registered document, of the office's own level unless said otherwise."""
    given: dict[str, Any] = {
        "doc_no": f"虞编〔2015〕{number}号",
        "title": f"关于机构事项的批复（{number}）",
        "issuer": "区委编办",
        "issuer_level": "office",
        "kind": "reply",
        "issued_on": FOUNDED,
    }
    return register_document(actor=ACTOR, **given | facts)


def unit(code: str, name: str, parent: str = "", /, **facts: Any) -> NewOrganization:
    """A row to establish, on the day the district was founded."""
    given: dict[str, Any] = {"org_type": "31", "rank": "141", "funding_form": "full", "effective_on": FOUNDED}
    return NewOrganization(**given | {"code": code, "name": name, "parent_code": parent} | facts)


ROWS = [
    unit("Q", "示例区", is_grouping=True, org_type="", rank="", funding_form=""),
    unit("Q1", "区政府部门", "Q", is_grouping=True, org_type="", rank="", funding_form="", sort_order=1),
    unit("Q2", "镇街", "Q", is_grouping=True, org_type="", rank="", funding_form="", sort_order=2),
    unit("CZ", "示例区财政局", "Q1", short_name="区财政局", sort_order=1),
    unit("JY", "示例区教育局", "Q1", short_name="区教育局", sort_order=2),
    unit("CZ1", "示例区会计核算中心", "CZ", org_type="80", institution_class="83", rank="151", sort_order=1),
    unit("XX", "示例区实验小学", "Q1", org_type="80", institution_class="83", rank="192", supervising_code="JY"),
    unit("ZH", "长塘镇人民政府", "Q2", org_type="70", sort_order=1),
    unit("ZH1", "长塘镇综合服务中心", "ZH", org_type="80", institution_class="83", rank="151"),
]


@pytest.fixture
def district(db: None) -> District:
    opening = paper(1, kind="register", title="机构编制底册")
    organizations = establish_many(actor=ACTOR, document=opening, rows=ROWS)
    upper = paper(2, issuer="市委编委", issuer_level="upper")
    return District(upper, paper(3), opening, {row.code: row for row in organizations})


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> list[objections.Provider]:
    """The registered objection providers, emptied for the test."""
    found: list[objections.Provider] = []
    monkeypatch.setattr(objections, "_providers", found)
    return found


def user_with(role: str, organization: Organization | None = None, *, subtree: bool = False) -> User:
    """An account with one role."""
    user = User.objects.create(username=f"{role}{User.objects.count()}", display_name="测试用户")
    RoleGrant.objects.create(
        user=user, role=role, organization_id=organization.pk if organization else None, includes_subtree=subtree
    )
    return user
