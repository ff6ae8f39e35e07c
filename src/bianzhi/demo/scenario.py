"""Ten years of one district as plain data: who was on which quota of which unit from when to when.

`draw_scenario` joins the courses of all units: departures get a reason, some become transfers into
another unit's arrival, and every place gets a person. Pure Python; written to the database elsewhere.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from bianzhi.demo.blocks import UnitPlan, unit_plans
from bianzhi.demo.people import PersonDraft, Population
from bianzhi.demo.timeline import Arrival, Course, draw_course
from bianzhi.kernel.retirement import YearMonth, occupancy_end

SEED = 330699
CIVIL = {"A1", "A2", "A3", "B4"}


@dataclass(slots=True)
class Stay:
    """One person's time on one unit's quota. `entry` is None for those there before the register began."""

    unit: UnitPlan
    quota_type: str
    person: PersonDraft
    start: date
    end: date | None = None
    entry: Arrival | None = None
    entry_mode: str = "I99"
    over_quota: bool = False
    exit_mode: str = ""
    exit_event_on: date | None = None
    followed_by: "Stay | None" = None
    follows: "Stay | None" = None


@dataclass(slots=True)
class OpenSlot:
    """A slot issued and not used; `expired_on` is set when its year ran out."""

    unit: UnitPlan
    quota_type: str
    issued: date
    entry_mode: str
    expired_on: date | None = None


@dataclass(slots=True)
class Scenario:
    """Everything the district did in ten years."""

    start: date
    today: date
    draw: Random
    people: Population
    units: list[UnitPlan]
    courses: dict[tuple[str, str], Course] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    open_slots: list[OpenSlot] = field(default_factory=list)
    engaged: list[tuple[UnitPlan, str, PersonDraft, date]] = field(default_factory=list)


ENTRY_MODES = {
    "A1": ["I01"] * 7 + ["I02", "I06", "I09"],
    "A2": ["I01"] * 8 + ["I06", "I09"],
    "B4": ["I01"] * 7 + ["I06", "I10", "I06"],
    "B5": ["I03"] * 9 + ["I08"],
    "B6": ["I03"] * 8 + ["I04", "I08"],
    "D2": ["I04"],
}
OTHER_ENTRY_MODES = ["I03"] * 8 + ["I08", "I10"]


def draw_scenario(size: str, today: date) -> Scenario:
    """The district's ten years up to `today`; the same day and size always give the same district."""
    draw = Random(SEED + (0 if size == "full" else 1))
    people = Population(draw)
    scenario = Scenario(date(today.year - 10, 1, 1), today, draw, people, unit_plans(size, draw))
    leaving: dict[str, list[Stay]] = defaultdict(list)
    arriving: dict[str, list[tuple[UnitPlan, Arrival]]] = defaultdict(list)
    for unit in scenario.units:
        for quota_type, (approved, occupied) in unit.quota.items():
            frozen = quota_type == "C1"
            course = draw_course(draw, approved, occupied, scenario.start, today, frozen=frozen)
            scenario.courses[unit.code, quota_type] = course
            leaving[quota_type] += _fill_opening(scenario, people, draw, unit, quota_type, course)
            arriving[quota_type] += [(unit, arrival) for arrival in course.arrivals]
    for quota_type in sorted(arriving):
        _fill_arrivals(scenario, people, draw, quota_type, leaving[quota_type], arriving[quota_type])
    _leave_slots_open(scenario, draw)
    _engage(scenario, people, draw)
    return scenario


def _fill_opening(
    scenario: Scenario, people: Population, draw: Random, unit: UnitPlan, quota_type: str, course: Course
) -> list[Stay]:
    """People of the first day; those who leave are given a reason, transfers are returned to be placed."""
    share = unit.block.female_share
    this_month = YearMonth.of(scenario.today)
    transfers: list[Stay] = []
    departures = list(course.departures)[: course.occupied_at_start]
    for index in range(course.occupied_at_start):
        if index >= len(departures):
            person = people.already_there(quota_type, scenario.start, share, retires_after=this_month)
            stay = Stay(unit, quota_type, person, person.started_work_on)
        else:
            stay = _leaver(scenario, people, draw, unit, quota_type, departures[index])
            if stay.exit_mode == "T03":
                transfers.append(stay)
        scenario.stays.append(stay)
    return transfers


def _leaver(scenario: Scenario, people: Population, draw: Random, unit: UnitPlan, quota_type: str, day: date) -> Stay:
    share = unit.block.female_share
    this_month = YearMonth.of(scenario.today)
    reason = draw.choices(["O01", "T03", "O06", "O07", "O10", "O08"], weights=[62, 22, 7, 6, 2, 1])[0]
    if reason == "O01":
        month = YearMonth.of(day).plus(-1)
        try:
            person = people.retiring_in(quota_type, month, share)
        except LookupError:
            reason = "O06"
        else:
            stay = Stay(unit, quota_type, person, person.started_work_on, occupancy_end(month), exit_mode="O01")
            stay.exit_event_on = stay.end
            return stay
    latest = this_month if reason == "T03" else YearMonth.of(day)
    person = people.already_there(quota_type, scenario.start, share, retires_after=latest)
    return Stay(unit, quota_type, person, person.started_work_on, day, exit_mode=reason, exit_event_on=day)


def _fill_arrivals(
    scenario: Scenario,
    people: Population,
    draw: Random,
    quota_type: str,
    transfers: list[Stay],
    arrivals: list[tuple[UnitPlan, Arrival]],
) -> None:
    """Give each arrival a person: somebody transferring on a fitting day, else somebody new."""
    waiting = sorted(transfers, key=lambda stay: stay.end or scenario.today)
    this_month = YearMonth.of(scenario.today)
    for unit, arrival in sorted(arrivals, key=lambda pair: (pair[1].issued, pair[0].code)):
        modes = ENTRY_MODES.get(quota_type, OTHER_ENTRY_MODES)
        mode = draw.choice(modes)
        if arrival.entered is None:
            scenario.open_slots.append(OpenSlot(unit, quota_type, arrival.issued, mode))
            continue
        earlier = _take_transfer(waiting, unit, arrival)
        if earlier is not None and earlier.end is not None:
            mode = "I06" if quota_type in CIVIL else "I08"
            stay = Stay(unit, quota_type, earlier.person, earlier.end, entry=arrival, entry_mode=mode, follows=earlier)
            earlier.followed_by = stay
        else:
            person = people.on_quota(quota_type, arrival.entered, unit.block.female_share, retires_after=this_month)
            stay = Stay(unit, quota_type, person, arrival.entered, entry=arrival, entry_mode=mode)
        scenario.stays.append(stay)
    for stay in waiting:
        stay.exit_mode = "O06"


def _take_transfer(waiting: list[Stay], unit: UnitPlan, arrival: Arrival) -> Stay | None:
    for index, stay in enumerate(waiting):
        if stay.end is None or stay.end > arrival.issued + timedelta(days=300):
            return None
        if stay.end > arrival.issued + timedelta(days=5) and stay.unit is not unit:
            return waiting.pop(index)
    return None


def _leave_slots_open(scenario: Scenario, draw: Random) -> None:
    """Slots issued lately on places that are free, and six whose year ran out unused."""
    expired = 0
    for unit in scenario.units:
        for quota_type, (approved, occupied) in unit.quota.items():
            course = scenario.courses[unit.code, quota_type]
            free = approved - occupied - sum(1 for arrival in course.arrivals if arrival.entered is None)
            settled = _last_event(course)
            if quota_type == "C1" or free < 2 or settled is None:
                continue
            mode = draw.choice(ENTRY_MODES.get(quota_type, OTHER_ENTRY_MODES))
            year_ago = scenario.today - timedelta(days=400)
            if expired < 6 and settled < year_ago:
                over = year_ago + timedelta(days=365)
                scenario.open_slots.append(OpenSlot(unit, quota_type, year_ago, mode, expired_on=over))
                expired += 1
            elif draw.random() < 0.3:
                earliest = max(settled + timedelta(days=1), scenario.today - timedelta(days=350))
                span = (scenario.today - earliest).days
                if span > 3:
                    for _ in range(draw.randint(1, free // 2)):
                        issued = earliest + timedelta(days=draw.randrange(span))
                        scenario.open_slots.append(OpenSlot(unit, quota_type, issued, mode))


def _last_event(course: Course) -> date | None:
    days = [change.on for change in course.changes] + list(course.departures)
    days += [arrival.issued for arrival in course.arrivals]
    return max(days, default=None)


def _engage(scenario: Scenario, people: Population, draw: Random) -> None:
    for unit in scenario.units:
        for kind, (_, count) in unit.caps.items():
            for _ in range(count):
                person = people.outside_quota(scenario.today)
                earliest = max(scenario.start, person.started_work_on)
                began = earliest + timedelta(days=draw.randrange(max(1, (scenario.today - earliest).days - 30)))
                scenario.engaged.append((unit, kind, person, began))
