"""Changes of a unit that lives on: its name, rank, nature, funding, place, duties, joint office."""

from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.organizations import objections, scopes
from bianzhi.organizations.models import LineageKind, OrganizationVersion
from bianzhi.organizations.services import versions
from bianzhi.organizations.services.acts import Act
from bianzhi.organizations.services.locks import lock_organization

CHANGE = "organizations.change"


@unit_of_work
def rename(
    *,
    actor: Actor,
    organization_id: int,
    document: ApprovalDocument,
    effective_on: date,
    name: str,
    short_name: str = "",
) -> OrganizationVersion:
    """更名 from a day on. The old name stays searchable. Raises Refused (R10, a name in use, no change)."""
    values = {"name": name, "short_name": short_name}
    return _change(actor, LineageKind.RENAMED, organization_id, document, effective_on, values)


@unit_of_work
def change_rank(
    *, actor: Actor, organization_id: int, document: ApprovalDocument, effective_on: date, rank: str
) -> OrganizationVersion:
    """规格调整. R10 looks at the higher of the old and the new rank."""
    return _change(actor, LineageKind.RANK_CHANGED, organization_id, document, effective_on, {"rank": rank})


@unit_of_work
def change_nature(
    *,
    actor: Actor,
    organization_id: int,
    document: ApprovalDocument,
    effective_on: date,
    org_type: str,
    institution_class: str = "",
    nature: str = "",
) -> OrganizationVersion:
    """性质（类别）调整. The ledger objects when the unit holds quota its new type may not use (R05)."""
    values = {"org_type": org_type, "institution_class": institution_class, "nature": nature}
    return _change(actor, LineageKind.NATURE_CHANGED, organization_id, document, effective_on, values)


@unit_of_work
def change_funding(
    *, actor: Actor, organization_id: int, document: ApprovalDocument, effective_on: date, funding_form: str
) -> OrganizationVersion:
    """经费形式调整."""
    values = {"funding_form": funding_form}
    return _change(actor, LineageKind.FUNDING_CHANGED, organization_id, document, effective_on, values)


@unit_of_work
def change_affiliation(
    *,
    actor: Actor,
    organization_id: int,
    document: ApprovalDocument,
    effective_on: date,
    parent_id: int | None,
    supervising_department_id: int | None = None,
    tier: str | None = None,
) -> OrganizationVersion:
    """隶属调整: parent, supervising department and, where it changes with them, the tier. A circle is refused."""
    values: dict[str, Any] = {"parent_id": parent_id, "supervising_department_id": supervising_department_id}
    if tier is not None:
        values["tier"] = tier
    return _change(actor, LineageKind.AFFILIATION_CHANGED, organization_id, document, effective_on, values)


@unit_of_work
def change_duties(
    *, actor: Actor, organization_id: int, document: ApprovalDocument, effective_on: date, duties: str
) -> OrganizationVersion:
    """职责调整."""
    values = {"duties": duties.strip()}
    return _change(actor, LineageKind.DUTIES_CHANGED, organization_id, document, effective_on, values)


@unit_of_work
def set_joint_office(
    *,
    actor: Actor,
    organization_id: int,
    document: ApprovalDocument,
    effective_on: date,
    quota_holder_id: int | None,
) -> OrganizationVersion:
    """合署办公: the other unit holds the quota of both; None ends it. A holder can't itself have a holder."""
    values = {"quota_holder_id": quota_holder_id}
    return _change(actor, LineageKind.AFFILIATION_CHANGED, organization_id, document, effective_on, values)


def _change(
    by: Actor,
    kind: LineageKind,
    organization_id: int,
    document: ApprovalDocument,
    effective_on: date,
    values: dict[str, Any],
) -> OrganizationVersion:
    """End the open version, begin the next with the new values, leave event and record.

    Two changes on one day make one version: the first is superseded by one that states both.
    """
    referred = [values[field] for field in ("parent_id", "supervising_department_id") if values.get(field)]
    scopes.require_organization(by, CHANGE, organization_id, *referred)
    organization = lock_organization(organization_id)
    before = versions.open_version(organization, effective_on)
    facts = versions.facts_of(before) | values
    after = versions.new_version(organization, facts, valid_from=effective_on, document=document)
    changes = versions.difference(before, after)
    proposal = objections.Proposal(kind, organization_id, effective_on, before, after)
    refuse_if(
        [
            *_unchanged(before, changes),
            *versions.objections_to_version(after, before=before, kind=kind, document=document),
            *_holds_for_others(after, values.get("quota_holder_id")),
            *objections.to_proposal(proposal),
        ]
    )
    act = Act(by, kind, document, effective_on)
    act.end(before)
    act.add(after)
    summary = versions.in_words(changes, effective_on)
    act.finish(f"organizations.{kind}", organization, name=after.name, summary=summary, facts={"changes": changes})
    return after


def _unchanged(before: OrganizationVersion, changes: dict[str, list[Any]]) -> list[Objection]:
    if changes:
        return []
    return [
        Objection(
            "organization.unchanged",
            f"“{before.name}”的登记内容与所填内容相同，没有变化。",
            next_step="请核对后再提交。",
        )
    ]


def _holds_for_others(after: OrganizationVersion, quota_holder_id: int | None) -> list[Objection]:
    """A unit that holds the quota of others can't put its own into a third one's hands."""
    if quota_holder_id is None:
        return []
    others = OrganizationVersion.objects.open_ended().filter(quota_holder=after.organization_id).count()
    if not others:
        return []
    return [
        Objection(
            "organization.superior_unfit",
            f"“{after.name}”是另外 {others} 个单位的合署主体，不能再以别的单位为合署主体。",
            figures={"others": others},
            next_step="请先调整那些单位的合署关系。",
        )
    ]
