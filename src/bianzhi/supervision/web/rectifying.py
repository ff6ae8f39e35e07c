"""Acting on a rectification: issuing the order, the unit's report, and what the office does with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.common import working_days
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lookups import key_in
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.supervision.models import Problem, ProblemState, RectificationOrder, StepKind
from bianzhi.supervision.parameters import LONGEST_DAYS, USUAL_DAYS
from bianzhi.supervision.rules.rectifying import usual_due_day
from bianzhi.supervision.selectors.locks import remaining_locks
from bianzhi.supervision.selectors.words import kind_label
from bianzhi.supervision.services.rectifying import (
    close_order,
    extend_order,
    issue_order,
    reopen_order,
    report_rectification,
    verify_order,
)
from bianzhi.supervision.web.forms import ExtensionForm, OrderForm, ReopeningForm, VerificationForm, WordsForm
from bianzhi.supervision.web.links import AREA, order_url, unit_url


@page("supervision.manage")
@require_http_methods(["GET", "POST"])
@at_present
def new_order(request: PageRequest) -> HttpResponse:
    """Issue an order for problems of one unit; without ?unit= the units that wait for one are offered."""
    unit = request.GET.get("unit", "")
    if not unit:
        return _choose_unit(request)
    key = key_in(unit)
    organization = Organization.objects.filter(pk=key).first() if key is not None else None
    if organization is None:
        raise Http404("没有这个单位。")
    return _issue(request, organization)


def _choose_unit(request: PageRequest) -> HttpResponse:
    waiting: dict[int, list[Problem]] = {}
    for problem in Problem.objects.filter(state=ProblemState.OPEN).order_by("found_on"):
        waiting.setdefault(problem.organization_id, []).append(problem)
    names = names_on(waiting, request.today)
    units = [(pk, names.get(pk, ""), problems) for pk, problems in waiting.items()]
    return render(request, "supervision/choose_unit.html", {"units": units})


def _issue(request: PageRequest, organization: Organization) -> HttpResponse:
    waiting = Problem.objects.filter(organization=organization, state=ProblemState.OPEN).order_by("number")
    due = usual_due_day(request.today, USUAL_DAYS.number, working_days.load(request.today))
    form = OrderForm(
        request.POST or None,
        user=request.user,
        problems=[(problem, kind_label(problem.kind)) for problem in waiting],
        usual=f"不填为 {due}（一般 {USUAL_DAYS.number} 天，最长 {LONGEST_DAYS.number} 天）",
        initial={"problems": [problem.pk for problem in waiting]},
    )

    def act() -> Any:
        cleaned = form.cleaned_data
        return issue_order(
            actor=request.user,
            today=request.today,
            problem_ids=cleaned["problems"],
            measures=cleaned["measures"],
            due_on=cleaned["due_on"],
        )

    name = names_on([organization.pk], request.today).get(organization.pk, "")
    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda issued: Done(order_url(issued.order), f"已签发 {issued.order.number}。"),
        title=f"签发整改通知书　{name}",
        submit="签发整改通知书",
        back=reverse("supervision:problems"),
        context={"area": AREA, "crumb": ("整改通知书", reverse("supervision:orders"))},
    ).respond()


@dataclass(frozen=True)
class Step:
    """One act upon an order: its words, its form, and the service that does it with what the form holds."""

    title: str
    form: Callable[..., Any]
    act: Callable[[PageRequest, int, Any], RectificationOrder]
    notice: str
    lead: str = ""
    lifted: str = ""

    def told_of(self, order: RectificationOrder, day: date) -> str:
        """What is said once it is done; `lifted` is said of the unit's lock where the unit is free by it."""
        if not self.lifted:
            return f"{order.number} {self.notice}。"
        return f"{order.number} {self.notice}；{remaining_locks(order.organization_id, day) or self.lifted}。"


def _words(called: str) -> Callable[..., WordsForm]:
    return lambda *args, **kwargs: WordsForm(*args, called=called, **kwargs)


STEPS: dict[str, Step] = {
    "extend": Step(
        "延长整改期限",
        ExtensionForm,
        lambda request, pk, told: extend_order(
            actor=request.user, today=request.today, order_id=pk, due_on=told["due_on"], reason=told["reason"]
        ),
        "整改期限已延长",
    ),
    "verify": Step(
        "核查整改情况",
        VerificationForm,
        lambda request, pk, told: verify_order(
            actor=request.user, today=request.today, order_id=pk, passed=told["passed"] == "yes", text=told["text"]
        ),
        "核查结论已登记",
    ),
    "close": Step(
        "销号",
        _words("销号意见"),
        lambda request, pk, told: close_order(actor=request.user, today=request.today, order_id=pk, text=told["text"]),
        "已销号",
        lifted="对该单位新申请的限制随之解除",
    ),
    "reopen": Step(
        "撤销销号",
        ReopeningForm,
        lambda request, pk, told: reopen_order(
            actor=request.user, today=request.today, order_id=pk, reason=told["reason"], due_on=told["due_on"]
        ),
        "销号已撤销，问题恢复为整改中",
        "原销号单保留备查；问题恢复为整改中，限制申请的问题重新限制该单位的申请。",
    ),
}
"""What the office does, by the word in the address."""

REPORT = Step(
    "报送整改情况",
    _words("整改情况"),
    lambda request, pk, told: report_rectification(
        actor=request.user, today=request.today, order_id=pk, text=told["text"]
    ),
    "整改情况已报送，等待编办核查",
    "请逐项说明已采取的措施、完成情况和佐证材料。",
)


@page("supervision.answer")
@require_http_methods(["GET", "POST"])
@at_present
def report(request: PageRequest, pk: int) -> HttpResponse:
    """The unit says what it has done."""
    return _respond(request, pk, REPORT)


@page("supervision.manage")
@require_http_methods(["GET", "POST"])
@at_present
def handle(request: PageRequest, pk: int, act: str) -> HttpResponse:
    """The office extends, verifies, closes or reopens."""
    if act not in STEPS:
        raise Http404("没有这种办理。")
    return _respond(request, pk, STEPS[act])


def _respond(request: PageRequest, pk: int, step: Step) -> HttpResponse:
    found = get_visible_or_404(RectificationOrder, request.user, pk)
    form = step.form(request.POST or None, user=request.user)
    problems = "；".join(f"{each.number} {each.facts}" for each in found.problems.order_by("number"))
    name = names_on([found.organization_id], request.today).get(found.organization_id, "")
    reported = found.steps.filter(kind=StepKind.REPORTED).order_by("-pk").first()
    return ActPage(
        request=request,
        form=form,
        act=lambda: step.act(request, found.pk, form.cleaned_data),
        done=lambda order: Done(order_url(order), step.told_of(order, request.today)),
        title=f"{step.title}　{found.number}",
        submit=step.title,
        back=order_url(found),
        lead=step.lead,
        facts=[
            ("单位", name, unit_url(found)),
            ("整改期限", str(found.due_on)),
            ("整改的问题", problems),
            ("整改要求", found.measures),
            *([("单位报送的整改情况", reported.text)] if reported else []),
        ],
        context={"area": AREA, "crumb": (found.number, order_url(found)), "no_check": True},
    ).respond()
