"""Other names of a unit: nameplates it bears by approval, aliases others use."""

from datetime import date

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.names import normalise_organisation_name, organisation_name_key
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.organizations import scopes
from bianzhi.organizations.models import LineageKind, Nameplate, OrganizationAlias, OrganizationVersion
from bianzhi.organizations.selectors.units import names_on
from bianzhi.organizations.services.acts import Act
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.services.locks import lock_organization


@unit_of_work
def set_nameplate(
    *, actor: Actor, organization_id: int, document: ApprovalDocument, effective_on: date, name: str
) -> Nameplate:
    """加挂牌子 from a day on. Raises Refused for a name in use and for a unit not in force."""
    scopes.require_organization(actor, CHANGE, organization_id)
    organization = lock_organization(organization_id)
    version = _version_on(organization_id, effective_on)
    plate = Nameplate(
        organization=organization, name=normalise_organisation_name(name), document=document, valid_from=effective_on
    )
    refuse_if([*_objections_to_plate(plate, version.name), *objections_to_lengths(plate)])
    act = Act(actor, LineageKind.NAMEPLATE_CHANGED, document, effective_on)
    act.add(plate)
    act.finish("organizations.nameplate_changed", organization, name=version.name, summary=f"加挂“{plate.name}”牌子")
    return plate


@unit_of_work
def withdraw_nameplate(*, actor: Actor, nameplate_id: int, document: ApprovalDocument, effective_on: date) -> None:
    """Take a nameplate down. Raises Refused when it is down already or the day lies before it was put up."""
    plate = Nameplate.objects.get(pk=nameplate_id)
    scopes.require_organization(actor, CHANGE, plate.organization_id)
    organization = lock_organization(plate.organization_id)
    plate.refresh_from_db()
    if not plate.is_open or effective_on <= plate.valid_from:
        raise Refused(
            [
                Objection(
                    "nameplate.not_up",
                    f"“{plate.name}”牌子自 {plate.valid_from} 加挂"
                    f"{f'，已于 {plate.valid_to} 撤下' if plate.valid_to else ''}，不能自 {effective_on} 撤下。",
                    next_step="请核对生效日期。",
                )
            ]
        )
    act = Act(actor, LineageKind.NAMEPLATE_CHANGED, document, effective_on)
    act.end(plate)
    name = names_on([organization.pk], effective_on).get(organization.pk, organization.code)
    act.finish("organizations.nameplate_changed", organization, name=name, summary=f"撤下“{plate.name}”牌子")


@unit_of_work
def add_alias(*, actor: Actor, organization_id: int, name: str, source: str) -> OrganizationAlias:
    """Note a name under which files or systems know the unit; `source` says where. Given again, it is the same row.

    Raises Refused when it is blank, or when another unit goes by it: then it would prove the wrong thing.
    """
    scopes.require_organization(actor, CHANGE, organization_id)
    organization = lock_organization(organization_id)
    key = organisation_name_key(name)
    in_use = OrganizationAlias.objects.filter(name_folded=key, withdrawn_at__isnull=True)
    existing = in_use.filter(organization=organization).first()
    if existing is not None:
        return existing
    alias = OrganizationAlias(
        organization=organization, name=normalise_organisation_name(name), name_folded=key, source=source.strip()
    )
    refuse_if([*_objections_to_alias(alias), *objections_to_lengths(alias)])
    alias.save(force_insert=True)
    _record_alias(actor, "organizations.alias_added", alias)
    return alias


@unit_of_work
def withdraw_alias(*, actor: Actor, alias_id: int) -> None:
    """Stop using an alias; the row stays. Raises Refused when it was withdrawn before."""
    alias = OrganizationAlias.objects.select_for_update().select_related("organization").get(pk=alias_id)
    scopes.require_organization(actor, CHANGE, alias.organization_id)
    if alias.withdrawn_at is not None:
        raise Refused([Objection("alias.withdrawn", f"别名“{alias.name}”已停用。", next_step="请刷新页面后核对。")])
    alias.withdrawn_at = timezone.now()
    alias.save(update_fields=["withdrawn_at"])
    _record_alias(actor, "organizations.alias_withdrawn", alias)


def _record_alias(by: Actor, action: str, alias: OrganizationAlias) -> None:
    record(
        action,
        actor=by,
        subject=alias.organization,
        wrote=[alias],
        facts={"alias": alias.name, "source": alias.source},
    )
    payload = {"kind": "organizations.organization", "ids": [alias.organization_id]}
    outbox.put("search.changed", key=alias.organization_id, payload=payload)


def _version_on(organization_id: int, day: date) -> OrganizationVersion:
    """The version in force on a day of a unit that lasts. Raises Refused."""
    version = OrganizationVersion.objects.as_of(day).filter(organization=organization_id).first()
    if version is None or not OrganizationVersion.objects.open_ended().filter(organization=organization_id).exists():
        raise Refused(
            [
                Objection(
                    "organization.not_in_force",
                    f"该机构在 {day} 未设立或已（将）撤销，不能加挂牌子。",
                    next_step="请核对生效日期。",
                )
            ]
        )
    return version


def _objections_to_plate(plate: Nameplate, unit_name: str) -> list[Objection]:
    key = organisation_name_key(plate.name)
    if not key:
        return [Objection("nameplate.no_name", "牌子名称不能为空。")]
    rows = OrganizationVersion.objects.current().filter(name_folded=key)
    holders = [row.name for row in rows if row.valid_to is None or row.valid_to > plate.valid_from]
    others = Nameplate.objects.current().filter(name=plate.name).select_related("organization")
    holders += [row.name for row in others if row.valid_to is None or row.valid_to > plate.valid_from]
    if not holders:
        return []
    return [
        Objection(
            "organization.name_taken",
            f"名称“{plate.name}”已有机构（牌子）使用，“{unit_name}”不能再加挂。",
            next_step="请核对牌子名称。",
        )
    ]


def _objections_to_alias(alias: OrganizationAlias) -> list[Objection]:
    if not alias.name_folded:
        return [Objection("alias.no_name", "别名不能为空。")]
    found = []
    others = OrganizationAlias.objects.filter(name_folded=alias.name_folded, withdrawn_at__isnull=True)
    named = OrganizationVersion.objects.open_ended().filter(name_folded=alias.name_folded)
    if others.exists() or named.exists():
        found.append(
            Objection(
                "alias.taken",
                f"“{alias.name}”已是登记在册的机构名称或别名，不能再作别名。",
                next_step="请用可以区分的写法，或先停用另一机构的别名。",
            )
        )
    return found
