"""Turning stays into rows: persons, approvals and slots, occupancies, movements, appointments.

Rows are built in memory with their relations and inserted table by table, in the order of their keys.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from bianzhi.audit.models import SealedModel
from bianzhi.common.numbering import next_numbers
from bianzhi.demo.blocks import UnitPlan
from bianzhi.demo.leadership import Seating
from bianzhi.demo.papers import CIVIL_HIRING, HIRING, OFFICE, REGISTER, RETIRING, TRANSFERRING, Issuer, Papers, moment
from bianzhi.demo.people import PersonDraft
from bianzhi.demo.scenario import OpenSlot, Scenario, Stay
from bianzhi.demo.structure import Structure
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.names import person_name_key
from bianzhi.kernel.pinyin import initials, person_pinyin
from bianzhi.personnel.models import (
    ApprovalSlot,
    Movement,
    MovementFamily,
    Occupancy,
    Person,
    SlotState,
    StaffingApproval,
)
from bianzhi.personnel.rules.opening import excess_last
from bianzhi.personnel.services.opening import BATCH

CIVIL_MODES = {"I01", "I02", "I05", "I06", "I07"}
GROUPING_DAYS = 30
VALID_DAYS = 365


@dataclass(slots=True)
class Roster:
    """Every row about people, linked and not yet saved."""

    scenario: Scenario
    structure: Structure
    papers: Papers
    seating: Seating
    persons: dict[str, Person] = field(default_factory=dict)
    approvals: list[StaffingApproval] = field(default_factory=list)
    slots: list[ApprovalSlot] = field(default_factory=list)
    occupancies: list[Occupancy] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    occupancy_of: dict[int, Occupancy] = field(default_factory=dict)

    def draw_up(self) -> None:
        """Make persons, slots, occupancies and movements of all stays."""
        slots = self._approvals_and_slots()
        for stay in self.scenario.stays:
            occupancy = self._occupancy(stay, slots.get(id(stay)))
            self.occupancies.append(occupancy)
            self.occupancy_of[id(stay)] = occupancy
        for stay in self.scenario.stays:
            self.movements += self._movements(stay)
        self.movements.sort(key=lambda movement: (movement.effective_on, movement.person.id_number))

    def save(self) -> list[SealedModel]:
        """Insert everything in the order of keys; returns the rows for sealing."""
        people = list(self.persons.values())
        Person.objects.bulk_create(people, batch_size=BATCH)
        StaffingApproval.objects.bulk_create(self.approvals, batch_size=BATCH)
        ApprovalSlot.objects.bulk_create(self.slots, batch_size=BATCH)
        for group in excess_last(self.occupancies, lambda occupancy: occupancy.over_quota):
            Occupancy.objects.bulk_create(group, batch_size=BATCH)
        _number(self.movements)
        Movement.objects.bulk_create(self.movements, batch_size=BATCH)
        return [*people, *self.approvals, *self.slots, *self.occupancies, *self.movements]

    def person(self, draft: PersonDraft, recorded_on: date) -> Person:
        """The row of an invented person, made once."""
        if draft.id_number not in self.persons:
            self.persons[draft.id_number] = person_row(draft, recorded_on)
        return self.persons[draft.id_number]

    def _approvals_and_slots(self) -> dict[int, ApprovalSlot]:
        """Slips for all arrivals and open slots; returns the slot of each stay that used one."""
        wanted: dict[tuple[str, str, str], list[tuple[date, Stay | OpenSlot]]] = defaultdict(list)
        for stay in self.scenario.stays:
            if stay.entry is not None:
                wanted[stay.unit.code, stay.quota_type, stay.entry_mode].append((stay.entry.issued, stay))
        for open_slot in self.scenario.open_slots:
            key = (open_slot.unit.code, open_slot.quota_type, open_slot.entry_mode)
            wanted[key].append((open_slot.issued, open_slot))
        groups = [
            group for requests in wanted.values() for group in _grouped(sorted(requests, key=lambda pair: pair[0]))
        ]
        groups.sort(key=lambda group: (group[-1][0], group[0][1].unit.code, group[0][1].quota_type))
        slots: dict[int, ApprovalSlot] = {}
        for group, number in zip(groups, _approval_numbers([group[-1][0] for group in groups]), strict=True):
            self._slip(group, number, slots)
        return slots

    def _slip(self, group: list[tuple[date, Stay | OpenSlot]], number: str, slots: dict[int, ApprovalSlot]) -> None:
        issued = group[-1][0]
        unit: UnitPlan = group[0][1].unit
        organization = self.structure.organizations[unit.code]
        approval = StaffingApproval(
            number=number,
            organization=organization,
            document=self.papers.of(OFFICE, issued, f"关于核准{unit.name}使用编制的通知", matter=number),
            issued_on=issued,
            confirmed_on=issued,
            valid_until=issued + timedelta(days=VALID_DAYS),
            purpose=f"{codes('entry_mode').label(group[0][1].entry_mode)} {len(group)} 名",
            recorded_at=moment(issued),
        )
        self.approvals.append(approval)
        for index, (_, request) in enumerate(group, 1):
            slot = ApprovalSlot(
                approval=approval,
                number=f"{number}-{index:02d}",
                organization=organization,
                quota_type=request.quota_type,
                entry_mode=request.entry_mode,
                reserved_on=issued,
                term_until=self._term(request.quota_type, issued),
                recorded_at=moment(issued),
            )
            self._settle(slot, request)
            self.slots.append(slot)
            if isinstance(request, Stay):
                slots[id(request)] = slot

    def _settle(self, slot: ApprovalSlot, request: Stay | OpenSlot) -> None:
        if isinstance(request, Stay):
            slot.state, slot.released_on, slot.release_reason = SlotState.CONSUMED, request.start, "入编"
        elif request.expired_on is not None:
            slot.state, slot.released_on, slot.release_reason = SlotState.EXPIRED, request.expired_on, "有效期满未使用"

    def _term(self, quota_type: str, since: date) -> date | None:
        return since.replace(year=since.year + 3, day=min(since.day, 28)) if quota_type in ("D1", "D2") else None

    def _occupancy(self, stay: Stay, slot: ApprovalSlot | None) -> Occupancy:
        start = max(stay.start, self.structure.founded[stay.unit.code])
        person = self.person(stay.person, max(start, self.scenario.start))
        document = self._entry_paper(stay)
        return Occupancy(
            person=person,
            organization=self.structure.organizations[stay.unit.code],
            internal_body=self.structure.body(stay.unit.code, self.seating.body_of(stay)),
            quota_type=stay.quota_type,
            entry_mode=stay.entry_mode,
            entry_document=document,
            joined_unit_on=start,
            slot=slot,
            term_until=self._term_of_stay(stay, start),
            over_quota=stay.over_quota,
            valid_from=start,
            valid_to=stay.end,
            exit_mode="" if stay.followed_by else stay.exit_mode,
            exit_event_on=stay.exit_event_on if stay.exit_mode and not stay.followed_by else None,
            exit_document=self._exit_paper(stay),
            recorded_at=moment(max(start, self.scenario.start)),
        )

    def _term_of_stay(self, stay: Stay, start: date) -> date | None:
        if stay.quota_type not in ("D1", "D2"):
            return None
        years = (self.scenario.today.year - start.year) // 3 * 3 + 3
        return date(start.year + years, start.month, min(start.day, 28))

    def _entry_paper(self, stay: Stay) -> ApprovalDocument:
        if stay.entry is None:
            return self.papers.of(REGISTER, self.scenario.start, "机构编制实名制建账底册")
        if stay.follows is not None:
            return self._transfer_paper(stay.start)
        issuer = CIVIL_HIRING if stay.entry_mode in CIVIL_MODES else HIRING
        label = codes("entry_mode").label(stay.entry_mode)
        title = f"关于{label}人员的通知（{stay.start.year}年第{stay.start.month}批）"
        return self.papers.of(issuer, stay.start, title)

    def _exit_paper(self, stay: Stay) -> ApprovalDocument | None:
        if not stay.exit_mode or stay.end is None:
            return None
        if stay.followed_by is not None:
            return self._transfer_paper(stay.end)
        issuer: Issuer = RETIRING if stay.exit_mode == "O01" else TRANSFERRING
        label = codes("exit_mode").label(stay.exit_mode)
        title = f"关于办理{label}手续的通知（{stay.end.year}年{stay.end.month}月）"
        return self.papers.of(issuer, stay.end, title)

    def _transfer_paper(self, day: date) -> ApprovalDocument:
        return self.papers.of(TRANSFERRING, day, f"干部（职工）调动通知（{day.year}年{day.month}月）")

    def _movements(self, stay: Stay) -> list[Movement]:
        """The movement that opened a stay and, unless it is a transfer onwards, the one that ended it."""
        occupancy = self.occupancy_of[id(stay)]
        found = [self._opening_movement(stay, occupancy)]
        if stay.end is not None and stay.followed_by is None and occupancy.exit_document is not None:
            filed = min(stay.end + timedelta(days=self.scenario.draw.randint(1, 9)), self.scenario.today)
            found.append(
                Movement(
                    family=MovementFamily.EXIT,
                    mode=stay.exit_mode,
                    person=occupancy.person,
                    from_occupancy=occupancy,
                    event_on=stay.exit_event_on or stay.end,
                    effective_on=stay.end,
                    filed_on=filed,
                    evidence=list(codes("exit_mode")[stay.exit_mode].listed("evidence")),
                    document=occupancy.exit_document,
                    recorded_at=moment(filed),
                )
            )
        return found

    def _opening_movement(self, stay: Stay, occupancy: Occupancy) -> Movement:
        transferred = stay.follows is not None
        family = MovementFamily.INTERNAL if transferred else MovementFamily.ENTRY
        if stay.entry is None:
            family = MovementFamily.OPENING
        filed = max(occupancy.valid_from, self.scenario.start)
        mode = "T03" if transferred else stay.entry_mode
        return Movement(
            family=family,
            mode=mode,
            person=occupancy.person,
            from_occupancy=self.occupancy_of[id(stay.follows)] if stay.follows is not None else None,
            to_occupancy=occupancy,
            slot=occupancy.slot,
            event_on=occupancy.valid_from,
            effective_on=occupancy.valid_from,
            filed_on=filed,
            evidence=[] if transferred or stay.entry is None else list(codes("entry_mode")[mode].listed("evidence")),
            document=occupancy.entry_document,
            recorded_at=moment(filed),
        )


def person_row(draft: PersonDraft, recorded_on: date) -> Person:
    """The register row of an invented person."""
    return Person(
        name=draft.name,
        name_folded=person_name_key(draft.name),
        name_initials=initials(person_pinyin(draft.name)),
        id_number=draft.id_number,
        sex=draft.sex,
        born_on=draft.born_on,
        ethnicity=draft.ethnicity,
        native_place=draft.native_place,
        politics=draft.politics,
        joined_party_on=draft.joined_party_on,
        started_work_on=draft.started_work_on,
        identity=draft.identity,
        civil_service_registered_on=draft.started_work_on if draft.identity == "civil_servant" else None,
        schooling_full_time=draft.schooling,
        degree_full_time=draft.degree,
        school_full_time=draft.school,
        schooling_in_service=draft.schooling_in_service,
        grade=draft.grade,
        post_category=draft.post_category,
        post_grade=draft.post_grade,
        professional_title=draft.title,
        retirement_category=draft.category,
        recorded_at=moment(recorded_on),
    )


def _grouped(requests: list[tuple[date, Stay | OpenSlot]]) -> Iterable[list[tuple[date, Stay | OpenSlot]]]:
    """Requests close in time share a slip issued on the last of their days, as long as nobody came before that."""
    group: list[tuple[date, Stay | OpenSlot]] = []
    for issued, request in requests:
        together = (
            group
            and (issued - group[0][0]).days <= GROUPING_DAYS
            and isinstance(request, Stay)
            and all(isinstance(other, Stay) and other.start > issued for _, other in group)
        )
        if not together and group:
            yield group
            group = []
        group.append((issued, request))
    if group:
        yield group


def _approval_numbers(days: list[date]) -> list[str]:
    """用编核〔2024〕0001号 …, in the order of days."""
    counts: dict[int, int] = defaultdict(int)
    for day in days:
        counts[day.year] += 1
    series = {year: iter(next_numbers(f"approval-{year}", count)) for year, count in sorted(counts.items())}
    return [f"用编核〔{day.year}〕{next(series[day.year]):04d}号" for day in days]


def _number(movements: list[Movement]) -> None:
    counts: dict[int, int] = defaultdict(int)
    for movement in movements:
        counts[movement.filed_on.year] += 1
    series = {year: iter(next_numbers(f"movement-{year}", count)) for year, count in sorted(counts.items())}
    for movement in movements:
        movement.number = f"BD{movement.filed_on.year}-{next(series[movement.filed_on.year]):06d}"
