"""设立: how a unit comes into the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.numbering import next_numbers
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.names import organisation_name_key
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.organizations import scopes
from bianzhi.organizations.models import (
    Lineage,
    LineageKind,
    Organization,
    OrganizationStatus,
    OrganizationVersion,
    ReorganizationEvent,
    Tier,
)
from bianzhi.organizations.rules.facts import TOWNSHIP_TYPES, objections_to_facts
from bianzhi.organizations.services import versions
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.services.credit_codes import objections_to_taken_codes, read_credit_code
from bianzhi.organizations.services.locks import lock_structure


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrganization:
    """A unit to be established.

    The superior is named by id, or by the code of a unit that is in the register or among the same rows. Without a
    `code` one is given out; without a `tier` it follows from the type and the superior. `document` overrides the
    common one.
    """

    name: str
    effective_on: date
    code: str = ""
    short_name: str = ""
    parent_id: int | None = None
    parent_code: str = ""
    supervising_department_id: int | None = None
    supervising_code: str = ""
    org_type: str = ""
    institution_class: str = ""
    nature: str = ""
    rank: str = ""
    funding_form: str = ""
    tier: str | None = None
    is_grouping: bool = False
    duties: str = ""
    sort_order: int = 0
    uscc: str = ""
    uscc_confirmed: bool = False
    document: ApprovalDocument | None = None


@unit_of_work
def establish(*, actor: Actor, document: ApprovalDocument, organization: NewOrganization) -> Organization:
    """设立 one unit. Raises Refused: R10, a name in use, a superior not in force on the day, facts that clash."""
    return establish_many(actor=actor, document=document, rows=[organization])[0]


@unit_of_work
def establish_many(*, actor: Actor, document: ApprovalDocument, rows: Sequence[NewOrganization]) -> list[Organization]:
    """设立 many units at once with a constant number of queries; the answer is in the order of the rows.

    All or nothing: Refused carries every objection to every row. A superior may stand anywhere among the rows, but
    must be established no later than those below it.
    """
    scopes.require_organization(actor, CHANGE, *{row.parent_id for row in rows if row.parent_id is not None})
    lock_structure()
    batch = _Batch(rows, document)
    refuse_if(batch.objections())
    return batch.write(actor)


class _Batch:
    """The units of one establishment, their superiors resolved."""

    def __init__(self, rows: Sequence[NewOrganization], document: ApprovalDocument) -> None:
        self.rows = rows
        codes = _codes(rows)
        self.organizations = [Organization(code=code) for code in codes]
        self.by_code = dict(zip(codes, self.organizations, strict=True))
        self.row_of = dict(zip(codes, rows, strict=True))
        self.versions: list[OrganizationVersion] = []
        self.unresolved: list[Objection] = []
        self._known = _superiors_in_register(rows, set(self.by_code))
        for organization, row in zip(self.organizations, rows, strict=True):
            self.versions.append(self._version(organization, row, row.document or document))

    def _version(
        self, organization: Organization, row: NewOrganization, document: ApprovalDocument
    ) -> OrganizationVersion:
        facts: dict[str, Any] = {
            name: getattr(row, name) for name in versions.FACTS if hasattr(row, name) and not name.endswith("_id")
        }
        facts |= {"tier": self._tier(row), "status": OrganizationStatus.ACTIVE, "duties": row.duties.strip()}
        return versions.new_version(organization, facts, valid_from=row.effective_on, document=document)

    def _tier(self, row: NewOrganization, depth: int = 0) -> str:
        if row.tier is not None:
            return row.tier
        if row.org_type in TOWNSHIP_TYPES:
            return Tier.TOWNSHIP
        superior = self.row_of.get(row.parent_code)
        if superior is not None and depth < len(self.rows):
            return self._tier(superior, depth + 1)
        known = self._known.get(row.parent_id or row.parent_code)
        return known[-1].tier if known and not known[-1].is_grouping else Tier.DISTRICT

    def objections(self) -> list[Objection]:
        """Everything against any of the rows."""
        found = [*self._codes_taken(), *self._double_names(), *versions.objections_to_names(self.versions)]
        lowest = versions.upper_decision_rank()
        for row, version in zip(self.rows, self.versions, strict=True):
            found += objections_to_facts(versions.facts_of(version))
            found += objections_to_lengths(version)
            if not version.is_grouping:
                found += versions.decision_objections(
                    kind=LineageKind.ESTABLISHED,
                    name=version.name,
                    ranks=[version.rank],
                    document=version.document,
                    lowest=lowest,
                )
            found += self._superior_objections(row.parent_id, row.parent_code, "隶属单位", row)
            found += self._superior_objections(row.supervising_department_id, row.supervising_code, "主管部门", row)
        return [*found, *self._credit_codes(), *self._circles()]

    def _codes_taken(self) -> list[Objection]:
        taken = set(Organization.objects.filter(code__in=list(self.by_code)).values_list("code", flat=True))
        if len(self.by_code) < len(self.rows):
            given = [row.code for row in self.rows if row.code]
            taken |= {code for code in given if given.count(code) > 1}
        return [
            Objection("organization.code_taken", f"机构编码 {code} 已被使用。", next_step="请核对是否重复登记。")
            for code in sorted(taken)
        ]

    def _double_names(self) -> list[Objection]:
        seen: set[str] = set()
        found = []
        for row in self.rows:
            key = organisation_name_key(row.name)
            if key and key in seen:
                found.append(
                    Objection(
                        "organization.name_taken",
                        f"名称“{row.name}”在本次登记中出现不止一次，存续机构不得重名。",
                        next_step="请合并重复的行，或使用可以区分的规范全称。",
                    )
                )
            seen.add(key)
        return found

    def _superior_objections(
        self, superior_id: int | None, code: str, label: str, row: NewOrganization
    ) -> list[Objection]:
        key = superior_id or code
        if not key:
            return []
        among = self.row_of.get(code)
        if among is not None and among.effective_on <= row.effective_on and among is not row:
            return []
        days = self._known.get(key, [])
        if any(
            version.valid_from <= row.effective_on and (version.valid_to is None or version.valid_to > row.effective_on)
            for version in days
        ) and any(version.valid_to is None for version in days):
            return []
        name = days[-1].name if days else (among.name if among else str(key))
        return [
            Objection(
                "organization.superior_not_in_force",
                f"“{row.name}”的{label}“{name}”在 {row.effective_on} 未设立或已（将）撤销。",
                next_step="请核对生效日期，或另选存续的单位。",
            )
        ]

    def _circles(self) -> list[Objection]:
        """Rows that hang below themselves; only rows of the same batch can."""
        found = []
        for row in self.rows:
            seen: set[str] = set()
            above = row.parent_code
            while above in self.row_of and above not in seen:
                seen.add(above)
                above = self.row_of[above].parent_code
            if above in seen:
                found.append(
                    Objection("organization.circle", f"“{row.name}”的隶属关系成环。", next_step="请核对隶属单位。")
                )
        return found

    def _credit_codes(self) -> list[Objection]:
        found, wanted = [], []
        for row in self.rows:
            code, problems = read_credit_code(row.uscc, name=row.name, confirmed=row.uscc_confirmed)
            wanted += [code.value] if code else []
            found += problems
        return [*found, *objections_to_taken_codes(wanted)]

    def write(self, by: Actor) -> list[Organization]:
        """Insert units, versions, events and lineage, and record each unit."""
        for organization, row in zip(self.organizations, self.rows, strict=True):
            code, _ = read_credit_code(row.uscc, name=row.name, confirmed=row.uscc_confirmed)
            if code is not None:
                organization.uscc, organization.uscc_unverified = code.value, not code.is_sound
        Organization.objects.bulk_create(self.organizations, batch_size=500)
        for row, version in zip(self.rows, self.versions, strict=True):
            version.parent_id = self._resolved(row.parent_id, row.parent_code)
            version.supervising_department_id = self._resolved(row.supervising_department_id, row.supervising_code)
        OrganizationVersion.objects.bulk_create(self.versions, batch_size=200)
        events = [_event(version) for version in self.versions]
        ReorganizationEvent.objects.bulk_create(events, batch_size=500)
        parts = [
            Lineage(event=event, organization=organization)
            for event, organization in zip(events, self.organizations, strict=True)
        ]
        Lineage.objects.bulk_create(parts, batch_size=500)
        for version, event, part in zip(self.versions, events, parts, strict=True):
            _record_establishment(by, version, event, part)
        _announce(self.versions)
        return self.organizations

    def _resolved(self, superior_id: int | None, code: str) -> int | None:
        if superior_id is not None or not code:
            return superior_id
        among = self.by_code.get(code)
        return among.pk if among is not None else self._known[code][-1].organization_id


def _codes(rows: Sequence[NewOrganization]) -> list[str]:
    missing = sum(not row.code for row in rows)
    numbers = iter(next_numbers("organizations.code", missing)) if missing else iter(())
    return [row.code or f"JG{next(numbers):06d}" for row in rows]


def _superiors_in_register(
    rows: Sequence[NewOrganization], own_codes: set[str]
) -> dict[int | str, list[OrganizationVersion]]:
    """Versions, oldest first, of every superior in the register, by its id and by its code."""
    ids = {pk for row in rows for pk in (row.parent_id, row.supervising_department_id) if pk is not None}
    codes = {code for row in rows for code in (row.parent_code, row.supervising_code) if code} - own_codes
    found: dict[int | str, list[OrganizationVersion]] = {}
    for field, wanted in (("organization_id", sorted(ids)), ("organization__code", sorted(codes))):
        for start in range(0, len(wanted), versions.BATCH):
            chunk = wanted[start : start + versions.BATCH]
            current = OrganizationVersion.objects.current().filter(**{f"{field}__in": chunk})
            for version in current.select_related("organization").order_by("valid_from"):
                key = version.organization_id if field == "organization_id" else version.organization.code
                found.setdefault(key, []).append(version)
    return found


def _event(version: OrganizationVersion) -> ReorganizationEvent:
    return ReorganizationEvent(
        kind=LineageKind.ESTABLISHED,
        effective_on=version.valid_from,
        document=version.document,
        summary=f"设立{version.name}",
        facts={"name": version.name},
    )


def _record_establishment(by: Actor, version: OrganizationVersion, event: ReorganizationEvent, part: Lineage) -> None:
    organization = version.organization
    organization.known_as = version.name
    record(
        "organizations.established",
        actor=by,
        subject=organization,
        wrote=[organization, version, event, part],
        facts={"document": version.document.doc_no, "effective_on": version.valid_from, "name": version.name},
    )


def _announce(established: Sequence[OrganizationVersion]) -> None:
    if established:
        outbox.put(
            "organizations.established",
            key=established[0].organization_id,
            payload={"ids": [version.organization_id for version in established], "kind": LineageKind.ESTABLISHED},
        )
