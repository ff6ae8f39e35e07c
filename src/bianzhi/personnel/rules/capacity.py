"""Whether a unit has room: 可用 = 核定 − 实有 − 预占 (R02, R03)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.objections import Objection, Severity


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much of one measure of one unit is allotted and used on a day.

    空编 (`vacant`) and 超编 (`over`) are two figures, never netted against each other.
    """

    approved: int = 0
    occupied: int = 0
    reserved: int = 0

    @property
    def vacant(self) -> int:
        """空编: allotted and not occupied, reserved slots included."""
        return max(self.approved - self.occupied, 0)

    @property
    def over(self) -> int:
        """超编: occupied beyond what is allotted."""
        return max(self.occupied - self.approved, 0)

    @property
    def available(self) -> int:
        """What may still be given out; negative when the unit has promised more than it holds."""
        return self.approved - self.occupied - self.reserved

    def __add__(self, other: "QuotaUse") -> "QuotaUse":
        return QuotaUse(self.approved + other.approved, self.occupied + other.occupied, self.reserved + other.reserved)


NO_USE: Final = QuotaUse()


def figures(use: QuotaUse, requested: int = 0) -> Mapping[str, int | str]:
    """The numbers an objection about room shows."""
    shown: dict[str, int | str] = {
        "核定": use.approved,
        "实有": use.occupied,
        "预占": use.reserved,
        "可用": use.available,
    }
    if requested:
        shown["申请"] = requested
    return shown


def objections_to_use(use: QuotaUse, requested: int, *, unit: str, quota: str) -> list[Objection]:
    """R02: `requested` must not exceed what is available; asked at approval and again at entry."""
    if requested <= use.available:
        return []
    message = (
        f"“{unit}”{quota}核定 {use.approved} 名，实有 {use.occupied} 名，预占 {use.reserved} 名，"
        f"可用 {max(use.available, 0)} 名，少于所需的 {requested} 名（R02）"
    )
    step = "请减少人数，或先办理出编、退回未用名额、申请增加编制"
    return [Objection("R02", message, Severity.BLOCK, figures(use, requested), step)]


def objections_to_new_slots(
    use: QuotaUse, requested: int, replacements: int, *, unit: str, quota: str
) -> list[Objection]:
    """R03, then R02: an over-staffed unit gets no slot, a full one only replacements that wait for an exit.

    `requested` are slots that take effect at once, `replacements` those tied to a named person's exit.
    """
    if use.over and requested + replacements:
        message = (
            f"“{unit}”{quota}核定 {use.approved} 名，实有 {use.occupied} 名，已超编 {use.over} 名，不再核准用编（R03）"
        )
        step = "请先消化超编人员"
        return [
            Objection(
                "R03", message, Severity.BLOCK, {**figures(use, requested + replacements), "超编": use.over}, step
            )
        ]
    if requested and use.available <= 0:
        message = (
            f"“{unit}”{quota}核定 {use.approved} 名，实有 {use.occupied} 名，预占 {use.reserved} 名，已满编，"
            f"只能按“出一进一”核准（R03）"
        )
        step = "请注明接替的即将出编人员，名额在其出编后生效"
        return [Objection("R03", message, Severity.BLOCK, figures(use, requested), step)]
    return objections_to_use(use, requested, unit=unit, quota=quota)
