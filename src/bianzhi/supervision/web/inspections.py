"""One check: what was found, and the form that writes it down."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.supervision.models import Inspection, PlanState, Problem
from bianzhi.supervision.selectors.words import kind_label
from bianzhi.supervision.services.inspecting import record_inspection
from bianzhi.supervision.web.forms import InspectionForm
from bianzhi.supervision.web.links import AREA, case_url, inspection_url, plan_url, unit_url


@page("supervision.view")
@require_safe
def inspection(request: PageRequest, pk: int) -> HttpResponse:
    """What was checked, what came of it, the problems found."""
    rows = Inspection.objects.select_related("plan", "instance")
    found = get_visible_or_404(rows, request.user, pk)
    problems = [(problem, kind_label(problem.kind)) for problem in _problems(found)]
    is_open = not found.result and found.plan is not None and found.plan.state == PlanState.DRAWN
    context = {"inspection": found, "facts": _facts(request, found), "problems": problems, "is_open": is_open}
    return render(request, "supervision/inspection.html", context)


def _problems(inspection: Inspection) -> list[Problem]:
    return list(inspection.problems.order_by("pk"))


def _facts(request: PageRequest, inspection: Inspection) -> list[tuple[Any, ...]]:
    names = names_on([inspection.organization_id], request.as_of)
    plan, case = inspection.plan, case_url(inspection.instance, request.user)
    return [
        ("单位", names.get(inspection.organization_id, ""), unit_url(inspection)),
        ("检查方案", plan.number, plan_url(plan)) if plan else ("检查方案", "办件督查环节"),
        *([("办件", inspection.instance.title, case)] if inspection.instance else []),
        ("检查结果", inspection.get_result_display()),
        ("检查日期", str(inspection.checked_on or "")),
        ("检查人", inspection.checked_by_name),
        ("检查情况", inspection.text),
    ]


@page("supervision.manage")
@require_http_methods(["GET", "POST"])
@at_present
def inspect(request: PageRequest, pk: int) -> HttpResponse:
    """Write down what a check found."""
    found = get_object_or_404(Inspection.objects.select_related("plan", "instance"), pk=pk)
    form = InspectionForm(request.POST or None, user=request.user)
    back = plan_url(found.plan) if found.plan else reverse("supervision:plans")

    def act() -> Inspection:
        return record_inspection(
            actor=request.user,
            today=request.today,
            inspection_id=found.pk,
            text=form.cleaned_data["text"],
            findings=form.findings(),
        )

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda check: Done(inspection_url(check), f"已登记检查结果：{check.get_result_display()}。"),
        title=f"登记检查结果　{found.label}",
        submit="登记检查结果",
        back=back,
        facts=_facts(request, found)[:3],
        lead="没有填写问题的，登记为“无问题”。检查结果登记后不能改写，另有发现的在问题台账登记。",
        context={"area": AREA, "crumb": ("督查检查", reverse("supervision:plans")), "no_check": True},
    ).respond()
