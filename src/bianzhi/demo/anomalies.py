"""What is wrong with the district on purpose (domain dossier §9), so that every warning has something to find."""

from datetime import date, timedelta

from bianzhi.demo.scenario import Scenario, Stay
from bianzhi.demo.timeline import Course
from bianzhi.kernel.retirement import YearMonth

RETIRED_STILL_LISTED = 9
"""Retired for more than ten working days and still on the quota (W07)."""

RETIRING_THIS_MONTH = 3
"""Reaching the age this month: together with the nine, twelve 到龄未退 (W06)."""


def plant_anomalies(scenario: Scenario) -> None:
    """Two units over quota, one mixed use, twelve past retirement age."""
    _overstaff(scenario, units=2, excess=3)
    _mix(scenario)
    _keep_the_retired(scenario)


def _overstaff(scenario: Scenario, *, units: int, excess: int) -> None:
    """Small bureaus with more people than quota since before the register began; nothing ever moved there."""
    chosen = [unit for unit in scenario.units if unit.block.number == 2 and "C1" not in unit.quota][:units]
    for unit in chosen:
        approved, _ = unit.quota["A1"]
        unit.quota["A1"] = (approved, approved + excess)
        _forget(scenario, unit.code, "A1")
        scenario.courses[unit.code, "A1"] = Course(approved, approved, (), (), ())
        for index in range(approved + excess):
            person = scenario.people.already_there(
                "A1", scenario.start, 0.35, retires_after=YearMonth.of(scenario.today)
            )
            scenario.stays.append(Stay(unit, "A1", person, person.started_work_on, over_quota=index >= approved))


def _forget(scenario: Scenario, code: str, quota_type: str) -> None:
    """Drop a unit's own course; people who came from or went elsewhere keep the other half of their way."""
    dropped = [stay for stay in scenario.stays if stay.unit.code == code and stay.quota_type == quota_type]
    for stay in dropped:
        if stay.follows is not None:
            stay.follows.followed_by = None
            stay.follows.exit_mode = "O06"
        if stay.followed_by is not None:
            stay.followed_by.follows = None
            stay.followed_by.entry_mode = "I06"
    gone = {id(stay) for stay in dropped}
    scenario.stays = [stay for stay in scenario.stays if id(stay) not in gone]
    scenario.open_slots = [
        slot for slot in scenario.open_slots if not (slot.unit.code == code and slot.quota_type == quota_type)
    ]


def _mix(scenario: Scenario) -> None:
    """One person on administrative quota in an institution that may have none (R05, W02)."""
    unit = next(unit for unit in scenario.units if unit.block.number == 16)
    person = scenario.people.already_there("A1", scenario.start, 0.3, retires_after=YearMonth.of(scenario.today))
    scenario.stays.append(Stay(unit, "A1", person, person.started_work_on, over_quota=True))


def _keep_the_retired(scenario: Scenario) -> None:
    """Give twelve people of the first day a birth month that makes them overdue."""
    this_month = YearMonth.of(scenario.today)
    months = [this_month.plus(-2 - index % 7) for index in range(RETIRED_STILL_LISTED)]
    months += [this_month] * RETIRING_THIS_MONTH
    staying = [
        stay
        for stay in scenario.stays
        if stay.end is None and stay.entry is None and not stay.over_quota and stay.quota_type in ("A1", "B1", "B5")
    ]
    step = max(1, len(staying) // len(months))
    for stay, month in zip(staying[::step], months, strict=False):
        stay.person = scenario.people.retired_by(stay.quota_type, month, 0.4)
        stay.start = stay.person.started_work_on


def overdue_secondments(today: date) -> list[tuple[date, date]]:
    """(begun, agreed end) of five secondments whose end has passed."""
    return [(today - timedelta(days=400 + 20 * n), today - timedelta(days=30 + 15 * n)) for n in range(5)]
