"""Internal bodies (内设机构): set up, changed, moved to another unit, closed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.numbering import next_numbers
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.names import normalise_organisation_name, organisation_name_key
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.organizations import objections, scopes
from bianzhi.organizations.models import (
    InternalBody,
    InternalBodyVersion,
    Lineage,
    LineageKind,
    Organization,
    OrganizationVersion,
    ReorganizationEvent,
)
from bianzhi.organizations.models.bodies import BodyKind
from bianzhi.organizations.selectors.units import names_on
from bianzhi.organizations.services.acts import Act
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.services.locks import lock_organization, lock_structure

KIND = LineageKind.BODIES_CHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBody:
    """An internal body to be set up; without a `code` one is given out."""

    organization_id: int
    name: str
    effective_on: date
    kind: str = BodyKind.INTERNAL
    rank: str = ""
    duties: str = ""
    sort_order: int = 0
    code: str = ""


@unit_of_work
def add_body(*, actor: Actor, document: ApprovalDocument, body: NewBody) -> InternalBodyVersion:
    """Set up one internal body. Raises Refused: the unit is not in force, the name is taken in it, unknown codes."""
    return add_bodies(actor=actor, document=document, rows=[body])[0]


@unit_of_work
def add_bodies(*, actor: Actor, document: ApprovalDocument, rows: Sequence[NewBody]) -> list[InternalBodyVersion]:
    """Set up many with a constant number of queries; one event for each unit and day. All or nothing."""
    scopes.require_organization(actor, CHANGE, *{row.organization_id for row in rows})
    lock_structure()
    versions = _new_versions(rows, document)
    refuse_if([*_objections_to_units(versions), *_objections_to_names(versions), *_objections_to_facts(versions)])
    InternalBody.objects.bulk_create([version.body for version in versions], batch_size=500)
    InternalBodyVersion.objects.bulk_create(versions, batch_size=500)
    _record_additions(actor, document, versions)
    return versions


def _new_versions(rows: Sequence[NewBody], document: ApprovalDocument) -> list[InternalBodyVersion]:
    missing = sum(not row.code for row in rows)
    numbers = iter(next_numbers("organizations.body", missing)) if missing else iter(())
    return [
        InternalBodyVersion(
            body=InternalBody(code=row.code or f"NS{next(numbers):06d}"),
            organization_id=row.organization_id,
            name=normalise_organisation_name(row.name),
            kind=row.kind,
            rank=row.rank,
            duties=row.duties.strip(),
            sort_order=row.sort_order,
            valid_from=row.effective_on,
            document=document,
        )
        for row in rows
    ]


def _record_additions(by: Actor, document: ApprovalDocument, added: Sequence[InternalBodyVersion]) -> None:
    groups: dict[tuple[int, date], list[InternalBodyVersion]] = defaultdict(list)
    for version in added:
        groups[version.organization_id, version.valid_from].append(version)
    units = Organization.objects.in_bulk({organization_id for organization_id, _ in groups})
    events, parts = [], []
    for (organization_id, day), versions in groups.items():
        names = "、".join(version.name for version in versions)
        event = ReorganizationEvent(
            kind=KIND, effective_on=day, document=document, summary=f"设立{names}"[:500], facts={"added": len(versions)}
        )
        events.append(event)
        parts.append(Lineage(event=event, organization_id=organization_id))
    ReorganizationEvent.objects.bulk_create(events, batch_size=500)
    Lineage.objects.bulk_create(parts, batch_size=500)
    for ((organization_id, day), versions), event, part in zip(groups.items(), events, parts, strict=True):
        record(
            "organizations.bodies_changed",
            actor=by,
            subject=units[organization_id],
            wrote=[row for version in versions for row in (version.body, version)] + [event, part],
            facts={"document": document.doc_no, "effective_on": day, "summary": event.summary},
        )
    if events:
        ids = sorted(units)
        outbox.put("organizations.bodies_changed", key=ids[0], payload={"ids": ids, "kind": KIND})


@unit_of_work
def change_body(
    *,
    actor: Actor,
    body_id: int,
    document: ApprovalDocument,
    effective_on: date,
    changes: Mapping[str, Any],
) -> InternalBodyVersion:
    """Rename an internal body or change its kind, rank, duties or order; `changes` are any of these by field name."""
    if unknown := set(changes) - {"name", "kind", "rank", "duties", "sort_order"}:
        raise TypeError(f"not a fact of an internal body: {', '.join(sorted(unknown))}")
    before = _open_version(body_id, effective_on)
    scopes.require_organization(actor, CHANGE, before.organization_id)
    return _succeed(actor, before, document, effective_on, changes)


@unit_of_work
def move_body(
    *, actor: Actor, body_id: int, organization_id: int, document: ApprovalDocument, effective_on: date
) -> InternalBodyVersion:
    """划转 an internal body to another unit. Refused while its people still belong to the old one."""
    before = _open_version(body_id, effective_on)
    scopes.require_organization(actor, CHANGE, before.organization_id, organization_id)
    proposal = objections.Proposal(KIND, before.organization_id, effective_on, body_id=body_id)
    refuse_if(objections.to_proposal(proposal))
    return _succeed(actor, before, document, effective_on, {"organization_id": organization_id})


@unit_of_work
def close_body(*, actor: Actor, body_id: int, document: ApprovalDocument, effective_on: date) -> None:
    """Close an internal body. Refused while any registered provider objects (people or quota remain in it)."""
    version = _open_version(body_id, effective_on)
    scopes.require_organization(actor, CHANGE, version.organization_id)
    organization = lock_organization(version.organization_id)
    proposal = objections.Proposal(KIND, organization.pk, effective_on, body_id=body_id)
    refuse_if(objections.to_proposal(proposal))
    act = Act(actor, KIND, document, effective_on)
    act.end(version)
    name = names_on([organization.pk], effective_on).get(organization.pk, organization.code)
    act.finish("organizations.bodies_changed", organization, name=name, summary=f"撤销{version.name}")


def _open_version(body_id: int, effective_on: date) -> InternalBodyVersion:
    """The version that a change of that day ends, the structure locked. Raises Refused when there is none."""
    lock_structure()
    version = InternalBodyVersion.objects.open_ended().filter(body=body_id).select_related("body").first()
    if version is None:
        raise Refused([Objection("body.ended", "该内设机构已撤销，不能再办理变更。", next_step="请刷新页面后核对。")])
    if effective_on < version.valid_from:
        raise Refused(
            [
                Objection(
                    "body.before_later_version",
                    f"“{version.name}”的现状自 {version.valid_from} 起，生效日期 {effective_on} 早于该日。",
                    next_step="请核对生效日期。",
                )
            ]
        )
    return version


def _succeed(
    by: Actor,
    before: InternalBodyVersion,
    document: ApprovalDocument,
    effective_on: date,
    changes: Mapping[str, Any],
) -> InternalBodyVersion:
    """End a version and begin the next; leaves the event with the unit it belonged to and the one it comes to."""
    facts = {
        field: getattr(before, field) for field in ("organization_id", "name", "kind", "rank", "duties", "sort_order")
    } | dict(changes)
    facts["name"] = normalise_organisation_name(str(facts["name"]))
    after = InternalBodyVersion(body=before.body, valid_from=effective_on, document=document, **facts)
    changed = {
        field: [getattr(before, field), value] for field, value in facts.items() if getattr(before, field) != value
    }
    unchanged = Objection("body.unchanged", f"“{before.name}”没有变化。", next_step="请修改后再提交。")
    refuse_if(
        [
            *([] if changed else [unchanged]),
            *_objections_to_units([after]),
            *_objections_to_names([after]),
            *_objections_to_facts([after]),
        ]
    )
    act = Act(by, KIND, document, effective_on)
    act.end(before)
    act.add(after)
    unit_ids = list(dict.fromkeys([before.organization_id, after.organization_id]))
    names = names_on(unit_ids, effective_on)
    summary = _in_words(before, changed, names)
    act.leave_event(summary=summary, parts=[(pk, "subject") for pk in unit_ids], facts={"changes": changed})
    organization = Organization.objects.get(pk=after.organization_id)
    act.note("organizations.bodies_changed", organization, name=names[organization.pk], summary=summary)
    return after


def _in_words(before: InternalBodyVersion, changed: Mapping[str, list[Any]], names: Mapping[int, str]) -> str:
    told = []
    for field, (old, new) in changed.items():
        if field == "name":
            told.append(f"更名为“{new}”")
        elif field == "organization_id":
            told.append(f"由{names.get(old, old)}划入{names.get(new, new)}")
        elif field == "rank":
            told.append(f"规格调整为{codes('organization_rank').label(new) or '无'}")
        elif field == "kind":
            told.append(f"种类调整为{BodyKind(new).label}")
        else:
            told.append("职责调整" if field == "duties" else "排序调整")
    return f"{before.name}：{'，'.join(told)}"


def _objections_to_units(added: Sequence[InternalBodyVersion]) -> list[Objection]:
    """Each body's unit must be in force on its first day, lasting, and a unit at all."""
    ids = {version.organization_id for version in added}
    lives: dict[int, list[OrganizationVersion]] = defaultdict(list)
    for row in OrganizationVersion.objects.current().filter(organization__in=ids):
        lives[row.organization_id].append(row)
    found: dict[tuple[int, str], Objection] = {}
    for version in added:
        rows = lives.get(version.organization_id, [])
        begun = any(row.valid_from <= version.valid_from for row in rows)
        if not begun or not any(row.valid_to is None for row in rows):
            name = rows[-1].name if rows else f"机构 {version.organization_id}"
            found[version.organization_id, "life"] = Objection(
                "body.unit_not_in_force",
                f"“{name}”在 {version.valid_from} 未设立或已（将）撤销，不能设内设机构。",
                next_step="请核对生效日期或所属单位。",
            )
        elif any(row.is_grouping for row in rows):
            found[version.organization_id, "grouping"] = Objection(
                "body.unit_is_grouping", f"“{rows[-1].name}”只是机构树上的分组，不能设内设机构。"
            )
    return list(found.values())


def _objections_to_names(added: Sequence[InternalBodyVersion]) -> list[Objection]:
    """Within one unit a name belongs to one body at a time."""
    current = InternalBodyVersion.objects.current().filter(organization__in={v.organization_id for v in added})
    taken = {
        (row.organization_id, organisation_name_key(row.name)): row
        for row in current.filter(valid_to__isnull=True)
        if row.body_id not in {version.body_id for version in added}
    }
    found = []
    for version in added:
        key = (version.organization_id, organisation_name_key(version.name))
        if key in taken:
            found.append(
                Objection(
                    "body.name_taken",
                    f"该单位已有内设机构“{version.name}”。",
                    next_step="请核对是否重复登记。",
                )
            )
        taken[key] = version
    return found


def _objections_to_facts(added: Sequence[InternalBodyVersion]) -> list[Objection]:
    found = objections_to_lengths(*added)
    for version in added:
        if not version.name:
            found.append(Objection("body.no_name", "内设机构名称不能为空。"))
        if version.kind not in BodyKind.values:
            found.append(Objection("body.unknown_kind", f"内设机构种类“{version.kind}”不在可选范围内。"))
        if version.rank and version.rank not in codes("organization_rank"):
            found.append(Objection("body.unknown_rank", f"机构规格代码“{version.rank}”不在代码表中。"))
    return found
