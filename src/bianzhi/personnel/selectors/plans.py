"""How far a staffing plan has been carried out (T09)."""

from dataclasses import dataclass

from django.db.models import Count, Q

from bianzhi.personnel.models import ApprovalSlot, PlanItem, SlotState, StaffingPlan


@dataclass(frozen=True, slots=True)
class ItemExecution:
    """One plan item: planned, approved by slips, used, lapsed or returned, and what is left to approve."""

    item: PlanItem
    approved: int
    used: int
    lapsed: int

    @property
    def planned(self) -> int:
        """计划人数."""
        return self.item.headcount

    @property
    def left(self) -> int:
        """结余: planned and not under a slip that still holds or was used."""
        return max(self.planned - (self.approved - self.lapsed), 0)

    @property
    def percent(self) -> int:
        """执行率: used of planned, in percent."""
        return self.used * 100 // self.planned if self.planned else 0


def plan_execution(plan: StaffingPlan) -> list[ItemExecution]:
    """Every item of a plan with what became of it; two queries."""
    slots = ApprovalSlot.objects.filter(approval__plan_item__plan=plan)
    rows = (
        slots.order_by()
        .values_list("approval__plan_item_id")
        .annotate(
            approved=Count("pk"),
            used=Count("pk", filter=Q(state=SlotState.CONSUMED)),
            lapsed=Count("pk", filter=Q(state__in=(SlotState.EXPIRED, SlotState.RETURNED))),
        )
    )
    counts = {item_id: (approved, used, lapsed) for item_id, approved, used, lapsed in rows}
    return [ItemExecution(item, *counts.get(item.pk, (0, 0, 0))) for item in plan.items.all()]
