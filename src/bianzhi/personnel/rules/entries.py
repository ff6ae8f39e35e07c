"""Whether a person may come onto a quota now (R04), asked of what else the person has."""

from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.objections import Objection, Severity


@dataclass(frozen=True, slots=True)
class Stay:
    """A period in which the person is on some unit's quota."""

    unit: str
    valid_from: date
    valid_to: date | None


def objections_to_second_quota(name: str, stays: list[Stay], effective_on: date) -> list[Objection]:
    """R04 (一人一编): no other occupancy holds on the day or later."""
    found: list[Objection] = []
    for stay in stays:
        if stay.valid_to is not None and stay.valid_to <= effective_on:
            continue
        since = f"自 {stay.valid_from} 起在“{stay.unit}”占编" + (f"，至 {stay.valid_to} 前" if stay.valid_to else "")
        message = f"{name}{since}，一人只能占用一个编制（R04）"
        found.append(Objection("R04", message, Severity.BLOCK, {}, "请先办理出编，或按区内调动办理"))
    return found


def objections_to_employment(name: str, *, is_engaged: bool) -> list[Objection]:
    """R04: whoever still works beside the quota does not come onto it: nobody counts in both figures."""
    if not is_engaged:
        return []
    message = f"{name}已有未结束的编外（员额）用工，不能同时占用编制（R04）"
    return [Objection("R04", message, Severity.BLOCK, {}, "请先解除用工，自解除之日起占编")]
