"""When somebody leaves the quota, and whether it was filed in time (R12, domain dossier §3.4, §5.4)."""

from dataclasses import dataclass
from datetime import date, timedelta

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.kernel.retirement import YearMonth, occupancy_end
from bianzhi.personnel.rules.modes import RETIREMENTS

ONE_DAY = timedelta(days=1)


def first_day_off_quota(mode: str, event_on: date) -> date:
    """The first day the person no longer occupies quota.

    A retirement ends with its month; any other exit with the day of the event, which is the last day on quota.
    """
    if mode in RETIREMENTS:
        return occupancy_end(YearMonth.of(event_on))
    return event_on + ONE_DAY


@dataclass(frozen=True, slots=True)
class ExitFacts:
    """One exit about to be filed. `deadline` is the last day of R12's clock."""

    name: str
    mode: str
    event_on: date
    off_on: date
    on_since: date
    today: date
    deadline: date


def objections_to_exit(exit_: ExitFacts) -> list[Objection]:
    """Order of days, and R12's clock: a late filing goes through, flagged, and is remarked."""
    found: list[Objection] = []
    if exit_.off_on <= exit_.on_since:
        message = f"出编时间 {exit_.off_on - ONE_DAY} 早于入编时间 {exit_.on_since}"
        found.append(Objection("D3", message, Severity.BLOCK, {}, "请核对日期；入编有误的请办理冲正"))
    if exit_.event_on > exit_.today and exit_.mode not in RETIREMENTS:
        label = codes("exit_mode").label(exit_.mode)
        message = f"“{label}”的发生日期 {exit_.event_on} 尚未到来"
        found.append(Objection("D3", message, Severity.BLOCK, {}, "请在事由发生后办理"))
    if exit_.today > exit_.deadline:
        message = f"{exit_.name}应于 {exit_.deadline} 前办理出编，已超期（R12）"
        found.append(Objection("R12", message, Severity.WARN, {"应办日期": str(exit_.deadline)}, "已标记为超期办理"))
    return found
