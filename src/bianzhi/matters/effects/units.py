"""设立、更名、调整: what concerns one unit (P07)."""

from collections.abc import Sequence
from typing import Any, Final

from bianzhi.kernel.names import organisation_name_key
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.ledger.models import EntryKind, LedgerEntry
from bianzhi.ledger.services import allot
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.rules import establishment as said
from bianzhi.organizations.models import Nameplate, OrganizationVersion
from bianzhi.organizations.selectors.units import as_of, nameplates
from bianzhi.organizations.services import (
    NewBody,
    NewOrganization,
    add_bodies,
    change_affiliation,
    change_funding,
    change_nature,
    change_rank,
    establish,
    rename,
    set_nameplate,
    withdraw_nameplate,
)

FACTS: Final = ("name", "short_name", "org_type", "institution_class", "nature", "rank", "funding_form", "duties")
"""What a form says of a unit to be established, under the names the register has."""
NATURE: Final = ("org_type", "institution_class", "nature")


def establish_unit(order: Order) -> Done:
    """设立 a unit with its internal bodies, quota and posts. Raises Refused: R05, R06, R10, R11, a name in use."""
    form = order.form
    facts: dict[str, Any] = {name: str(form.get(name) or "") for name in FACTS}
    unit = establish(
        actor=order.actor,
        document=order.document,
        organization=NewOrganization(
            effective_on=order.day,
            parent_id=said.identifier(form, "parent"),
            supervising_department_id=said.identifier(form, "supervising_department"),
            **facts,
        ),
    )
    set_up_bodies(order, unit.pk, said.rows(form, "bodies"))
    held = {**said.amounts(form, "quota"), **said.posts(form)}
    granted = {measure: number for measure, number in held.items() if number}
    entries: list[LedgerEntry] = []
    if granted:
        posted = allot(
            actor=order.actor,
            basis=order.basis,
            organization_id=unit.pk,
            amounts=granted,
            kind=EntryKind.ESTABLISHED,
        )
        entries.append(posted)
    return Done(f"设立“{form['name']}”", (unit.pk,), entries=tuple(entries))


def set_up_bodies(order: Order, organization_id: int, rows: Sequence[said.Row]) -> dict[str, int]:
    """Set up internal bodies in the order they are written; their ids by name."""
    if not rows:
        return {}
    new = [
        NewBody(
            organization_id=organization_id,
            name=str(row["name"]),
            effective_on=order.day,
            rank=str(row.get("rank") or ""),
            duties=str(row.get("duties") or ""),
            sort_order=number,
        )
        for number, row in enumerate(rows, start=1)
    ]
    versions = add_bodies(actor=order.actor, document=order.document, rows=new)
    return {version.name: version.body_id for version in versions}


def rename_unit(order: Order) -> Done:
    """更名, 加挂牌子, 撤下牌子: whichever of them the form asks for."""
    form, unit_id = order.form, int(order.form["unit"])
    told = []
    if name := said.text(form, "name"):
        rename(
            actor=order.actor,
            organization_id=unit_id,
            document=order.document,
            effective_on=order.day,
            name=name,
            short_name=said.text(form, "short_name"),
        )
        told.append(f"更名为“{name}”")
    if plate := said.text(form, "nameplate"):
        set_nameplate(
            actor=order.actor, organization_id=unit_id, document=order.document, effective_on=order.day, name=plate
        )
        told.append(f"加挂“{plate}”牌子")
    if old := said.text(form, "nameplate_off"):
        plate_id = _plate(order, unit_id, old).pk
        withdraw_nameplate(actor=order.actor, nameplate_id=plate_id, document=order.document, effective_on=order.day)
        told.append(f"撤下“{old}”牌子")
    return Done("，".join(told), (unit_id,))


def _plate(order: Order, unit_id: int, name: str) -> Nameplate:
    """The nameplate of a unit that bears a name on the day. Raises Refused when there is none."""
    key = organisation_name_key(name)
    borne = list(nameplates(unit_id, order.day))
    for row in borne:
        if organisation_name_key(row.name) == key:
            return row
    others = f"现有牌子：{'、'.join(row.name for row in borne)}。" if borne else "该单位没有加挂牌子。"
    raise Refused([Objection("nameplate.not_up", f"没有“{name}”这块牌子。{others}", next_step="请核对牌子名称。")])


def change_unit(order: Order) -> Done:
    """性质、规格、经费、隶属调整: whichever the form states otherwise than the register does."""
    unit_id = int(order.form["unit"])
    version = as_of(unit_id, order.day)
    told = []
    if version is not None:
        told = [
            *_change_nature(order, version),
            *_change_plain(order, version),
            *_change_affiliation(order, version),
        ]
    return Done(f"调整{'、'.join(told)}", (unit_id,))


def changed_facts(form: said.Form, version: OrganizationVersion) -> dict[str, Any]:
    """The facts of a change form that differ from a version; what is left blank stays as it is."""
    wanted: dict[str, Any] = {
        name: str(form[name]) for name in (*NATURE, "rank", "funding_form", "tier") if form.get(name)
    }
    for name in ("parent", "supervising_department"):
        if (pk := said.identifier(form, name)) is not None:
            wanted[f"{name}_id"] = pk
    return {name: value for name, value in wanted.items() if getattr(version, name) != value}


def _change_nature(order: Order, version: OrganizationVersion) -> list[str]:
    changed = changed_facts(order.form, version)
    if not set(changed) & set(NATURE):
        return []
    facts = {name: changed.get(name, getattr(version, name)) for name in NATURE}
    if facts["org_type"] != said.INSTITUTION:
        facts["institution_class"] = ""
    change_nature(
        actor=order.actor,
        organization_id=version.organization_id,
        document=order.document,
        effective_on=order.day,
        **facts,
    )
    return ["性质（类别）"]


def _change_plain(order: Order, version: OrganizationVersion) -> list[str]:
    changed = changed_facts(order.form, version)
    told = []
    if "rank" in changed:
        change_rank(
            actor=order.actor,
            organization_id=version.organization_id,
            document=order.document,
            effective_on=order.day,
            rank=changed["rank"],
        )
        told.append("规格")
    if "funding_form" in changed:
        change_funding(
            actor=order.actor,
            organization_id=version.organization_id,
            document=order.document,
            effective_on=order.day,
            funding_form=changed["funding_form"],
        )
        told.append("经费形式")
    return told


def _change_affiliation(order: Order, version: OrganizationVersion) -> list[str]:
    changed = changed_facts(order.form, version)
    if not set(changed) & {"parent_id", "supervising_department_id", "tier"}:
        return []
    change_affiliation(
        actor=order.actor,
        organization_id=version.organization_id,
        document=order.document,
        effective_on=order.day,
        parent_id=changed.get("parent_id", version.parent_id),
        supervising_department_id=changed.get("supervising_department_id", version.supervising_department_id),
        tier=changed.get("tier"),
    )
    return ["隶属"]
