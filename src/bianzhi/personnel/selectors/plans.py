"""How far a staffing plan has been carried out (T09)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from bianzhi.personnel.models import ApprovalSlot, PlanItem, SlotState, StaffingPlan


@dataclass(frozen=True, slots=True)
class ItemExecution:
    """One plan item: planned, approved by slips, used, lapsed or returned, held by open applications, and left."""

    item: PlanItem
    approved: int
    used: int
    lapsed: int
    held: int = 0

    @property
    def planned(self) -> int:
        """计划人数."""
        return self.item.headcount

    @property
    def left(self) -> int:
        """结余: planned and not under a slip that still holds or was used, nor held by an application."""
        return max(self.planned - (self.approved - self.lapsed) - self.held, 0)

    @property
    def percent(self) -> int:
        """执行率: used of planned, in percent."""
        return self.used * 100 // self.planned if self.planned else 0


def plan_execution(plan: StaffingPlan) -> list[ItemExecution]:
    """Every item of a plan with what became of it; two queries."""
    return execution_of(plan.items.all())


def execution_of(items: Iterable[PlanItem]) -> list[ItemExecution]:
    """These plan items, in their order, with what became of each; one query beyond the items' own."""
    listed = list(items)
    confirmed = Q(approval__confirmed_on__isnull=False)
    pending = Q(state__in=(SlotState.RESERVED, SlotState.DORMANT))
    rows = (
        ApprovalSlot.objects.filter(approval__plan_item__in=[item.pk for item in listed])
        .order_by()
        .values_list("approval__plan_item_id")
        .annotate(
            approved=Count("pk", filter=confirmed),
            used=Count("pk", filter=Q(state=SlotState.CONSUMED)),
            lapsed=Count("pk", filter=confirmed & Q(state__in=(SlotState.EXPIRED, SlotState.RETURNED))),
            held=Count("pk", filter=~confirmed & pending),
        )
    )
    counts = {item_id: numbers for item_id, *numbers in rows}
    return [ItemExecution(item, *counts.get(item.pk, (0, 0, 0, 0))) for item in listed]


def open_items(organization_id: int, day: date) -> list[ItemExecution]:
    """Items of this and last year's plans for a unit that have something left to approve, newest plan first."""
    items = PlanItem.objects.filter(
        organization_id=organization_id, plan__year__gte=day.year - 1, plan__withdrawn_at__isnull=True
    )
    found = execution_of(items.select_related("plan").order_by("-plan__year", "pk"))
    return [each for each in found if each.left]
