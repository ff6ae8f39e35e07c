"""Acting on one finding: handing it out, reporting, proposing, the second person's word, and what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import Finding
from bianzhi.exchange.rules.handling import VERDICTS
from bianzhi.exchange.services.findings import (
    assign_finding,
    propose_finding,
    proposed_verdict,
    report_finding,
    settle_finding,
    take_back_finding,
)
from bianzhi.exchange.services.mending import open_case, register_problem
from bianzhi.exchange.web import words
from bianzhi.exchange.web.cases import after_beginning
from bianzhi.exchange.web.finding import visible_finding
from bianzhi.exchange.web.forms import AssignForm, ProblemForm, ProposeForm, SettleForm, WordsForm
from bianzhi.exchange.web.links import AREA, finding_url
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.supervision.web.links import problem_url

USUAL_DAYS = 10


@dataclass(frozen=True)
class Step:
    """One act upon a finding: its words, its form, and the service that does it with what the form holds."""

    title: str
    form: Callable[..., Any]
    act: Callable[[PageRequest, int, Any], Finding]
    notice: str
    lead: str = ""


STEPS: dict[str, Step] = {
    "assign": Step(
        "交办核实",
        AssignForm,
        lambda request, pk, told: assign_finding(
            actor=request.user,
            finding_id=pk,
            assignee_id=told["assignee"].pk,
            due_on=told["due_on"],
            today=request.today,
        ),
        "已交办",
    ),
    "propose": Step(
        "提出处理意见",
        ProposeForm,
        lambda request, pk, told: propose_finding(
            actor=request.user, finding_id=pk, verdict=told["verdict"], reason=told["text"]
        ),
        "处理意见已提出，等待另一人复核",
        "处理意见须由另一人复核后生效（R25）。请写明核实到的事实和依据。",
    ),
    "take-back": Step(
        "收回",
        lambda *args, **kwargs: WordsForm(*args, called="收回原因", **kwargs),
        lambda request, pk, told: take_back_finding(actor=request.user, finding_id=pk, reason=told["text"]),
        "已收回，恢复为待核",
    ),
}
"""What whoever handles findings does, by the word in the address."""

REPORT = Step(
    "填报核实情况",
    lambda *args, **kwargs: WordsForm(*args, called="核实情况", **kwargs),
    lambda request, pk, told: report_finding(actor=request.user, finding_id=pk, text=told["text"]),
    "核实情况已填报",
    "请写明核实到的事实、时间和依据的材料；填报后由编办提出处理意见。",
)
SETTLE = Step(
    "复核处理意见",
    SettleForm,
    lambda request, pk, told: settle_finding(
        actor=request.user, finding_id=pk, agree=told["agree"] == "yes", reason=told["text"], today=request.today
    ),
    "复核结论已登记",
)


@page("exchange.decide")
@require_http_methods(["GET", "POST"])
@at_present
def act(request: PageRequest, pk: int, act: str) -> HttpResponse:
    """Hand out, propose, take back."""
    if act not in STEPS:
        raise Http404("没有这种办理。")
    return _respond(request, pk, STEPS[act])


@page("exchange.findings")
@require_http_methods(["GET", "POST"])
@at_present
def report(request: PageRequest, pk: int) -> HttpResponse:
    """Whoever was asked writes what was found out."""
    return _respond(request, pk, REPORT)


@page("exchange.confirm")
@require_http_methods(["GET", "POST"])
@at_present
def settle(request: PageRequest, pk: int) -> HttpResponse:
    """The second person agrees or sends it back."""
    return _respond(request, pk, SETTLE)


def _respond(request: PageRequest, pk: int, step: Step) -> HttpResponse:
    found = visible_finding(request, pk)
    initial = {"due_on": request.today + timedelta(days=USUAL_DAYS), "assignee": found.assignee_id}
    form = step.form(request.POST or None, user=request.user, initial=initial)
    return ActPage(
        request=request,
        form=form,
        act=lambda: step.act(request, found.pk, form.cleaned_data),
        done=lambda done: Done(finding_url(done), f"{step.notice}。"),
        title=f"{step.title}　{found.person_name or found.unit} {words.kind_label(found.kind)}",
        submit=step.title,
        back=finding_url(found),
        lead=step.lead,
        facts=_facts(found),
        context=_context(found),
    ).respond()


def _facts(found: Finding) -> list[tuple[Any, ...]]:
    last = found.steps.select_related("actor").order_by("-pk").first()
    verdict = VERDICTS.get(proposed_verdict(found), "")
    return [
        ("差异", words.kind_label(found.kind)),
        ("姓名", found.person_name),
        ("单位", found.unit),
        ("状态", found.get_state_display()),
        *([("所提意见", verdict)] if verdict and found.proposed_by_id else []),
        *([("最近办理", f"{last.text}　{last.actor.display_name if last.actor else '系统'}")] if last else []),
    ]


def _context(found: Finding) -> dict[str, Any]:
    return {"area": AREA, "crumb": (words.kind_label(found.kind), finding_url(found)), "no_check": True}


@page("exchange.decide")
@require_POST
def mend(request: PageRequest, pk: int) -> HttpResponse:
    """Open the case that puts the difference right, filled in with what is known."""
    found = visible_finding(request, pk)
    try:
        case = open_case(actor=request.user, finding_id=found.pk, today=request.today)
    except Refused as refusal:
        return redirect_with_notice(request, finding_url(found), str(refusal), level="error")
    return after_beginning(request, case, finding_url(found))


@page("supervision.manage", also="exchange.findings")
@require_http_methods(["GET", "POST"])
@at_present
def to_supervision(request: PageRequest, pk: int) -> HttpResponse:
    """Register a confirmed finding as a problem of 督查."""
    found = visible_finding(request, pk)
    form = ProblemForm(request.POST or None, user=request.user)

    def register() -> Any:
        told = form.cleaned_data
        return register_problem(
            actor=request.user,
            finding_id=found.pk,
            kind=told["kind"],
            locks_unit=told["locks_unit"],
            today=request.today,
        )

    return ActPage(
        request=request,
        form=form,
        act=register,
        done=lambda problem: Done(problem_url(problem), f"已登记督查问题 {problem.number}。"),
        title=f"移送督查　{found.person_name or found.unit} {words.kind_label(found.kind)}",
        submit="移送督查",
        back=finding_url(found),
        facts=_facts(found),
        context=_context(found),
    ).respond()
