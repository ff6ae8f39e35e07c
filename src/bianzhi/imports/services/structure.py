"""Writing units that a file names: superiors first, with nameplates, internal bodies and other names."""

from collections.abc import Iterable, Sequence

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.numbering import next_numbers
from bianzhi.documents.models import ApprovalDocument
from bianzhi.imports.selectors.directory import Unit
from bianzhi.imports.selectors.planning import UnitDraft, UnitRef
from bianzhi.organizations.models.bodies import BodyKind
from bianzhi.organizations.services import (
    NewBody,
    NewOrganization,
    add_alias,
    add_bodies,
    establish_many,
    set_nameplate,
)

LEADERS = "领导"
FACTS = ("short_name", "org_type", "institution_class", "nature", "rank", "funding_form", "is_grouping", "duties")


@unit_of_work
def establish_drafts(*, actor: Actor, document: ApprovalDocument, drafts: Sequence[UnitDraft]) -> int:
    """Establish drafted units, all or none, and fill in their ids; returns how many there were.

    Raises Refused with everything the organisations' own rules have against any of them.
    """
    if not drafts:
        return 0
    _give_codes(drafts)
    rows = [_new(draft, order) for order, draft in enumerate(drafts, start=1)]
    for draft, organization in zip(drafts, establish_many(actor=actor, document=document, rows=rows), strict=True):
        draft.id = organization.pk
    _set_up_bodies(actor, document, drafts)
    for draft in drafts:
        _call(actor, document, draft)
    return len(drafts)


def _give_codes(drafts: Sequence[UnitDraft]) -> None:
    """Codes of their own let rows name each other as superiors."""
    without = [draft for draft in drafts if not draft.code]
    for draft, number in zip(without, next_numbers("organizations.code", len(without)) if without else (), strict=True):
        draft.code = f"JG{number:06d}"


def _new(draft: UnitDraft, order: int) -> NewOrganization:
    return NewOrganization(
        name=draft.name,
        effective_on=draft.since,
        code=draft.code,
        parent_id=_registered(draft.parent),
        parent_code=_drafted(draft.parent),
        supervising_department_id=_registered(draft.supervising),
        supervising_code=_drafted(draft.supervising),
        tier=draft.facts.get("tier") or None,
        uscc=draft.uscc,
        uscc_confirmed=True,
        sort_order=order,
        **{name: draft.facts[name] for name in FACTS if draft.facts.get(name)},
    )


def _registered(unit: UnitRef | None) -> int | None:
    return unit.id if isinstance(unit, Unit) else None


def _drafted(unit: UnitRef | None) -> str:
    return unit.code if isinstance(unit, UnitDraft) else ""


def _set_up_bodies(by: Actor, document: ApprovalDocument, drafts: Iterable[UnitDraft]) -> None:
    rows = [
        NewBody(
            organization_id=draft.id or 0,
            name=name,
            effective_on=draft.since,
            kind=BodyKind.LEADERS if name == LEADERS else BodyKind.INTERNAL,
            sort_order=order,
        )
        for draft in drafts
        if draft.bodies
        for order, name in enumerate(dict.fromkeys((LEADERS, *draft.bodies)))
    ]
    if rows:
        add_bodies(actor=by, document=document, rows=rows)


def _call(by: Actor, document: ApprovalDocument, draft: UnitDraft) -> None:
    """Nameplates and former names of one unit."""
    pk = draft.id or 0
    for name in draft.nameplates:
        set_nameplate(actor=by, organization_id=pk, name=name, document=document, effective_on=draft.since)
    for name in draft.aliases:
        add_alias(actor=by, organization_id=pk, name=name, source="导入表格")
