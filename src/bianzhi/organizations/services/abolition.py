"""撤销: how a unit leaves the register."""

from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.organizations import objections, scopes
from bianzhi.organizations.models import (
    InternalBodyVersion,
    LineageKind,
    Nameplate,
    OrganizationVersion,
    ReorganizationEvent,
)
from bianzhi.organizations.services import versions
from bianzhi.organizations.services.acts import Act
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.services.locks import lock_organization

BELOW = (("parent", "下级机构"), ("supervising_department", "所主管的单位"), ("quota_holder", "合署单位"))


@unit_of_work
def abolish(
    *,
    actor: Actor,
    organization_id: int,
    document: ApprovalDocument,
    effective_on: date,
    summary: str = "",
    because_of: ReorganizationEvent | None = None,
) -> ReorganizationEvent:
    """撤销 a unit: its version, internal bodies and nameplates end on the day.

    Refused while units hang under it and while any registered provider objects (people, quota or posts remain). With
    `because_of`, the merger or split whose event already names the unit, no further event is written. Returns the
    event in whose name the unit ended.
    """
    scopes.require_organization(actor, CHANGE, organization_id)
    organization = lock_organization(organization_id)
    version = versions.open_version(organization, effective_on)
    proposal = objections.Proposal(LineageKind.ABOLISHED, organization_id, effective_on, before=version)
    refuse_if(
        [
            *versions.decision_objections(
                kind=LineageKind.ABOLISHED, name=version.name, ranks=[version.rank], document=document
            ),
            *_never_lived(version, effective_on),
            *_hanging_below(version, effective_on),
            *objections.to_proposal(proposal),
        ]
    )
    act = Act(actor, LineageKind.ABOLISHED, document, effective_on)
    for row in _of_the_unit(organization_id, effective_on):
        act.end(row)
    told = summary or f"撤销{version.name}"
    action = "organizations.abolished"
    if because_of is None:
        return act.finish(action, organization, name=version.name, summary=told)
    act.note(action, organization, name=version.name, summary=told, facts={"event": because_of.pk})
    return because_of


def _of_the_unit(organization_id: int, day: date) -> list[Any]:
    """Everything of the unit that lasts beyond a day: versions, internal bodies, nameplates."""
    rows: list[Any] = []
    for model in (OrganizationVersion, InternalBodyVersion, Nameplate):
        current = model.objects.current().filter(organization=organization_id)
        rows += [row for row in current if row.valid_to is None or row.valid_to > day]
    return rows


def _never_lived(version: OrganizationVersion, effective_on: date) -> list[Objection]:
    earlier = OrganizationVersion.objects.current().filter(
        organization=version.organization_id, valid_from__lt=effective_on
    )
    if earlier.exists():
        return []
    return [
        Objection(
            "organization.never_lived",
            f"“{version.name}”于 {version.valid_from} 设立，不能在同一天撤销。",
            next_step="请核对生效日期。",
        )
    ]


def _hanging_below(version: OrganizationVersion, day: date) -> list[Objection]:
    """Units that would lose their superior, supervising department or quota holder."""
    found = []
    for field, words in BELOW:
        current = OrganizationVersion.objects.current().filter(**{field: version.organization_id})
        names = [row.name for row in current if row.valid_to is None or row.valid_to > day]
        if names:
            shown = "、".join(names[:3]) + ("等" if len(names) > 3 else "")
            found.append(
                Objection(
                    "organization.units_below",
                    f"“{version.name}”还有 {len(names)} 个{words}（{shown}），不能撤销。",
                    figures={"count": len(names)},
                    next_step="请先调整它们的隶属、主管或合署关系，或一并撤销。",
                )
            )
    return found
