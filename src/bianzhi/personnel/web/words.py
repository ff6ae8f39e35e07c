"""Codes of the register in the words officials use."""

from datetime import date

from bianzhi.common.web.tones import Tone, register_tones
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.retirement import months_until
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.personnel.models import DutyPeriod, Movement, MovementFamily, Occupancy, Person, Secondment
from bianzhi.personnel.selectors.retirements import retirement_month

RETIRING_SOON_MONTHS = 6

register_tones(
    {
        "在编在岗": Tone.GOOD,
        "试用期": Tone.INFO,
        "在编借出": Tone.WARN,
        "在编不在岗": Tone.WARN,
        "超编在册": Tone.BAD,
        "到龄未退": Tone.BAD,
        "待激活（出一进一）": Tone.WARN,
        "预占待核准": Tone.INFO,
        "已退回": Tone.NEUTRAL,
        "超控制数": Tone.BAD,
        "在借": Tone.INFO,
        "已归还": Tone.NEUTRAL,
        "超期": Tone.BAD,
        "超期办理": Tone.BAD,
    }
)

MODE_SETS = {
    MovementFamily.ENTRY: "entry_mode",
    MovementFamily.EXIT: "exit_mode",
    MovementFamily.INTERNAL: "internal_mode",
    MovementFamily.OPENING: "entry_mode",
    MovementFamily.CORRECTION: "internal_mode",
}


def mode_label(movement: Movement) -> str:
    """The movement's mode in words, whichever code set it is of."""
    for name in (MODE_SETS[MovementFamily(movement.family)], "entry_mode", "internal_mode", "exit_mode"):
        if movement.mode in codes(name):
            return codes(name).label(movement.mode)
    return movement.mode


def quota_choices(*, only_quota: bool = True) -> list[tuple[str, str]]:
    """(code, label) of the quota types people can be on."""
    return [(each.code, each.label) for each in quota_types().values() if each.counts_as_quota or not only_quota]


def age_on(born_on: date, day: date) -> int:
    """Full years of age on a day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def schooling_words(person: Person) -> str:
    """The higher one of full-time and in-service schooling in short words (大学本科); the codes rise as it falls."""
    held = [code for code in (person.schooling_full_time, person.schooling_in_service) if code]
    return codes("schooling").label(min(held)).removesuffix("毕业").removesuffix("教育") if held else ""


def grade_words(person: Person) -> str:
    """职级 of a civil servant, else the post grade."""
    if person.grade:
        return codes("grade").label(person.grade)
    return codes("post_grade").label(person.post_grade)


def states_of(
    occupancy: Occupancy, duty: DutyPeriod | None, lent: Secondment | None, day: date, *, left: bool = False
) -> list[str]:
    """How a person stands on a day, the gravest word first."""
    if left:
        return ["已退休" if occupancy.exit_mode in ("O01", "O02", "O03", "O04", "O05") else "已出编"]
    words = []
    month = retirement_month(occupancy.person) if occupancy.valid_to is None else None
    remaining = months_until(day, month) if month is not None else RETIRING_SOON_MONTHS + 1
    if remaining < 0:
        words.append("到龄未退")
    if occupancy.over_quota:
        words.append("超编在册")
    if duty is not None:
        words.append(codes("duty_state").label(duty.state))
    if lent is not None and lent.from_organization_id is not None and "在编借出" not in words:
        words.append("在编借出")
    if 0 <= remaining <= RETIRING_SOON_MONTHS:
        words.append("即将退休")
    return words or ["在编在岗"]
