"""What personnel answers when lower apps ask before they change something (registered in `apps.py`)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from bianzhi.kernel import clock
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.objections import Reduction
from bianzhi.ledger.rules.lines import levels_from
from bianzhi.ledger.rules.measures import label, since_in_words
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.selectors.balances import body_held_from, held_from
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.objections import Proposal
from bianzhi.personnel.models import Appointment, ApprovalSlot, Engagement, Occupancy, SlotState
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.units import unit_on

PENDING = (SlotState.DORMANT, SlotState.RESERVED)


def to_reduction(reduction: Reduction) -> list[Objection]:
    """R02, R09, R22: a unit's number does not fall below the people and slots on it, on any day from then on.

    Every day counts by itself: who left before and who came after do not add up. Slots reserved now are promised
    from today on.
    """
    levels = reduction.levels or ((reduction.effective_on, reduction.approved),)
    reserved, today = _reserved(reduction.organization_id, reduction.measure), clock.today()
    comings = [*_comings(reduction.organization_id, reduction.measure, reduction.effective_on), (today, 0)]
    for index, (day, number) in enumerate(levels):
        until = levels[index + 1][0] if index + 1 < len(levels) else date.max
        for on, used in levels_from(comings, day):
            promised = reserved if on >= today else 0
            if on < until and used + promised > number:
                return [_below_use(reduction, on, number, used, promised)]
    return []


def _comings(organization_id: int, measure: str, day: date) -> Iterator[tuple[date, int]]:
    """Who comes (+1) and goes (−1) on which day, of everybody there on some day from `day` on."""
    if measure in codes("post_level"):
        rows: QuerySet[Any] = Appointment.objects.current().filter(post_level=measure, is_principal=True)
    elif measure in ("E1", "E2"):
        rows = Engagement.objects.current().filter(kind=measure)
    else:
        rows = Occupancy.objects.current().filter(quota_type=measure)
    staying = _staying(rows.filter(organization_id=organization_id), day)
    for valid_from, valid_to in staying.values_list("valid_from", "valid_to"):
        yield valid_from, 1
        if valid_to is not None:
            yield valid_to, -1


def _reserved(organization_id: int, measure: str) -> int:
    return ApprovalSlot.objects.filter(
        organization_id=organization_id, quota_type=measure, state=SlotState.RESERVED
    ).count()


def _below_use(reduction: Reduction, day: date, number: int, used: int, reserved: int) -> Objection:
    unit = unit_on(reduction.organization_id, day)
    name = unit.name if unit else "该单位"
    levels = codes("post_level")
    is_post = reduction.measure in levels
    label = levels.label(reduction.measure) if is_post else quota_label(reduction.measure)
    code = "R09" if is_post else "R22" if reduction.measure in ("E1", "E2") else "R02"
    message = f"“{name}”{label}在 {day} 将为 {number} 名，低于实有 {used} 名与预占 {reserved} 名之和（{code}）"
    step = "请先办理出编（免职、解除用工）或退回名额；确需核减形成超编的，请注明经批准"
    return Objection(code, message, Severity.BLOCK, {"核定": number, "实有": used, "预占": reserved}, step)


def to_proposal(proposal: Proposal) -> Iterable[Objection]:
    """L1: a unit is abolished, or a body closed, only after its people, slots and quota have gone elsewhere.

    R05, R10: nor does it become one that may not use its people's quota, or begin after they came.
    """
    if proposal.body_id is not None:
        yield from _left_in_body(proposal, proposal.body_id)
    elif proposal.after is None:
        yield from _left_in_unit(proposal)
    elif proposal.before is not None:
        yield from _unfit_after(proposal, proposal.before, proposal.after)
        yield from _there_before(proposal)


def _unfit_after(proposal: Proposal, before: OrganizationVersion, after: OrganizationVersion) -> Iterable[Objection]:
    """R05: people and slots on a quota type that the unit, once it is of another kind, may not use."""
    kinds = [(version.org_type, version.institution_class) for version in (before, after)]
    if kinds[0] == kinds[1]:
        return
    pk, day = proposal.organization_id, proposal.effective_on
    there = Counter(
        _staying(Occupancy.objects.current().filter(organization_id=pk), day).values_list("quota_type", flat=True)
    )
    there.update(
        ApprovalSlot.objects.filter(organization_id=pk, state__in=PENDING).values_list("quota_type", flat=True)
    )
    unfit = {
        code: there[code]
        for code, quota in quota_types().items()
        if there[code] and quota.allowed_in(*kinds[0]) and not quota.allowed_in(*kinds[1])
    }
    if unfit:
        words = "、".join(f"{quota_label(code)} {number} 名" for code, number in unfit.items())
        message = f"“{after.name}”仍有使用{words}的人员或核准名额，调整后的机构类别不能使用，属于混编混岗（R05）"
        yield Objection("R05", message, Severity.BLOCK, unfit, "请先为这些人员办理调动或出编，并退回名额")


def _there_before(proposal: Proposal) -> Iterable[Objection]:
    """R10: nobody is in a unit before its first day."""
    if not proposal.begins_later:
        return
    earlier = {
        name: rows.filter(organization_id=proposal.organization_id, valid_from__lt=proposal.effective_on).count()
        for name, rows in (
            ("在编人员", Occupancy.objects.current()),
            ("编外（员额）人员", Engagement.objects.current()),
            ("职务", Appointment.objects.current()),
        )
    }
    there, words = _counted(earlier)
    if there:
        message = f"在 {proposal.effective_on} 以前已登记有{words}（R10）"
        yield Objection("R10", message, Severity.BLOCK, there, "请核对起始日期，或先更正这些记录的起始日期")


def _left_in_unit(proposal: Proposal) -> Iterable[Objection]:
    pk, day = proposal.organization_id, proposal.effective_on
    slots = ApprovalSlot.objects.filter(organization_id=pk, state__in=PENDING)
    left = {
        "在编人员": _staying(Occupancy.objects.current().filter(organization_id=pk), day).count(),
        "编外（员额）人员": _staying(Engagement.objects.current().filter(organization_id=pk), day).count(),
        "未免去的职务": _staying(Appointment.objects.current().filter(organization_id=pk), day).count(),
        "未使用的核准名额": slots.count(),
    }
    yield from _remaining(left, "请先办理划转、出编、免职，并退回名额；或改用“撤销（连同人员、编制）”一并办理")
    held = {measure: levels for (_, measure), levels in held_from([pk], day).items()}
    if quota := _held_on(held, day):
        words = "、".join(f"{label(measure)} {number} 名" for measure, number in quota.items())
        yield Objection("L1", f"单位仍持有{words}", Severity.BLOCK, quota, "请先划转或收回编制和职数")
    yield from _held_later("单位", held, day)


def _left_in_body(proposal: Proposal, body_id: int) -> Iterable[Objection]:
    day = proposal.effective_on
    left = {
        "在编人员": _staying(Occupancy.objects.current().filter(internal_body_id=body_id), day).count(),
        "未免去的职务": _staying(Appointment.objects.current().filter(internal_body_id=body_id), day).count(),
        "未使用的核准名额": ApprovalSlot.objects.filter(internal_body_id=body_id, state__in=PENDING).count(),
    }
    yield from _remaining(left, "请先将人员调整到其他内设机构，并免去职务、退回名额")
    held = body_held_from(proposal.organization_id, body_id, day)
    if quota := _held_on(held, day):
        number = sum(quota.values())
        yield Objection("L1", f"内设机构仍有定编 {number} 名", Severity.BLOCK, quota, "请先将编制收回到单位")
    yield from _held_later("内设机构", held, day)


def _held_on(held: Mapping[str, Sequence[tuple[date, int]]], day: date) -> dict[str, int]:
    return {measure: levels[0][1] for measure, levels in held.items() if levels[0][0] == day}


def _held_later(holder: str, held: Mapping[str, Sequence[tuple[date, int]]], day: date) -> Iterable[Objection]:
    """What is registered for days on which the holder would be gone, though it has nothing on its last day."""
    later = {measure: levels[0] for measure, levels in held.items() if levels[0][0] > day}
    if later:
        message = f"{holder}在 {day} 之后还登记有{since_in_words(later)}"
        figures = {measure: number for measure, (_, number) in later.items()}
        yield Objection("L1", message, Severity.BLOCK, figures, "请先冲正或收回这些编制，或改用更晚的生效日期")


def _staying(rows: QuerySet[Any], day: date) -> QuerySet[Any]:
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day))


def _counted(numbers: Mapping[str, int]) -> tuple[dict[str, int], str]:
    """Those above zero, and in words."""
    found = {name: number for name, number in numbers.items() if number}
    return found, "、".join(f"{name} {number}" for name, number in found.items())


def _remaining(left: dict[str, int], step: str) -> Iterable[Objection]:
    held, words = _counted(left)
    if held:
        yield Objection("L1", f"仍有{words}", Severity.BLOCK, held, step)
