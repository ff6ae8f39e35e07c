"""Transfers inside the district: between units in one act (T02, T03, T07), within a unit (T01, T04)."""

from datetime import date

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.personnel.rules.modes import BETWEEN_UNITS
from bianzhi.personnel.rules.units import Unit


def not_on_quota(name: str) -> Objection:
    """The person has no open occupancy to leave or to change."""
    return Objection("R04", f"{name}目前不在编（或已登记出编）", Severity.BLOCK, {}, "请核对人员；新进人员请办理入编")


def objections_to_days(on_since: date, effective_on: date) -> list[Objection]:
    """What changes must have held for at least a day."""
    if effective_on > on_since:
        return []
    message = f"生效日期 {effective_on} 不晚于现占编的开始日期 {on_since}"
    return [Objection("D3", message, Severity.BLOCK, {}, "请核对日期；原登记有误的请办理更正")]


def objections_to_transfer(mode: str, source: Unit | None, target: Unit) -> list[Objection]:
    """The mode fits the two units."""
    found: list[Objection] = []
    if mode not in BETWEEN_UNITS:
        found.append(Objection("D1", f"“{mode}”不是单位之间的调动形式", Severity.BLOCK, {}, "请选择 T02、T03 或 T07"))
    if source is not None and source.id == target.id:
        found.append(Objection("D2", "调入单位就是现在的单位", Severity.BLOCK, {}, "单位内部调整请办理内设机构间调整"))
    elif mode == "T02" and source is not None and not _same_department(source, target):
        message = f"“{source.name}”与“{target.name}”不属于同一主管部门"
        found.append(Objection("D2", message, Severity.BLOCK, {}, "请按区内跨系统调动（T03）办理"))
    return found


def _same_department(source: Unit, target: Unit) -> bool:
    return (
        source.department_id is not None
        and (source.department_id == target.department_id or source.department_id == target.id)
    ) or target.department_id == source.id
