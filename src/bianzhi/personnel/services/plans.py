"""用编计划 (P01): what a year's recruitment is meant to be; slips may cite its items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Severity, refuse_if
from bianzhi.personnel.models import ApprovalSlot, PlanItem, SlotState, StaffingPlan
from bianzhi.personnel.services.authority import require

BATCH = 1000
RESTING = (SlotState.DORMANT, SlotState.RESERVED, SlotState.CONSUMED)
"""Slots that rest on the plan item their slip cites; lapsed and returned ones do not."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The plan itself. `source_digest` is the SM3 of the file it comes from: the same file makes one plan."""

    title: str
    year: int
    source_digest: str
    source: str = ""
    document: ApprovalDocument | None = None


@dataclass(frozen=True, slots=True)
class PlanItemFacts:
    """One post of the plan; sheet and row lead back to the file."""

    organization_id: int
    unit_name: str
    headcount: int
    post_name: str = ""
    post_code: str = ""
    quota_type: str = ""
    entry_mode: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    sheet: str = ""
    row_number: int = 0


@unit_of_work
def create_plan_with_items(
    *, actor: Actor, today: date, plan: PlanFacts, items: Sequence[PlanItemFacts]
) -> StaffingPlan:
    """Register a plan with all its items at once; a file already registered gives its plan back unchanged.

    Raises Refused for a plan without items or an item without a headcount (D2).
    """
    require(actor, "imports.run")
    known = StaffingPlan.objects.filter(source_digest=plan.source_digest).first()
    if known is not None:
        return known
    refuse_if(_objections(plan, items))
    created = StaffingPlan.objects.create(
        title=plan.title,
        year=plan.year,
        document=plan.document,
        source=plan.source,
        source_digest=plan.source_digest,
    )
    rows = PlanItem.objects.bulk_create([_item(created, facts) for facts in items], batch_size=BATCH)
    facts = {"items": len(rows), "headcount": sum(row.headcount for row in rows), "source": plan.source, "on": today}
    record("personnel.plan_created", actor=actor, subject=created, facts=facts, wrote=[created, *rows])
    outbox.put("personnel.plan_created", key=created.pk, payload={"items": len(rows)})
    return created


@unit_of_work
def withdraw_plan(*, actor: Actor, today: date, plan_id: int, reason: str) -> StaffingPlan:
    """撤销 a plan that no slip rests on: its items can be cited no longer. Twice is once.

    Raises Refused (R26) while a slip or an application that still holds cites one of its items.
    """
    require(actor, "imports.run")
    plan = StaffingPlan.objects.select_for_update().get(pk=plan_id)
    if plan.withdrawn_at is not None:
        return plan
    list(PlanItem.objects.select_for_update().filter(plan=plan).order_by("pk"))
    refuse_if(_objections_to_withdrawing(plan))
    plan.withdrawn_at = timezone.now()
    plan.save(update_fields=["withdrawn_at"])
    facts = {"reason": reason[:300], "on": today}
    record("personnel.plan_withdrawn", actor=actor, subject=plan, facts=facts, wrote=[plan])
    outbox.put("personnel.plan_withdrawn", key=plan.pk, payload={"plan": plan.pk})
    return plan


def _objections_to_withdrawing(plan: StaffingPlan) -> list[Objection]:
    resting = ApprovalSlot.objects.filter(approval__plan_item__plan=plan, state__in=RESTING)
    numbers = sorted(set(resting.order_by().values_list("approval__number", flat=True)))
    if not numbers:
        return []
    message = f"“{plan}”已有用编核准引用（{'、'.join(map(str, numbers[:3]))}），不能撤销（R26）"
    return [Objection("R26", message, Severity.BLOCK, {"核准单": len(numbers)}, "请先退回或冲正这些用编核准")]


def _item(plan: StaffingPlan, facts: PlanItemFacts) -> PlanItem:
    return PlanItem(
        plan=plan,
        organization_id=facts.organization_id,
        unit_name=facts.unit_name,
        post_name=facts.post_name,
        post_code=facts.post_code,
        headcount=facts.headcount,
        quota_type=facts.quota_type,
        entry_mode=facts.entry_mode,
        conditions=dict(facts.conditions),
        sheet=facts.sheet,
        row_number=facts.row_number,
    )


def _objections(plan: PlanFacts, items: Sequence[PlanItemFacts]) -> list[Objection]:
    found: list[Objection] = []
    if not plan.title.strip() or not plan.source_digest:
        found.append(Objection("D2", "用编计划缺少名称或来源", Severity.BLOCK, {}, "请补全"))
    if not items:
        found.append(Objection("D2", "用编计划没有任何计划项", Severity.BLOCK, {}, "请检查文件"))
    empty = [item for item in items if item.headcount < 1]
    if empty:
        message = f"{len(empty)} 个计划项没有人数，如“{empty[0].unit_name}”（第 {empty[0].row_number} 行）"
        found.append(Objection("D2", message, Severity.BLOCK, {}, "请填写大于 0 的人数"))
    return found
