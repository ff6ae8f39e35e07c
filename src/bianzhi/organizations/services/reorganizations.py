"""Events in which several units have a part: 合并, 拆分, 划转.

Only the structure is kept here. Moving quota and people with it is for the app that knows people; it builds its
services on these.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.organizations import scopes
from bianzhi.organizations.models import (
    LineageKind,
    LineageRole,
    Organization,
    OrganizationVersion,
    ReorganizationEvent,
)
from bianzhi.organizations.services.acts import Act
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.services.locks import lock_structure
from bianzhi.organizations.services.versions import decision_objections

KINDS = (LineageKind.MERGED, LineageKind.SPLIT, LineageKind.TRANSFERRED)


@unit_of_work
def record_event(
    *,
    actor: Actor,
    kind: str,
    document: ApprovalDocument,
    effective_on: date,
    sources: Sequence[int],
    targets: Sequence[int],
    summary: str,
    facts: Mapping[str, Any] | None = None,
) -> ReorganizationEvent:
    """Note a merger, split or transfer in the history of every unit concerned.

    `sources` give, `targets` take. Raises Refused: R10 for any of them, units not in force on the day, no source or
    target.
    """
    if kind not in KINDS:
        raise ValueError(f"not an event of several units: {kind}")
    concerned = list(dict.fromkeys([*sources, *targets]))
    scopes.require_organization(actor, CHANGE, *concerned)
    lock_structure()
    rows = OrganizationVersion.objects.current().filter(organization__in=concerned, valid_from__lte=effective_on)
    there = {row.organization_id: row for row in rows.order_by("valid_from")}
    ranks = {row.rank for row in there.values() if row.rank}
    names = "、".join(row.name for row in there.values())
    refuse_if(
        [
            *_objections_to_parts(sources, targets, there, effective_on),
            *decision_objections(kind=kind, name=names, ranks=ranks, document=document),
        ]
    )
    act = Act(actor, kind, document, effective_on)
    parts = [(pk, LineageRole.SOURCE) for pk in dict.fromkeys(sources)]
    parts += [(pk, LineageRole.TARGET) for pk in dict.fromkeys(targets)]
    event = act.leave_event(summary=summary, parts=parts, facts=facts)
    subject = Organization.objects.get(pk=targets[0])
    told = {"sources": list(sources), "targets": list(targets), **(facts or {})}
    act.note(f"organizations.{kind}", subject, name=there[subject.pk].name, summary=summary, facts=told)
    return event


def _objections_to_parts(
    sources: Sequence[int], targets: Sequence[int], there: Mapping[int, OrganizationVersion], day: date
) -> list[Objection]:
    if not sources or not targets:
        return [Objection("reorganization.no_parts", "合并、拆分、划转须同时写明来源单位和承接单位。")]
    absent = [pk for pk in [*sources, *targets] if pk not in there]
    ended = [row.name for row in there.values() if row.valid_to is not None and row.valid_to < day]
    if not absent and not ended:
        return []
    named = "、".join([*ended, *(f"机构 {pk}" for pk in absent)])
    return [
        Objection(
            "organization.not_in_force",
            f"{named}在 {day} 未设立或已撤销。",
            next_step="请核对单位和生效日期。",
        )
    ]
