"""The standing cast of the tests: a small district, its people and its papers, built through the services.

    def test_something(cast): cast.fill(cast.bureau, "A1", 3) ...

Figures to start from: 财政局 10 A1 and 2 C1 (frozen), 审计局 4 A1, 第一小学 20 B5 and 3 D1 (pooled),
测试镇 6 A1 (township).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bianzhi.audit import catalogue
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from bianzhi.ledger.models import EntryKind
from bianzhi.ledger.services import allot, issue_total
from bianzhi.ledger.services.moves import Basis
from bianzhi.organizations.models import InternalBody, InternalBodyVersion, Organization, OrganizationVersion, Tier
from bianzhi.organizations.services.versions import set_search_keys
from bianzhi.personnel.models import ApprovalSlot, Movement, Occupancy, Person
from bianzhi.personnel.rules.modes import evidence_of_entry, evidence_of_exit
from bianzhi.personnel.services.approvals import ApprovalOrder, IssuedApproval, SlotRequest, issue_approval
from bianzhi.personnel.services.entries import EntryOrder, enlist
from bianzhi.personnel.services.exits import ExitOrder, delist
from bianzhi.personnel.services.persons import PersonFacts, new_person
from bianzhi.personnel.services.transfers import TransferOrder, transfer

FOUNDED = date(2020, 1, 1)
TODAY = date(2026, 3, 2)
"""A Monday; every test that does not say otherwise happens on it."""

catalogue.declare({"tests.built": "测试搭建"})

MODES = {"A1": "I01", "A2": "I01", "B1": "I03", "B5": "I03", "B6": "I03", "D1": "I03", "D2": "I03", "C1": "I99"}
"""How somebody usually comes onto a quota type."""


PERSONNEL_CHECKS = (
    "personnel.overlaps",
    "personnel.lives",
    "personnel.slots",
    "personnel.numbers",
    "personnel.movements",
    "personnel.persons",
)
"""What `./bianzhi check` proves of this register."""


@dataclass
class Limited:
    """An actor who holds only the permissions named; sees the whole district."""

    permissions: frozenset[str]
    display_name: str = "有限用户"
    pk: int | None = None

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    def sees_everything(self) -> bool:
        return True


@dataclass
class Cast:
    """Whom and what every test may count on."""

    office: System
    upper_document: ApprovalDocument
    document: ApprovalDocument
    bureau: Organization
    audit_office: Organization
    school: Organization
    township: Organization
    finance_section: InternalBody
    payroll_section: InternalBody
    clerk: Limited = field(
        default_factory=lambda: Limited(
            frozenset({"personnel.move", "personnel.change", "personnel.reveal", "approvals.issue", "ledger.post"})
        )
    )
    director: Limited = field(
        default_factory=lambda: Limited(
            frozenset({"personnel.move", "personnel.change", "approvals.issue", "ledger.post", "rules.override"}),
            "主任",
        )
    )
    outsider: Limited = field(default_factory=lambda: Limited(frozenset({"personnel.view"}), "外人"))
    people: int = 0

    def facts(self, name: str = "", *, sex: str = "1", born: date = date(1990, 5, 6), **other: Any) -> PersonFacts:
        """A person nobody has met yet, with a sound number of the unallocated region.

        Serials of one day run out after 499 people: the next are born a day later.
        """
        self.people += 1
        born += timedelta(days=self.people // 499)
        serial = (self.people % 499 + 1) * 2 - (1 if sex == "1" else 0)
        number = make_id_number(UNALLOCATED_REGION, born, serial)
        return PersonFacts(
            name=name or f"测试{_in_chinese(self.people)}", id_number=number.value, sex=sex, born_on=born, other=other
        )

    def basis(self, day: date = FOUNDED, *, upper: bool = False, summary: str = "测试") -> Basis:
        """A basis of ledger moves."""
        return Basis(document=self.upper_document if upper else self.document, effective_on=day, summary=summary)

    def approve(
        self,
        organization: Organization,
        quota_type: str = "A1",
        count: int = 1,
        *,
        today: date = TODAY,
        valid_until: date | None = None,
        **request: Any,
    ) -> IssuedApproval:
        """A slip with so many slots."""
        mode = request.pop("entry_mode", MODES[quota_type])
        return issue_approval(
            actor=self.office,
            today=today,
            order=ApprovalOrder(
                organization_id=organization.pk,
                requests=[SlotRequest(quota_type=quota_type, entry_mode=mode, count=count, **request)],
                document=self.document,
                valid_until=valid_until,
            ),
        )

    def enlist(
        self,
        slot: ApprovalSlot,
        person: Person | PersonFacts | None = None,
        *,
        on: date = TODAY,
        today: date = TODAY,
        **order: Any,
    ) -> Movement:
        """Somebody enters on a slot."""
        mode = order.get("entry_mode") or slot.entry_mode
        entry = EntryOrder(
            person=person or self.facts(),
            effective_on=on,
            document=self.document,
            slot_id=slot.pk,
            evidence=evidence_of_entry(mode)[:1],
            **order,
        )
        return enlist(actor=self.office, today=today, order=entry).movement

    def member(
        self,
        organization: Organization,
        quota_type: str = "A1",
        *,
        on: date = TODAY,
        facts: PersonFacts | None = None,
        **request: Any,
    ) -> Occupancy:
        """Somebody on a unit's quota since a day, by a slip of that day."""
        slot = self.approve(organization, quota_type, today=on, **request).slots[0]
        movement = self.enlist(slot, facts, on=on, today=on)
        assert movement.to_occupancy is not None
        return movement.to_occupancy

    def fill(self, organization: Organization, quota_type: str, count: int, *, on: date = TODAY) -> list[Occupancy]:
        """So many people at once."""
        slots = self.approve(organization, quota_type, count, today=on).slots
        return [self.enlist(slot, on=on, today=on).to_occupancy for slot in slots]  # type: ignore[misc]

    def leave(
        self, occupancy: Occupancy, mode: str = "O07", *, on: date = TODAY, today: date = TODAY, **order: Any
    ) -> Movement:
        """Somebody leaves the quota with every paper the mode asks for."""
        exit_ = ExitOrder(
            person_id=occupancy.person_id,
            mode=mode,
            event_on=on,
            document=self.document,
            evidence=evidence_of_exit(mode),
            **order,
        )
        return delist(actor=self.office, today=today, order=exit_).movement

    def transfer(
        self, occupancy: Occupancy, slot: ApprovalSlot, *, on: date = TODAY, today: date = TODAY, **order: Any
    ) -> Movement:
        """Somebody goes to another unit's slot."""
        move = TransferOrder(
            person_id=occupancy.person_id, slot_id=slot.pk, effective_on=on, document=self.document, **order
        )
        return transfer(actor=self.office, today=today, order=move).movement


def _in_chinese(number: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))


@unit_of_work
def make_document(*, actor: System, doc_no: str, **facts: Any) -> ApprovalDocument:
    """A sealed document."""
    document = ApprovalDocument.objects.create(
        **{
            "doc_no": doc_no,
            "title": "关于机构编制事项的批复",
            "issuer": "区委编委",
            "issuer_level": IssuerLevel.COMMISSION,
            "kind": DocumentKind.REPLY,
            "issued_on": FOUNDED,
            **facts,
        }
    )
    record("tests.built", actor=actor, subject=document, facts={}, wrote=[document])
    return document


@unit_of_work
def make_unit(
    *, actor: System, code: str, name: str, document: ApprovalDocument, since: date = FOUNDED, **facts: Any
) -> Organization:
    """A sealed organisation with one open version."""
    organization = Organization.objects.create(code=code)
    version = OrganizationVersion(organization=organization, name=name, document=document, valid_from=since, **facts)
    set_search_keys(version)
    version.save()
    record("tests.built", actor=actor, subject=organization, facts={}, wrote=[organization, version])
    return organization


@unit_of_work
def make_body(*, actor: System, organization: Organization, name: str, document: ApprovalDocument) -> InternalBody:
    """A sealed internal body of a unit."""
    body = InternalBody.objects.create(code=f"{organization.code}-{name}")
    version = InternalBodyVersion.objects.create(
        body=body, organization=organization, name=name, document=document, valid_from=FOUNDED, rank="151"
    )
    record("tests.built", actor=actor, subject=body, facts={}, wrote=[body, version])
    return body


def assemble() -> Cast:
    """Build the district with its quota, as of FOUNDED."""
    office = System("测试")
    upper = make_document(
        actor=office,
        doc_no="绍市编〔2020〕1号",
        issuer="市委编委",
        issuer_level=IssuerLevel.UPPER,
        kind=DocumentKind.NOTICE,
    )
    document = make_document(actor=office, doc_no="虞编〔2020〕3号")

    def unit(code: str, name: str, **facts: Any) -> Organization:
        return make_unit(actor=office, code=code, name=name, document=document, **facts)

    bureau = unit("T001", "测试区财政局", org_type="31", rank="141")
    cast = Cast(
        office=office,
        upper_document=upper,
        document=document,
        bureau=bureau,
        audit_office=unit("T002", "测试区审计局", org_type="31", rank="141"),
        school=unit("T003", "测试区第一小学", org_type="80", institution_class="83"),
        township=unit("T004", "测试区测试镇", org_type="70", tier=Tier.TOWNSHIP, rank="141"),
        finance_section=make_body(actor=office, organization=bureau, name="预算科", document=document),
        payroll_section=make_body(actor=office, organization=bureau, name="综合科", document=document),
    )
    for measure, tier, amount in TOTALS:
        issue_total(actor=office, basis=cast.basis(upper=True), measure=measure, tier=tier, amount=amount)
    _allot(cast, bureau, {"A1": 10, "org_chief": 1, "org_deputy": 2, "E2": 2})
    _allot(cast, bureau, {"C1": 2}, kind=EntryKind.OPENING)
    _allot(cast, cast.audit_office, {"A1": 4, "org_chief": 1})
    _allot(cast, cast.school, {"B5": 20, "D1": 3, "E1": 2})
    _allot(cast, cast.township, {"A1": 6})
    return cast


TOTALS: Sequence[tuple[str, str, int]] = (
    ("A1", Tier.DISTRICT, 400),
    ("A1", Tier.TOWNSHIP, 40),
    ("B1", Tier.DISTRICT, 50),
    ("B5", Tier.DISTRICT, 100),
    ("C1", Tier.DISTRICT, 10),
    ("D1", Tier.DISTRICT, 5),
    ("E1", Tier.DISTRICT, 20),
    ("E2", Tier.DISTRICT, 20),
)


def _allot(
    cast: Cast, organization: Organization, amounts: Mapping[str, int], kind: EntryKind = EntryKind.ESTABLISHED
) -> None:
    allot(actor=cast.office, basis=cast.basis(), organization_id=organization.pk, amounts=amounts, kind=kind)


@unit_of_work
def put_on_quota(
    *, actor: System, cast: Cast, organization: Organization, quota_type: str, person_facts: PersonFacts, **facts: Any
) -> Occupancy:
    """A sealed occupancy as it might have been taken over: frozen types take nobody through the services (R19)."""
    person = new_person(person_facts)
    person.save()
    occupancy = Occupancy.objects.create(
        **{
            "person": person,
            "organization": organization,
            "quota_type": quota_type,
            "entry_mode": "I99",
            "entry_document": cast.document,
            "valid_from": FOUNDED,
            **facts,
        }
    )
    record("tests.built", actor=actor, subject=person, facts={}, wrote=[person, occupancy])
    return occupancy


def seat(
    cast: Cast, organization: Organization, quota_type: str, person_facts: PersonFacts | None = None, **facts: Any
) -> Occupancy:
    """Somebody who was there when the register began."""
    return put_on_quota(
        actor=cast.office,
        cast=cast,
        organization=organization,
        quota_type=quota_type,
        person_facts=person_facts or cast.facts(),
        **facts,
    )
