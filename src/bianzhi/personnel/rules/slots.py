"""Slots of a staffing approval: who may enter on one, and what a replacement slot waits for (R01, R03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.personnel.rules.modes import TRANSFER_SLOTS
from bianzhi.personnel.rules.units import quota_label

STATE_REASONS = {
    "dormant": ("尚未生效：须待所接替人员出编", "请先办理所接替人员出编"),
    "consumed": ("已被使用", "请另行申请用编核准"),
    "expired": ("已过期", "请重新申请用编核准"),
    "returned": ("已退回", "请重新申请用编核准"),
}


@dataclass(frozen=True, slots=True)
class SlotFacts:
    """One slot as the rules see it; `confirmed_on` is None while the slip is only held (预占待核准)."""

    number: str
    state: str
    organization_id: int
    quota_type: str
    entry_mode: str
    confirmed_on: date | None
    valid_until: date
    reserved_on: date | None


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody wants to do on a slot."""

    organization_id: int
    quota_type: str
    effective_on: date
    today: date
    entry_mode: str = ""
    is_transfer: bool = False


def no_slot() -> Objection:
    """R01: nobody enters without a slot."""
    return Objection(
        "R01", "入编须有有效的用编核准名额，先核编、后进人（R01）", Severity.BLOCK, {}, "请先申请并取得用编核准单"
    )


def objections_to_slot(slot: SlotFacts, use: Use) -> list[Objection]:
    """R01: the slot is in force, unexpired, and made for this unit, quota type and mode."""
    found = [*_not_in_force(slot, use), *_not_in_time(slot, use)]
    differences = []
    if slot.organization_id != use.organization_id:
        differences.append("单位")
    if slot.quota_type != use.quota_type:
        differences.append(f"编制类型（名额为{quota_label(slot.quota_type)}）")
    if not _mode_fits(slot, use):
        differences.append(f"进入形式（名额为{codes('entry_mode').label(slot.entry_mode)}）")
    if differences:
        found.append(
            _block(f"名额 {slot.number} 与本次业务的{'、'.join(differences)}不一致（R01）", "请选用相符的名额")
        )
    return found


def _not_in_force(slot: SlotFacts, use: Use) -> list[Objection]:
    if slot.state in STATE_REASONS:
        reason, step = STATE_REASONS[slot.state]
        return [_block(f"名额 {slot.number} {reason}（R01）", step)]
    if slot.confirmed_on is None:
        message = f"名额 {slot.number} 为预占，用编申请尚未核准（R01）"
        return [_block(message, "先核编、后进人：请等待编办核准后再办理")]
    if use.today > slot.valid_until:
        return [_block(f"名额 {slot.number} 已于 {slot.valid_until} 过期（R01）", "请重新申请用编核准")]
    return []


def _not_in_time(slot: SlotFacts, use: Use) -> list[Objection]:
    days = [day for day in (slot.reserved_on, slot.confirmed_on) if day is not None]
    if days and use.effective_on < max(days):
        message = f"生效日期 {use.effective_on} 早于名额 {slot.number} 的生效日期 {max(days)}，属于先进人后核编（R01）"
        return [_block(message, "请核对到岗日期；确属补登的按“恢复在编”办理")]
    return []


def _mode_fits(slot: SlotFacts, use: Use) -> bool:
    return slot.entry_mode in TRANSFER_SLOTS if use.is_transfer else slot.entry_mode == use.entry_mode


def _block(message: str, step: str) -> Objection:
    return Objection("R01", message, Severity.BLOCK, {}, step)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A person whose exit a slot waits for."""

    person_id: int
    name: str
    occupies_here: bool
    already_replaced_by: str = ""


def objections_to_replacements(replacements: Sequence[Replacement]) -> list[Objection]:
    """R03: the named person occupies this quota of this unit, and only one slot waits for the same exit."""
    found: list[Objection] = []
    seen: set[int] = set()
    for replaced in replacements:
        if not replaced.occupies_here:
            found.append(
                _r03(f"{replaced.name}不在该单位此类编制上，不能作为接替对象（R03）", "请选择本单位同类编制的在编人员")
            )
        if replaced.already_replaced_by:
            message = f"{replaced.name}的编制已由名额 {replaced.already_replaced_by} 接替（R03）"
            found.append(_r03(message, "一人出编只能接替一人"))
        if replaced.person_id in seen:
            found.append(_r03(f"{replaced.name}在本次申请中重复作为接替对象（R03）", "一人出编只能接替一人"))
        seen.add(replaced.person_id)
    return found


def _r03(message: str, step: str) -> Objection:
    return Objection("R03", message, Severity.BLOCK, {}, step)


def objections_to_overdue_exits(names: Sequence[str], unit: str) -> list[Objection]:
    """R13: a unit that owes exits gets no new approval unless the director lets it."""
    if not names:
        return []
    listed = "、".join(names[:5]) + ("等" if len(names) > 5 else "")
    message = f"“{unit}”有 {len(names)} 人（{listed}）逾期未办理出编，不受理新的用编申请（R13）"
    return [
        Objection(
            "R13", message, Severity.OVERRIDE, {"逾期未出编": len(names)}, "请先办理出编，或由编办主任说明理由后放行"
        )
    ]


def objections_to_plan_item(item: str, planned: int, left: int, requested: int) -> list[Objection]:
    """P1: no more is approved under a plan item than it has left, unless the director lets it (计划外用编)."""
    if requested <= left:
        return []
    message = f"计划项“{item}”计划 {planned} 名，结余 {left} 名，少于申请的 {requested} 名，属于计划外用编（P1）"
    step = "请减少人数或先调整年度用编计划；确需计划外用编的，由编办主任说明理由后放行"
    return [Objection("P1", message, Severity.OVERRIDE, {"计划": planned, "结余": left, "申请": requested}, step)]


@dataclass(frozen=True, slots=True)
class Hold:
    """A slip as it stands before it is confirmed: how many of its slots are still set aside."""

    number: str
    is_confirmed: bool
    slots: int
    pending: int


def objections_to_confirmation(hold: Hold) -> list[Objection]:
    """R01: what is confirmed is held, whole, and not confirmed already."""
    if hold.is_confirmed:
        return [_block(f"核准单 {hold.number} 已核准，不能重复核准（R01）", "请查看已核准的名额")]
    if hold.pending < hold.slots:
        lost = hold.slots - hold.pending
        message = f"核准单 {hold.number} 预占的 {hold.slots} 个名额中有 {lost} 个已到期或释放（R01）"
        return [_block(message, "请将申请退回单位，重新受理预占")]
    return []


def objections_to_release(number: str, used: Sequence[str], reason: str) -> list[Objection]:
    """R01: what has happened is not taken back by giving slots back."""
    found = []
    if used:
        message = f"核准单 {number} 的名额 {'、'.join(used)} 已入编使用，不能释放或撤销核准（R01）"
        found.append(_block(message, "请先冲正相应的入编业务"))
    if not reason.strip():
        found.append(Objection("D2", "未填写释放或撤销的原因", Severity.BLOCK, {}, "请填写原因"))
    return found


def objections_to_withdrawal(
    number: str,
    is_confirmed: bool,
    used: Sequence[str],
    reason: str,
) -> list[Objection]:
    """R01: only a confirmed slip on which nobody has entered is held again."""
    if not is_confirmed:
        return [_block(f"核准单 {number} 尚未核准，无需撤销（R01）", "请核对核准单号")]
    return objections_to_release(number, used, reason)
