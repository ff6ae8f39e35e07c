"""Forms of cases filled in from what departments have said: the unit completes them and sends them in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bianzhi.exchange.models import Change, Finding
from bianzhi.exchange.rules.remedies import (
    ATTRIBUTE,
    ENTRY,
    EXIT,
    EXIT_OF_FINDING,
    FORM_FIELDS,
    JUDGED,
    MATTER_OF_CHANGE,
    MATTER_OF_GROUP,
    NO_PERSON,
    NO_UNIT,
    OFF_QUOTA,
    SEXES,
    TRANSFER,
    Side,
    agreed_value,
    no_matter,
)
from bianzhi.exchange.selectors.register import person_of, where_on_quota
from bianzhi.exchange.selectors.words import change_words, finding_words
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.dates import DateError, require_date
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.personnel.models import ApprovalSlot, Person
from bianzhi.personnel.selectors.slots import usable_slots
from bianzhi.reconciliation.findings import KINDS
from bianzhi.reconciliation.sources import ESTABLISHMENT

REASON_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Prefilled:
    """A case as it can be begun: which matter, of which unit, with what filled in."""

    matter: str
    organization_id: int
    form: Mapping[str, Any] = field(default_factory=dict)


def case_of_change(change: Change, today: date) -> Prefilled:
    """The case that carries a change out. Raises Refused: X31 (no matter does), X32 (no person), X33 (no unit)."""
    matter = MATTER_OF_CHANGE.get(change.kind)
    if matter is None:
        raise Refused([no_matter(str(change), "核定工资以人社局的通知为准")])
    reason = change_words(change)[:REASON_LENGTH]
    document = change.evidence.get("document")
    base: dict[str, Any] = {"reason": reason}
    if isinstance(document, Mapping):
        base["document"] = dict(document)
    day = change.happened_on.isoformat() if change.happened_on else ""
    if matter == ENTRY:
        unit = _unit(change.to_organization_id, change.evidence.get("to_unit"))
        return Prefilled(matter, unit, _kept({**base, **_entry(change, unit, today), "arrived_on": day}))
    person = _person(person_of(change), change.person_name)
    own = _own_unit(person, today)
    if matter == EXIT:
        form = {**base, "person": person.pk, "exit_mode": exit_mode(change.evidence), "event_on": day}
        return Prefilled(matter, own, _kept(form))
    if matter == TRANSFER:
        target = _unit(change.to_organization_id, change.evidence.get("to_unit"))
        return Prefilled(matter, target, _kept({**base, **_transfer(person, own, target, today), "effective_on": day}))
    return Prefilled(matter, own, _kept({**base, "person": person.pk, **_attribute(change)}))


def case_of_finding(finding: Finding, today: date) -> Prefilled:
    """The case that mends a finding. Raises Refused: X31 (no matter mends it), X32 (no person), X33 (no unit)."""
    matter = _matter_of(finding)
    base: dict[str, Any] = {"reason": finding_words(finding)[:REASON_LENGTH]}
    if matter == ENTRY:
        unit = _unit(finding.organization_id, finding.unit)
        return Prefilled(matter, unit, _kept({**base, **_entrant(finding), **_slot_fields(unit, today)}))
    person = _person(finding.person, finding.person_name)
    own = _own_unit(person, today)
    if matter == EXIT:
        mode = EXIT_OF_FINDING.get(finding.kind, "")
        return Prefilled(matter, own, _kept({**base, "person": person.pk, "exit_mode": mode}))
    if matter == TRANSFER:
        target = finding.organization_id if finding.organization_id != own else None
        form = {**base, "direction": "out", "person": person.pk, "other_unit": target or "", "mode": "T03"}
        return Prefilled(matter, own, _kept(form))
    return Prefilled(ATTRIBUTE, own, _kept({**base, "person": person.pk, **_agreed(finding, person)}))


def _matter_of(finding: Finding) -> str:
    """The matter that mends a finding. Raises Refused (X31) where another department, or a judgement, mends it."""
    rule = KINDS.get(finding.kind)
    if rule is None:
        raise Refused([no_matter(str(finding), "请联系责任部门更正")])
    matter = MATTER_OF_GROUP.get(rule.group)
    is_elsewhere = rule.group == "C" and finding.lane == "accuse" and finding.owner != ESTABLISHMENT
    if matter is None or is_elsewhere or finding.kind in JUDGED:
        raise Refused([no_matter(rule.label, rule.next_step)])
    return matter


def exit_mode(evidence: Mapping[str, Any]) -> str:
    """The code of an exit mode that the evidence names: by a message, or by the status a department wrote; ""."""
    known = codes("exit_mode")
    told = [evidence.get("mode"), evidence.get("cause"), evidence.get("status")]
    signals = evidence.get("signals")
    for signal in signals if isinstance(signals, list) else ():
        told += [signal.get("after"), signal.get("status")] if isinstance(signal, Mapping) else []
    for text in told:
        found = known.find(str(text)) if text else None
        if found is not None:
            return found.code
    return ""


def _entry(change: Change, unit: int, today: date) -> dict[str, Any]:
    """The person, and the slot: the one the message names, else the unit's first that fits."""
    evidence = change.evidence
    named = str(evidence.get("slot") or "")
    mode = codes("entry_mode").find(str(evidence.get("mode") or ""))
    found = _slot_fields(unit, today, number=named, mode=mode.code if mode else "")
    if mode is not None:
        found.setdefault("entry_mode", mode.code)
    return {"name": change.person_name, "id_number": str(evidence.get("id_number") or ""), **found}


def _slot_fields(unit: int, today: date, *, number: str = "", mode: str = "") -> dict[str, Any]:
    slots: list[ApprovalSlot] = list(usable_slots(unit, today))
    wanted = [slot for slot in slots if (not number or slot.number == number) and (not mode or slot.entry_mode == mode)]
    return {"slot": wanted[0].pk, "entry_mode": wanted[0].entry_mode} if wanted else {}


def _transfer(person: Person, source: int, target: int, today: date) -> dict[str, Any]:
    """One case by the unit that takes: on its own slot where it has one, else approved with the case."""
    slot = usable_slots(target, today, for_transfers=True).first()
    place: dict[str, Any] = {"place": "ours", "slot_ours": slot.pk} if slot else {"place": "anew"}
    return {"direction": "in", "other_unit": source, "person_there": person.pk, "mode": "T03", **place}


def _attribute(change: Change) -> dict[str, str]:
    """The new value of the field a department has changed. Raises Refused (X31) for what 信息变更 does not change."""
    name = FORM_FIELDS.get(str(change.evidence.get("field") or ""))
    if name is None:
        step = "编制类型、经费形式按批准文件核对，由写错的部门更正"
        raise Refused([no_matter(str(change), step)])
    return {f"new_{name}": _written(name, str(change.evidence.get("new") or ""))}


def _agreed(finding: Finding, person: Person) -> dict[str, str]:
    """The value the other departments agree in, for a conflict of one attribute."""
    column = {"name_conflict": "name", "id_conflict": "id_number", "birth_conflict": "birth", "birth_differs": "birth",
              "sex_conflict": "sex"}  # fmt: skip
    asked = column.get(finding.kind, "")
    if not asked:
        return {}
    name = FORM_FIELDS[asked]
    rows = [row for row in finding.evidence.get("rows", ()) if isinstance(row, Mapping)]
    sides = [Side(str(row.get("source")), _written(name, str(row.get(asked) or ""))) for row in rows]
    own = _written(name, str(getattr(person, name) or ""))
    value = agreed_value(sides, own)
    return {f"new_{name}": value} if value else {}


def _entrant(finding: Finding) -> dict[str, str]:
    rows = [row for row in finding.evidence.get("rows", ()) if isinstance(row, Mapping)]
    number = next((str(row["id_number"]) for row in rows if row.get("id_number")), "")
    return {"name": finding.person_name, "id_number": number}


def _written(name: str, value: str) -> str:
    """A value as the form takes it: codes for sex, ISO for days, anything else as it is."""
    if name == "sex":
        return SEXES.get(value, value)
    if name in ("born_on", "started_work_on"):
        try:
            return require_date(value).day.isoformat()
        except DateError:
            return value
    return value


def _person(person: Person | None, name: str) -> Person:
    if person is None:
        message = f"实名制名册中没有与“{name}”的身份证号和姓名相符的人员"
        raise Refused([Objection(NO_PERSON, message, Severity.BLOCK, {}, "请先核对身份证号和姓名，再手工办理")])
    return person


def _own_unit(person: Person, today: date) -> int:
    """The unit on whose quota the person is. Raises Refused (X36) for somebody the register has off quota."""
    unit = where_on_quota([person.pk], today).get(person.pk)
    if unit is None:
        message = f"实名制名册中 {person.name} 已不在编，没有可以办理的单位"
        raise Refused([Objection(OFF_QUOTA, message, Severity.BLOCK, {}, "请核对登记，或由写错的部门更正")])
    return unit


def _unit(organization_id: int | None, written: Any) -> int:
    if organization_id is None:
        message = f"没有与“{written or '所写单位'}”对应的在册单位"
        raise Refused([Objection(NO_UNIT, message, Severity.BLOCK, {}, "请先确认单位别名，或手工办理")])
    return organization_id


def _kept(form: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value not in ("", None)}
