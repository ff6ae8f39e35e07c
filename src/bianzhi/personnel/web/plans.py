"""用编计划: the plans of the years, and the posts of one with what became of each (P01, T09)."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import Column, ListPage, TextFilter
from bianzhi.common.web.lists.filters import FilterProblem, Rows
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.scopes import restrict, visible_organization_ids
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import PlanItem, StaffingPlan
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.plans import execution_of
from bianzhi.personnel.web.filters import UnitFilter
from bianzhi.personnel.web.links import unit_url


def plan_url(plan: StaffingPlan) -> str:
    """The page of a plan."""
    return reverse("personnel:plan", args=[plan.pk])


def state_of(plan: StaffingPlan) -> str:
    """Whether slips may cite it."""
    return "已撤销" if plan.withdrawn_at else "有效"


def of_year(rows: Rows, text: str) -> Rows:
    """The plans of a year written in digits, with or without 年."""
    written = re.fullmatch(r"([0-9]{4})年?", text)
    if written is None:
        raise FilterProblem(f"筛选条件“年度”：“{text}”不是年份。须填四位数字，如 2026。")
    return rows.filter(year=int(written[1]))


class PlanList(ListPage):
    """Every staffing plan with its size within the user's scope."""

    key = "personnel.plans"
    title = "用编计划"
    noun = "份"
    columns = (
        Column("title", "计划名称", order="title", link=plan_url, width=50),
        Column("year", "年度", order="year"),
        Column("posts", "计划项", kind="number", order="posts"),
        Column("units", "用编单位", kind="number", order="units"),
        Column("people", "人数", kind="number", order="people"),
        Column("state", "状态", state_of, kind="status"),
        Column("document", "依据文件", "document.doc_no", width=24),
        Column("source", "来源", width=30),
    )
    filters = (TextFilter(key="year", label="年度", narrow=of_year),)
    search_fields = ("title", "source")
    search_hint = "计划名称"
    ordering = ("-year", "-pk")
    export_permission = "reports.export"
    template = "personnel/plans.html"
    empty_title = "还没有用编计划"
    empty_text = "已有的招录、招聘职位表可以在“数据导入”中直接上传。"


class PlanItemList(ListPage):
    """The posts of one plan within the user's scope."""

    key = "personnel.plan_items"
    title = "计划项"
    noun = "项"
    columns = (
        Column("unit", "用编单位", "unit_shown", link=unit_url, order="organization__code", width=36),
        Column("post_name", "职位（岗位）", order="post_name", width=26),
        Column("post_code", "代码", order="post_code"),
        Column("headcount", "计划人数", kind="number", order="headcount"),
        Column("approved", "已核准", kind="number"),
        Column("used", "已使用", kind="number"),
        Column("held", "预占待核准", kind="number", shown=False),
        Column("left", "结余", kind="number", shown=False),
        Column("quota_type", "编制类型", lambda item: quota_label(item.quota_type) if item.quota_type else ""),
        Column(
            "entry_mode", "进入形式", lambda item: codes("entry_mode").label(item.entry_mode) if item.entry_mode else ""
        ),
        Column("unit_name", "表中单位名称", shown=False, width=36),
        Column("place", "表中位置", lambda item: f"{item.sheet} 第 {item.row_number} 行", shown=False),
    )
    filters = (UnitFilter(key="unit", label="用编单位（含下级）"),)
    search_fields = ("unit_name", "post_name", "post_code")
    search_hint = "单位、职位、代码"
    ordering = ("pk",)
    export_permission = "reports.export"
    template = "personnel/plan.html"
    empty_title = "没有计划项"

    def prepare(self, rows: list[PlanItem]) -> Iterable[PlanItem]:
        """Names of the day, and the slots of slips that cite the item."""
        names = names_on({item.organization_id for item in rows}, self.request.as_of)
        for item, execution in zip(rows, execution_of(rows), strict=True):
            shown: Any = item
            shown.unit_shown = names.get(item.organization_id, item.unit_name)
            shown.approved = execution.approved - execution.lapsed
            shown.used, shown.held, shown.left = execution.used, execution.held, execution.left
        return rows


@page("approvals.view")
@require_safe
def plans(request: PageRequest) -> HttpResponseBase:
    """The plans of the years, counted as far as the user may see their posts."""
    ids = visible_organization_ids(request.user, request.today)
    seen = None if ids is None else Q(items__organization__in=ids)
    rows = StaffingPlan.objects.select_related("document").annotate(
        posts=Count("items", filter=seen),
        units=Count("items__organization", distinct=True, filter=seen),
        people=Sum("items__headcount", filter=seen, default=0),
    )
    return PlanList(request, rows).respond()


@page("approvals.view")
@require_safe
def plan(request: PageRequest, pk: int) -> HttpResponseBase:
    """The posts of one plan and its totals, as far as the user may see them."""
    found = get_object_or_404(StaffingPlan.objects.select_related("document"), pk=pk)
    items = restrict(PlanItem.objects.filter(plan=found), request.user)
    totals = items.aggregate(
        posts=Count("pk"), units=Count("organization", distinct=True), people=Sum("headcount", default=0)
    )
    return PlanItemList(request, items.select_related("organization")).respond({"plan": found, "totals": totals})
