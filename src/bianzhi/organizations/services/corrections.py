"""Corrections of what was registered wrongly: the wrong row is superseded, the right one takes its place (R26)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.organizations import objections, scopes
from bianzhi.organizations.models import (
    InternalBodyVersion,
    LineageKind,
    Nameplate,
    Organization,
    OrganizationVersion,
)
from bianzhi.organizations.services import versions
from bianzhi.organizations.services.abolition import BELOW
from bianzhi.organizations.services.acts import Act
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.services.locks import lock_organization

KIND = LineageKind.CORRECTED


@unit_of_work
def correct_version(
    *,
    actor: Actor,
    version_id: int,
    document: ApprovalDocument,
    reason: str,
    changes: Mapping[str, Any],
    valid_from: date | None = None,
) -> OrganizationVersion:
    """Put right the facts of one version, and where `valid_from` is given, the day it began.

    The version before then ends on the new day. Other versions keep their facts. Raises Refused without a reason,
    without a change, for a version corrected before, and for a day outside the neighbouring versions.
    """
    wrong, organization = _locked(actor, version_id, changes)
    start = valid_from or wrong.valid_from
    previous = _before(wrong)
    right = _corrected(wrong, document, changes, start=start, end=wrong.valid_to)
    altered = versions.difference(wrong, right)
    if start != wrong.valid_from:
        altered["valid_from"] = [wrong.valid_from, start]
    later = previous is None and start > wrong.valid_from
    proposal = objections.Proposal(KIND, organization.pk, start, wrong, right, begins_later=later)
    refuse_if(
        [
            *_objections_to_correction(wrong, reason, altered),
            *_objections_to_start(wrong, previous, start),
            *versions.objections_to_version(right, before=wrong, kind=KIND, document=document),
            *objections.to_proposal(proposal),
        ]
    )
    act = Act(actor, KIND, document, start)
    act.supersede(wrong)
    if previous is not None and start != wrong.valid_from:
        act.supersede(previous)
        act.add(_copied(previous, end=start))
    act.add(right)
    _finish(act, organization, right, altered, reason)
    return right


@unit_of_work
def insert_version(
    *,
    actor: Actor,
    organization_id: int,
    document: ApprovalDocument,
    effective_on: date,
    reason: str,
    changes: Mapping[str, Any],
) -> OrganizationVersion:
    """Register belatedly a change of the past: the version of that day is parted, the second part has the new facts.

    Later versions keep theirs. Raises Refused when no version was in force on the day or one began on it.
    """
    scopes.require_organization(actor, CHANGE, organization_id)
    parted = OrganizationVersion.objects.as_of(effective_on).filter(organization=organization_id).first()
    if parted is None or parted.valid_from == effective_on:
        raise Refused(
            [
                Objection(
                    "organization.nothing_to_part",
                    f"该机构在 {effective_on} 未设立、已撤销，或恰有一次变更自该日生效。",
                    next_step="请核对日期；当日已有变更的，请更正该次变更。",
                )
            ]
        )
    parted, organization = _locked(actor, parted.pk, changes)
    inserted = _corrected(parted, document, changes, start=effective_on, end=parted.valid_to)
    altered = versions.difference(parted, inserted)
    refuse_if(
        [
            *_objections_to_correction(parted, reason, altered),
            *versions.objections_to_version(inserted, before=parted, kind=KIND, document=document),
            *objections.to_proposal(objections.Proposal(KIND, organization.pk, effective_on, parted, inserted)),
        ]
    )
    act = Act(actor, KIND, document, effective_on)
    act.supersede(parted)
    act.add(_copied(parted, end=effective_on))
    act.add(inserted)
    _finish(act, organization, inserted, altered, reason)
    return inserted


def _locked(by: Actor, version_id: int, changes: Mapping[str, Any]) -> tuple[OrganizationVersion, Organization]:
    if unknown := set(changes) - set(versions.FACTS):
        raise TypeError(f"not a fact of a version: {', '.join(sorted(unknown))}")
    version = OrganizationVersion.objects.get(pk=version_id)
    scopes.require_organization(by, CHANGE, version.organization_id)
    organization = lock_organization(version.organization_id)
    version.refresh_from_db()
    return version, organization


def _before(version: OrganizationVersion) -> OrganizationVersion | None:
    earlier = OrganizationVersion.objects.current().filter(
        organization=version.organization_id, valid_from__lt=version.valid_from
    )
    return earlier.order_by("-valid_from").first()


def _corrected(
    wrong: OrganizationVersion,
    document: ApprovalDocument,
    changes: Mapping[str, Any],
    *,
    start: date,
    end: date | None,
) -> OrganizationVersion:
    facts = versions.facts_of(wrong) | dict(changes)
    right = versions.new_version(wrong.organization, facts, valid_from=start, document=document)
    right.valid_to = end
    return right


def _copied(version: OrganizationVersion, *, end: date) -> OrganizationVersion:
    """The same facts by the same document, ended on another day."""
    copy = versions.new_version(
        version.organization, versions.facts_of(version), valid_from=version.valid_from, document=version.document
    )
    copy.valid_to = end
    return copy


def _objections_to_correction(
    wrong: OrganizationVersion, reason: str, altered: Mapping[str, list[Any]]
) -> list[Objection]:
    found = []
    if wrong.superseded_at is not None:
        found.append(
            Objection("correction.superseded", "该记录已被更正过，不再有效。", next_step="请刷新页面，更正现行的记录。")
        )
    if len(reason.strip()) < 4:
        found.append(Objection("correction.no_reason", "更正须写明理由（不少于 4 个字）。"))
    if not altered:
        found.append(Objection("organization.unchanged", "没有任何内容需要更正。", next_step="请修改后再提交。"))
    return found


def _objections_to_start(
    wrong: OrganizationVersion, previous: OrganizationVersion | None, start: date
) -> list[Objection]:
    if start == wrong.valid_from:
        return []
    if (wrong.valid_to is not None and start >= wrong.valid_to) or (previous and start <= previous.valid_from):
        since = previous.valid_from if previous else "设立"
        return [
            Objection(
                "correction.outside",
                f"起始日期 {start} 不在前后两次变更之间（{since} 之后、{wrong.valid_to or '至今'} 之前）。",
                next_step="请核对日期，或先更正前后的变更。",
            )
        ]
    return [] if previous else _begun_before(wrong, start)


def _begun_before(first: OrganizationVersion, start: date) -> list[Objection]:
    """A later establishment must not leave what hangs on the unit older than itself: bodies, plates, other units."""
    if start < first.valid_from:
        return []
    pk = first.organization_id
    units = OrganizationVersion.objects.current().filter(valid_from__lt=start)
    older = {
        **{label: units.filter(**{field: pk}).count() for field, label in BELOW},
        "内设机构": InternalBodyVersion.objects.current().filter(organization=pk, valid_from__lt=start).count(),
        "加挂牌子": Nameplate.objects.current().filter(organization=pk, valid_from__lt=start).count(),
    }
    figures = {name: number for name, number in older.items() if number}
    if not figures:
        return []
    words = "、".join(f"{name} {number} 个" for name, number in figures.items())
    return [
        Objection(
            "correction.older_below",
            f"{words}早于 {start} 就已登记。",
            figures=figures,
            next_step="请先更正它们的起始日期。",
        )
    ]


def _finish(
    act: Act, organization: Organization, right: OrganizationVersion, altered: Mapping[str, list[Any]], reason: str
) -> None:
    told = versions.in_words(altered, act.effective_on)
    act.finish(
        "organizations.corrected",
        organization,
        name=right.name,
        summary=f"{told}（更正：{reason.strip()}）",
        facts={
            "reason": reason.strip(),
            "changes": {field: [_plain(old), _plain(new)] for field, (old, new) in altered.items()},
        },
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
