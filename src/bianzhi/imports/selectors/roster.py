"""人员花名册 against the register: who is new, who is known, what differs, and what cannot be true."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db.models import QuerySet

from bianzhi.common.tabular.parsing import ParsedRow, ParsedTable
from bianzhi.documents.models import DocumentKind
from bianzhi.imports.models import Action
from bianzhi.imports.recognition.wordings import settled_quota_type
from bianzhi.imports.selectors.directory import Unit, UnitDirectory
from bianzhi.imports.selectors.papers import Papers
from bianzhi.imports.selectors.planning import Options, Plan, unknown_unit
from bianzhi.imports.selectors.roster_rows import LABELS, soft_fields
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.names import normalise_organisation_name, organisation_name_key, person_name_key
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.organizations.models.bodies import BodyKind
from bianzhi.personnel.models import Engagement, Occupancy, Person
from bianzhi.personnel.rules.duty import OFF_DUTY, ON_DUTY, STATES
from bianzhi.personnel.rules.opening import marked_as_excess
from bianzhi.personnel.selectors.room import open_room
from bianzhi.personnel.services.opening import OpeningRow
from bianzhi.personnel.services.persons import PersonFacts

LEADERS: Final = "领导"
BATCH: Final = 500


@dataclass(slots=True)
class Newcomer:
    """Somebody to be taken over; `body` is the name of the internal body, found or made at the commit."""

    row: ParsedRow
    unit: Unit
    quota_type: str
    entered_on: date
    person: PersonFacts
    doc_no: str = ""
    body: str = ""
    exceeds: bool = False
    duty_state: str = ""
    duty_reason: str = ""

    @property
    def is_on_quota(self) -> bool:
        """Whether the person occupies quota (and not a control number, E1 or E2)."""
        return quota_types()[self.quota_type].counts_as_quota


@dataclass(slots=True)
class RosterPlan(Plan):
    """People to take over, bodies to set up for them, and soft fields to bring up to date."""

    newcomers: list[Newcomer] = field(default_factory=list)
    bodies: dict[tuple[int, str], int | None] = field(default_factory=dict)
    updates: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    papers: Papers = field(default_factory=Papers)


def plan_roster(table: ParsedTable, options: Options) -> RosterPlan:
    """Work out what a roster would do; every doubt becomes a finding at its cell."""
    return _Planner(table, options).plan()


class _Planner:
    """One roster, compared with the register."""

    def __init__(self, table: ParsedTable, options: Options) -> None:
        self._plan = RosterPlan(table)
        self._table = table
        self._options = options
        self._directory = UnitDirectory.load(options.today)
        numbers = [str(row.get("id_number")) for row in table.accepted]
        self._persons = _persons(numbers)
        self._occupancies = _open_rows(Occupancy.objects.open_ended(), self._persons)
        self._engagements = _open_rows(Engagement.objects.open_ended(), self._persons)
        self._ended = _last_days(self._persons)
        self._seen: dict[str, ParsedRow] = {}
        self._plan.bodies = _bodies(options.today)

    def plan(self) -> RosterPlan:
        rows = self._table.accepted
        self._plan.papers.load({str(number) for row in rows if (number := row.get("entry_document_number"))})
        for row in rows:
            unit = self._unit_of(row)
            if unit is not None and self._takes_a_place(row) and self._is_first(row):
                self._place(row, unit)
        self._mark_excess()
        for one in self._plan.newcomers:
            over = "，超编在册" if one.exceeds else ""
            detail = f"{quota_types()[one.quota_type].label}，{one.entered_on} 起{over}"
            self._plan.note(one.row, Action.CREATE, f"{one.person.name} {one.unit.name}", detail)
        return self._plan

    # --- the unit and the person

    def _unit_of(self, row: ParsedRow) -> Unit | None:
        name: str = row.get("organization")
        found = self._directory.find(name, under=row.get("supervising_department") or "")
        if found.unit is None:
            self._plan.reject(row, "organization", unknown_unit(self._directory, name, found))
            return None
        if found.unit.is_grouping:
            self._plan.reject(row, "organization", f"「{name}」只是机构树上的分组，不能占编，请填写具体单位")
            return None
        if not found.unit.is_there(self._options.today):
            self._plan.reject(row, "organization", f"「{name}」已撤销或尚未设立，请填写承接其职责的单位")
            return None
        return found.unit

    def _is_first(self, row: ParsedRow) -> bool:
        """R04 within the file."""
        number: str = row.get("id_number")
        first = self._seen.setdefault(number, row)
        if first is row:
            return True
        where = f"第 {first.number} 行（{first.sheet}，{first.get('name')}，{first.get('organization')}）"
        self._plan.reject(row, "id_number", f"身份证号与{where}相同，一人只能占用一个编制（R04），请删去或更正其中一行")
        return False

    def _takes_a_place(self, row: ParsedRow) -> bool:
        """Whether the row is of somebody who is on quota or employed here: others may stand in the file once more."""
        state = row.get("duty_state") or ""
        if state in ("retired", "left") or row.get("exited_on") or row.get("exit_mode"):
            self._plan.note(row, Action.SKIP, str(row.get("name")), "已退休或出编的人员不占编，不在导入中登记")
            return False
        if state in ("reserved", "seconded_in"):
            label = codes("duty_state").label(state)
            self._plan.warn(row, "duty_state", f"“{label}”人员不占本单位编制，不登记占编；请在用编核准或借调中登记")
            self._plan.note(row, Action.SKIP, str(row.get("name")), label)
            return False
        return True

    def _place(self, row: ParsedRow, unit: Unit) -> None:
        state = row.get("duty_state") or ""
        quota_type = self._quota_type(row, unit, state)
        person = self._persons.get(str(row.get("id_number")))
        if person is not None and not self._is_same_person(row, person):
            return
        if person is not None and (person.pk in self._occupancies or person.pk in self._engagements):
            self._compare(row, unit, quota_type, person)
            return
        self._take_over(row, unit, quota_type, state, person)

    def _quota_type(self, row: ParsedRow, unit: Unit, state: str) -> str:
        stated = str(row.get("quota_type") or "")
        if not stated and state in ("non_quota", "filed_headcount"):
            stated = "E2" if state == "non_quota" else "E1"
        if not stated:
            stated = {"80": "B", "50": "A2", "51": "A2"}.get(unit.org_type, "A1")
            self._plan.warn(
                row, "quota_type", f"没有写编制类别，按单位类别登记为{self._label(stated, row, unit)}，请核对"
            )
        return self._settled(stated, row, unit)

    def _settled(self, stated: str, row: ParsedRow, unit: Unit) -> str:
        funding = str(row.get("funding_form") or "") or unit.funding_form
        return settled_quota_type(stated, funding_form=funding, institution_class=unit.institution_class)

    def _label(self, stated: str, row: ParsedRow, unit: Unit) -> str:
        return quota_types()[self._settled(stated, row, unit)].label

    def _is_same_person(self, row: ParsedRow, person: Person) -> bool:
        if person_name_key(person.name) == person_name_key(str(row.get("name"))):
            return True
        message = f"身份证号已登记为“{person.name}”，表中姓名不同（R16），请核对；确系更名的，请办理信息变更"
        self._plan.reject(row, "name", message)
        return False

    # --- people who are in the register

    def _compare(self, row: ParsedRow, unit: Unit, quota_type: str, person: Person) -> None:
        held = self._occupancies.get(person.pk) or self._engagements[person.pk]
        if held[0] != unit.id:
            name = self._directory.units[held[0]].name
            message = f"{person.name}已在“{name}”占编，一人只能占用一个编制（R04），请办理区内调动或更正本行"
            self._plan.reject(row, "id_number", message)
            return
        locked = []
        if held[1] != quota_type:
            shown = quota_types()[held[1]].label
            locked.append(f"编制类别：登记为{shown}，表中为{quota_types()[quota_type].label}")
        entered = row.get("enlisted_on")
        if entered and not entered.day <= held[2] <= entered.last_day:
            locked.append(f"入编时间：登记为 {held[2]}，表中为 {entered}")
        soft = {name: value for name, value in soft_fields(row).items() if value != getattr(person, name)}
        if locked:
            self._plan.warn(row, "name", f"与登记不一致，保留原登记：{'；'.join(locked)}。要改请办理信息变更或更正")
        self._note_known(row, person, locked, soft)

    def _note_known(self, row: ParsedRow, person: Person, locked: list[str], soft: dict[str, Any]) -> None:
        listed = "、".join(LABELS[name] for name in soft)
        if soft and self._options.update_soft:
            self._plan.updates.append((person.pk, soft))
            self._plan.note(row, Action.CHANGE, person.name, f"更新{listed}")
        elif soft:
            self._plan.warn(row, "name", f"{listed}与登记不同，保留原登记；勾选“更新普通信息”可一并更新")
        if locked or (soft and not self._options.update_soft):
            self._plan.note(row, Action.DIFFERENT, person.name, "；".join([*locked, *([listed] if soft else [])]))
        elif not soft:
            self._plan.note(row, Action.SAME, person.name)

    # --- people who are new

    def _take_over(self, row: ParsedRow, unit: Unit, quota_type: str, state: str, person: Person | None) -> None:
        entered = self._entered_on(row, unit)
        if entered is None:
            return
        if person is not None and entered < self._ended.get(person.pk, date.min):
            last = self._ended[person.pk]
            self._plan.reject(row, "enlisted_on", f"{person.name}到 {last} 才从上一单位出编，占编期间不能重叠（R04）")
            return
        doc_no = str(row.get("entry_document_number") or "")
        if doc_no:
            objection = self._plan.papers.cite(doc_no, near=entered, kind=DocumentKind.HIRING)
            if objection:
                self._plan.warn(row, "entry_document_number", f"{objection}；入编依据按底册登记")
                doc_no = ""
        one = Newcomer(row, unit, quota_type, entered, self._person_facts(row), doc_no)
        one.body = self._body(row, unit)
        one.duty_state, one.duty_reason = self._duty(row, state)
        self._warn_of_mixing(row, unit, quota_type)
        self._plan.newcomers.append(one)

    def _entered_on(self, row: ParsedRow, unit: Unit) -> date | None:
        written = row.get("enlisted_on") or row.get("joined_unit_on") or row.get("started_work_on")
        day: date = written.day if written else self._options.opening_on
        if row.get("enlisted_on") is None:
            shown = f"{day}" if written else f"底册日期 {day}"
            self._plan.warn(row, "enlisted_on", f"没有入编时间，按{shown}登记，请核对")
        if day > self._options.today:
            self._plan.reject(row, "enlisted_on", f"入编时间 {day} 晚于今天")
            return None
        if day < unit.first_day:
            message = f"入编时间 {day} 早于单位设立时间 {unit.first_day}（R17），占编从设立之日起登记，请核对"
            self._plan.warn(row, "enlisted_on", message)
            return unit.first_day
        return day

    def _person_facts(self, row: ParsedRow) -> PersonFacts:
        """Sex and birth come from the ID number (R16); what the file says otherwise has been warned of."""
        number: str = row.get("id_number")
        other = soft_fields(row)
        for name in ("started_work_on", "civil_service_registered_on"):
            if row.get(name):
                other[name] = row.get(name).day
        for name in ("identity", "retirement_category"):
            if row.get(name):
                other[name] = str(row.get(name))
        return PersonFacts(
            name=str(row.get("name"))[:60],
            id_number=number,
            sex="1" if int(number[16]) % 2 else "2",
            born_on=date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
            other=other,
        )

    def _body(self, row: ParsedRow, unit: Unit) -> str:
        """The internal body; a column that repeats the unit's own name means its leaders."""
        written = normalise_organisation_name(str(row.get("internal_body") or ""))[:120]
        if not written:
            return ""
        key = organisation_name_key(written)
        own = {organisation_name_key(name) for name in (unit.name, unit.short_name) if name}
        name = LEADERS if key in own else written
        place = (unit.id, organisation_name_key(name))
        if place not in self._plan.bodies:
            self._plan.bodies[place] = None
            if name != LEADERS:
                self._plan.warn(row, "internal_body", f"“{unit.name}”还没有内设机构「{name}」，将按本表登记，请核对")
            self._plan.note(row, Action.CREATE, f"内设机构 {unit.name} {name}")
        return name

    def _duty(self, row: ParsedRow, state: str) -> tuple[str, str]:
        if state not in STATES or state == ON_DUTY:
            return "", ""
        if state != OFF_DUTY:
            return state, ""
        found = codes("off_duty_reason").find(str(row.get("off_duty_reason") or ""))
        if found is None:
            self._plan.warn(row, "off_duty_reason", "在编不在岗没有写明原因，暂记为“其他”，请补充")
        return state, found.code if found else "other"

    def _warn_of_mixing(self, row: ParsedRow, unit: Unit, quota_type: str) -> None:
        quota = quota_types()[quota_type]
        if not quota.allowed_in(unit.org_type, unit.institution_class):
            message = f"“{unit.name}”的机构类别不能使用{quota.label}，属于混编混岗（R05）；照表登记，请列入整改"
            self._plan.warn(row, "quota_type", message)

    def _mark_excess(self) -> None:
        """People beyond what their unit is allotted, the latest to come first, as the commit will mark them."""
        on_quota = [one for one in self._plan.newcomers if one.is_on_quota]
        room = open_room({one.unit.id for one in on_quota})
        marks = marked_as_excess([((one.unit.id, one.quota_type), one.entered_on) for one in on_quota], room)
        counts = Counter((one.unit.id, one.quota_type) for one in on_quota)
        for one, mark in zip(on_quota, marks, strict=True):
            one.exceeds = mark
            if mark:
                left = max(room.get((one.unit.id, one.quota_type), 0), 0)
                wanted = counts[one.unit.id, one.quota_type]
                label = quota_types()[one.quota_type].label
                message = (
                    f"“{one.unit.name}”{label}还有 {left} 名空额，本表有 {wanted} 人，超出 {wanted - left} 人；"
                    "本人按“超编在册”登记"
                )
                self._plan.warn(one.row, "quota_type", message)


def opening_row(one: Newcomer, *, body_id: int | None, document: Any) -> OpeningRow:
    """The newcomer as the service takes people over."""
    row = one.row
    level = row.get("post_level") or ""
    position = str(row.get("position") or "")[:100]
    since = row.get("position_since")
    if level not in ("", "none") and not position:
        position = codes("post_level").label(level)
    joined = row.get("joined_unit_on")
    return OpeningRow(
        person=one.person,
        organization_id=one.unit.id,
        quota_type=one.quota_type,
        entered_on=one.entered_on,
        entry_mode=row.get("entry_mode") or "I99",
        internal_body_id=body_id,
        entry_document=document,
        entry_source=str(row.get("entry_source") or "")[:120],
        joined_unit_on=max(joined.day, one.unit.first_day) if joined else None,
        position=position,
        post_level="" if level == "none" else level,
        rank_code=row.get("position_rank") or "",
        position_since=max(since.day, one.unit.first_day) if since else None,
        duty_state=one.duty_state,
        duty_reason=one.duty_reason,
        label=f"{row.sheet} 第 {row.number} 行",
    )


def _persons(numbers: list[str]) -> dict[str, Person]:
    found: dict[str, Person] = {}
    for start in range(0, len(numbers), BATCH):
        rows = Person.objects.with_id_numbers(numbers[start : start + BATCH])
        found.update({str(person.id_number): person for person in rows})
    return found


def _open_rows(rows: QuerySet[Any], persons: dict[str, Person]) -> dict[int, tuple[int, str, date]]:
    """(unit, quota type, since) by person."""
    measure = "kind" if rows.model is Engagement else "quota_type"
    ids = [person.pk for person in persons.values()]
    found: dict[int, tuple[int, str, date]] = {}
    for start in range(0, len(ids), BATCH):
        chunk = rows.filter(person_id__in=ids[start : start + BATCH])
        for person_id, unit, code, since in chunk.values_list("person_id", "organization_id", measure, "valid_from"):
            found[person_id] = (unit, code, since)
    return found


def _last_days(persons: dict[str, Person]) -> dict[int, date]:
    """The day each person's last ended occupancy ended."""
    ids = [person.pk for person in persons.values()]
    found: dict[int, date] = {}
    for start in range(0, len(ids), BATCH):
        rows = Occupancy.objects.current().filter(person_id__in=ids[start : start + BATCH], valid_to__isnull=False)
        for person_id, day in rows.values_list("person_id", "valid_to"):
            if day is not None:
                found[person_id] = max(day, found.get(person_id, day))
    return found


def _bodies(day: date) -> dict[tuple[int, str], int | None]:
    """Internal bodies of the day by unit and name; the leaders' own body answers to 领导 too."""
    found: dict[tuple[int, str], int | None] = {}
    rows = InternalBodyVersion.objects.as_of(day).values_list("organization_id", "name", "body_id", "kind")
    for organization_id, name, body_id, kind in rows.iterator(chunk_size=2000):
        found[organization_id, organisation_name_key(name)] = body_id
        if kind == BodyKind.LEADERS:
            found[organization_id, organisation_name_key(LEADERS)] = body_id
    return found
