"""The units of a package's items: what it tells of them, and finding or entering them where it comes to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.services import register_document
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.organizations.models import LineageKind, Organization, OrganizationVersion
from bianzhi.organizations.selectors.units import nearest
from bianzhi.organizations.services.versions import new_version, objections_to_names

FACTS: Final = (
    *("name", "short_name", "org_type", "institution_class", "nature", "rank", "funding_form", "tier"),
    *("is_grouping", "duties", "sort_order"),
)
DOCUMENT: Final = ("doc_no", "title", "issuer", "issuer_level", "kind", "issued_on", "note")


def units_of(organizations: Iterable[Organization]) -> list[dict[str, Any]]:
    """What a package tells of units and of those above them, so that they can be established elsewhere."""
    found: dict[int, dict[str, Any]] = {}
    waiting = [organization.pk for organization in organizations]
    while waiting:
        pk = waiting.pop()
        version = nearest(pk, clock.today()) if pk not in found else None
        if version is not None:
            found[pk] = _told(version)
            waiting += [key for key in (version.parent_id, version.supervising_department_id) if key is not None]
    return sorted(found.values(), key=lambda unit: unit["code"])


def _told(version: OrganizationVersion) -> dict[str, Any]:
    first = version.organization.versions.order_by("valid_from").first() or version
    document = {name: getattr(version.document, name) for name in DOCUMENT}
    return {
        **{name: getattr(version, name) for name in FACTS},
        "code": version.organization.code,
        "uscc": version.organization.uscc,
        "uscc_unverified": version.organization.uscc_unverified,
        "since": first.valid_from.isoformat(),
        "parent": version.parent.code if version.parent else None,
        "supervising": version.supervising_department.code if version.supervising_department else None,
        "document": {**document, "issued_on": version.document.issued_on.isoformat()},
    }


@unit_of_work
def found_units(
    *, actor: Actor, told: Iterable[Mapping[str, Any]], used: Collection[str], creates: bool
) -> dict[str, Organization]:
    """The units of a package by code. Those missing are established as the package tells, if `creates`.

    Raises Refused (archives.units_missing) when units of items are missing and are not to be established, and
    Denied without organizations.change.
    """
    by_code = {unit["code"]: unit for unit in told}
    known = {unit.code: unit for unit in Organization.objects.filter(code__in={*by_code, *used})}
    missing = sorted(set(used) - set(known))
    if not missing:
        return known
    if not creates or any(code not in by_code for code in missing):
        names = "、".join(f"{by_code.get(code, {}).get('name', '')}（{code}）" for code in missing[:10])
        message = f"机构树中没有移交包里的 {len(missing)} 个单位：{names}。"
        step = "请先建立这些单位，或在接收时选择“按包中记载建立缺少的单位”"
        refuse_if([Objection("archives.units_missing", message, next_step=step)])
    made = _establish(actor, [by_code[code] for code in by_code if code not in known])
    return known | {unit.code: unit for unit in made}


def _establish(actor: Actor, told: Sequence[Mapping[str, Any]]) -> list[Organization]:
    """Units as another register holds them: the decisions about them were made there, so R10 is not asked again."""
    policies.require(actor, "organizations.change")
    units = {unit["code"]: Organization.objects.create(code=unit["code"], **_credit_code(unit)) for unit in told}
    known = {unit.code: unit for unit in Organization.objects.filter(code__in=_superiors(told))}
    rows = [_version(actor, unit, units[unit["code"]], known) for unit in told]
    refuse_if(objections_to_names(rows))
    for version in rows:
        version.save()
        organization = version.organization
        organization.known_as = version.name
        facts = {"code": organization.code, "name": version.name}
        record("archives.unit_adopted", actor=actor, subject=organization, wrote=[organization, version], facts=facts)
    ids = [organization.pk for organization in units.values()]
    outbox.put("organizations.established", key=ids[0], payload={"ids": ids, "kind": LineageKind.ESTABLISHED})
    return list(units.values())


def _credit_code(unit: Mapping[str, Any]) -> dict[str, Any]:
    return {"uscc": unit["uscc"], "uscc_unverified": unit["uscc_unverified"]}


def _superiors(told: Iterable[Mapping[str, Any]]) -> set[str]:
    return {code for unit in told for code in (unit["parent"], unit["supervising"]) if code}


def _version(
    actor: Actor, unit: Mapping[str, Any], organization: Organization, known: Mapping[str, Organization]
) -> OrganizationVersion:
    document = register_document(
        actor=actor, **{**unit["document"], "issued_on": date.fromisoformat(unit["document"]["issued_on"])}
    )
    superiors = {"parent_id": unit["parent"], "supervising_department_id": unit["supervising"]}
    facts = {name: unit[name] for name in FACTS} | {
        name: known[code].pk if code in known else None for name, code in superiors.items()
    }
    return new_version(organization, facts, valid_from=date.fromisoformat(unit["since"]), document=document)
