"""Persons of the register: registering, changing and revealing (R14, R16; P11)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.identifiers.id_number import IdNumberError, normalise_id_number, parse_id_number
from bianzhi.kernel.names import normalise_person_name, person_name_key
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.kernel.pinyin import initials, person_pinyin
from bianzhi.kernel.retirement import default_category
from bianzhi.personnel.models import Occupancy, Person, PersonChange
from bianzhi.personnel.rules.persons import (
    LOCKED_FIELDS,
    SOFT_FIELDS,
    Identity,
    objections_to_codes,
    objections_to_identity,
)
from bianzhi.personnel.services.authority import require
from bianzhi.personnel.services.decisions import explained
from bianzhi.personnel.services.locking import lock_persons

DATES = frozenset(
    {
        "born_on",
        "certified_born_on",
        "started_work_on",
        "civil_service_registered_on",
        "retirement_override_on",
        "joined_party_on",
        "grade_since",
    }
)
EMPTY_DATES = DATES - {"born_on"}


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person to be registered. Sex and birth are read from the ID number when left out.

    `other` holds any further field of the person by name (soft or locked).
    """

    name: str
    id_number: str
    sex: str = ""
    born_on: date | None = None
    other: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeBasis:
    """Why a locked field changes: the document, the day it takes effect, and the reason (R14)."""

    document: ApprovalDocument
    effective_on: date
    reason: str


def new_person(facts: PersonFacts) -> Person:
    """An unsaved person with every derived column filled; judges nothing (see `identity_of`)."""
    sex, born_on = facts.sex, facts.born_on
    try:
        number = parse_id_number(facts.id_number)
        id_number = number.value
        sex, born_on = sex or number.sex, born_on or number.birth
    except IdNumberError:
        id_number = normalise_id_number(facts.id_number)
    person = Person(
        name=normalise_person_name(facts.name), id_number=id_number, sex=sex, born_on=born_on or date.min, **facts.other
    )
    if not person.retirement_category and sex in ("1", "2"):
        person.retirement_category = default_category(sex, person.identity)
    index_name(person)
    return person


def index_name(person: Person) -> None:
    """Fill the columns people are found by."""
    person.name_folded = person_name_key(person.name)[:60]
    person.name_initials = initials(person_pinyin(person.name))[:60]


def objections_to_person(person: Person) -> list[Objection]:
    """R16 and the code sets, for a person as it is about to be saved."""
    identity = Identity(
        person.name,
        person.id_number,
        person.sex,
        person.born_on,
        person.certified_born_on,
        person.identity_certified,
        person.started_work_on,
    )
    values: dict[str, object] = {name: getattr(person, name) for name in (*LOCKED_FIELDS, *SOFT_FIELDS)}
    return [*objections_to_identity(identity), *objections_to_codes(values)]


@unit_of_work
@explained
def register_person(*, actor: Actor, facts: PersonFacts) -> Person:
    """Add a person to the register, on no quota yet.

    Raises Refused when the ID number is unsound, disagrees with birth or sex (R16), or is known already (R04).
    """
    require(actor, "personnel.change")
    person = new_person(facts)
    objections = objections_to_person(person)
    known = Person.objects.with_id_number(person.id_number).first()
    if known is not None:
        message = f"该身份证号已登记为“{known.name}”（R04）"
        objections.append(Objection("R04", message, Severity.BLOCK, {}, "请从已有人员中选择"))
    remarks = refuse_if(objections)
    person.save()
    recorded = {"name": person.name, "remarks": [remark.as_facts() for remark in remarks]}
    record("personnel.person_registered", actor=actor, subject=person, facts=recorded, wrote=[person])
    outbox.put("personnel.person_registered", key=person.pk, payload={"name": person.name})
    return person


@unit_of_work
def change_soft_fields(*, actor: Actor, today: date, person_id: int, changes: Mapping[str, Any]) -> list[PersonChange]:
    """Change fields that need no document (R15); what they were before stays readable.

    Raises Refused (R14) for a locked or unknown field, and for a value outside its code set.
    """
    person = _locked_person(actor, person_id)
    _refuse_other_fields(changes, SOFT_FIELDS)
    written = _apply(person, changes, effective_on=today, reason="信息更新", document=None)
    refuse_if(objections_to_codes(dict(changes)))
    if written:
        _record_change("personnel.soft_fields_changed", actor, person, written)
    return written


@unit_of_work
@explained
def change_locked_fields(
    *, actor: Actor, person_id: int, changes: Mapping[str, Any], basis: ChangeBasis
) -> list[PersonChange]:
    """信息变更 (R14, P11): change locked fields by a document, each with its old value, day and reason.

    Raises Refused when a field may not be changed here, the result breaks R16, or no reason is given.
    """
    person = _locked_person(actor, person_id)
    _refuse_other_fields(changes, LOCKED_FIELDS)
    if "id_number" in changes:
        changes = {**changes, "id_number": normalise_id_number(str(changes["id_number"]))}
    if "name" in changes:
        changes = {**changes, "name": normalise_person_name(str(changes["name"]))}
    written = _apply(person, changes, effective_on=basis.effective_on, reason=basis.reason, document=basis.document)
    objections = objections_to_person(person)
    if not basis.reason.strip():
        objections.append(Objection("D2", "未填写变更事由", Severity.BLOCK, {}, "请填写变更事由"))
    if not written:
        objections.append(Objection("D2", "没有需要变更的内容", Severity.BLOCK, {}, "新值与原值相同"))
    refuse_if(objections)
    _record_change("personnel.person_changed", actor, person, written, document=basis.document.doc_no)
    return written


@unit_of_work
def reveal_id_number(*, actor: Actor, person_id: int, purpose: str) -> str:
    """The whole ID number, for a stated purpose; who looked, at whom and why is recorded.

    Raises Denied without personnel.reveal, Refused without a purpose.
    """
    person = Person.objects.get(pk=person_id)
    require(actor, "personnel.reveal", *_organizations_of(person_id))
    if not purpose.strip():
        refuse_if([Objection("D2", "查看完整身份证号须说明用途", Severity.BLOCK, {}, "请填写用途")])
    record("personnel.id_revealed", actor=actor, subject=person, facts={"purpose": purpose})
    return str(person.id_number)


def _locked_person(actor: Actor, person_id: int) -> Person:
    require(actor, "personnel.change", *_organizations_of(person_id))
    return lock_persons([person_id])[person_id]


def _organizations_of(person_id: int) -> list[int]:
    return list(Occupancy.objects.open_ended().filter(person_id=person_id).values_list("organization_id", flat=True))


def _refuse_other_fields(changes: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    labels = [_label(name) for name in changes if name not in allowed]
    if labels:
        message = f"“{'、'.join(labels)}”不能在此修改（R14）"
        step = "锁定信息请由编办凭文件办理信息变更" if allowed is SOFT_FIELDS else "该项不属于锁定信息，请直接更新"
        refuse_if([Objection("R14", message, Severity.BLOCK, {}, step)])


def _label(name: str) -> str:
    return next((str(each.verbose_name) for each in Person._meta.concrete_fields if each.name == name), name)


def _apply(
    person: Person, changes: Mapping[str, Any], *, effective_on: date, reason: str, document: ApprovalDocument | None
) -> list[PersonChange]:
    """Set the fields that differ and write one change row for each; the caller refuses afterwards if need be."""
    rows: list[PersonChange] = []
    for name, value in changes.items():
        old = getattr(person, name)
        if old == value:
            continue
        setattr(person, name, value)
        rows.append(
            PersonChange(
                person=person,
                field=name,
                old_value=written_value(old),
                new_value=written_value(value),
                effective_on=effective_on,
                reason=reason,
                document=document,
            )
        )
    if not rows:
        return []
    if "name" in changes:
        index_name(person)
    if "retirement_override_on" in changes:
        person.retirement_override_document = document
    person.save()
    return PersonChange.objects.bulk_create(rows)


def written_value(value: object) -> str:
    """A field's value as a change row keeps it; `read_value` is the way back."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def _record_change(action: str, actor: Actor, person: Person, rows: list[PersonChange], document: str = "") -> None:
    """The audit names the fields, not their values: those are in the change rows, under their own protection."""
    facts = {"fields": [row.field for row in rows], "document": document, "effective_on": rows[0].effective_on}
    record(action, actor=actor, subject=person, facts=facts, wrote=[person, *rows])
    outbox.put(action, key=person.pk, payload={"fields": [row.field for row in rows]})
