"""One finding: what each department says, how the facts were computed, the rule, what happened, what may be done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.redirects import render_partial
from bianzhi.exchange.models import Finding, FindingState, FindingStep
from bianzhi.exchange.rules.actions import LABELS, Action
from bianzhi.exchange.selectors.findings import FindingDetail, age_in_days, detail
from bianzhi.exchange.services.revealing import PERMISSION, reveal_finding_numbers
from bianzhi.exchange.web import words
from bianzhi.exchange.web.cases import visible_case_url
from bianzhi.exchange.web.comparing import compare, id_numbers
from bianzhi.exchange.web.files import files_of, units_of
from bianzhi.exchange.web.links import finding_url, person_page, run_url, unit_page
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.acting import as_one
from bianzhi.personnel.web.forms.persons import RevealForm
from bianzhi.reconciliation.findings import FACTS
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from bianzhi.supervision.web.links import problem_url


@dataclass(frozen=True, slots=True)
class Button:
    """One act offered on the bar."""

    label: str
    icon: str
    url: str
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    date: Any
    title: str
    text: str
    url: str = ""


def visible_finding(request: PageRequest, pk: int) -> Finding:
    """A finding within the user's scope; Http404 otherwise."""
    return get_visible_or_404(Finding, request.user, pk)


@page("exchange.findings")
@require_safe
def finding(request: PageRequest, pk: int) -> HttpResponse:
    """The page."""
    visible_finding(request, pk)
    told = detail(request.user, pk)
    found, may = told.finding, told.may
    rows = [row for _, side in told.sides for row in side]
    context = {
        "finding": found,
        "title": words.kind_label(found.kind),
        "rule": told.rule,
        "explanation": told.explanation,
        "comparison": compare(rows, files_of(request, rows), _departments(found), units_of(rows)),
        "facts": [_fact(name, value) for name, value in _in_order(told)],
        "pairs": _pairs(request, found),
        "related": [(row, words.kind_label(row.kind), finding_url(row)) for row in told.related],
        "events": _history(request, told.steps),
        "buttons": buttons(found, may, is_mine=found.assignee_id == request.user.pk),
        "waits_for_other": found.state == FindingState.PROPOSED and found.proposed_by_id == request.user.pk,
        "has_numbers": bool(id_numbers(rows)),
        "may_mend": _may_mend(request, found, may),
    }
    return render(request, "exchange/finding.html", context)


def _departments(found: Finding) -> Sequence[str]:
    """Whose rows are expected: every department's where the finding is about a person."""
    return DEPARTMENT_CODES if found.person_key else ()


def _in_order(told: FindingDetail) -> list[tuple[str, Any]]:
    """The facts in the order of the rule, others after them."""
    names = told.rule.facts if told.rule else ()
    order = {name: place for place, name in enumerate(names)}
    return sorted(told.facts.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0]))


def _fact(name: str, value: Any) -> tuple[str, str, str]:
    """(label, value, how it was computed)."""
    known = FACTS.get(name)
    text = "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return (known.label, text, known.computed) if known else (name, text, "")


def _pairs(request: PageRequest, found: Finding) -> list[tuple[Any, ...]]:
    names = names_on([found.organization_id] if found.organization_id else [], request.as_of)
    sees_runs = request.user.can("exchange.view")
    return [
        ("姓名", found.person_name, person_page(found.person_id)) if found.person_name else ("对象", "单位"),
        ("单位", names.get(found.organization_id or 0, found.unit), unit_page(found.organization_id)),
        ("责任部门", found.get_owner_display()),
        ("涉及部门", words.departments_label(found.sources)),
        ("首次发现", f"{found.first_period}（{found.found_on}）", run_url(found.first_run) if sees_runs else ""),
        ("最近发现", found.last_period, run_url(found.last_run) if sees_runs else ""),
        ("已历", f"{age_in_days(found, request.today)} 天"),
        ("承办人", found.assignee.display_name if found.assignee else "未交办"),
        ("办理期限", str(found.due_on) if found.due_on else ""),
        *([("业务办件", found.case.title, visible_case_url(request.user, found.case))] if found.case else []),
        *([("督查问题", found.problem.number, problem_url(found.problem))] if found.problem else []),
        *([("了结日期", str(found.closed_on))] if found.closed_on else []),
    ]


def _history(request: PageRequest, steps: Sequence[FindingStep]) -> list[Event]:
    """The newest first."""
    sees_runs = request.user.can("exchange.view")
    return [
        Event(
            step.recorded_at,
            f"{LABELS.get(Action(step.action), step.action)}　{step.actor.display_name if step.actor else '系统'}",
            step.text,
            run_url(step.run) if step.run and sees_runs else "",
        )
        for step in reversed(steps)
    ]


def buttons(found: Finding, may: Collection[str], *, is_mine: bool) -> list[Button]:
    """The acts open to the reader; the one that leads on is the primary one."""
    offered = {
        "report": Button("填报核实情况", "pencil", reverse("exchange:finding_report", args=[found.pk]), is_mine),
        "assign": Button("交办", "user-share", _act_url(found, "assign")),
        "propose": Button("提出意见", "gavel", _act_url(found, "propose"), not is_mine),
        "settle": Button("复核", "rubber-stamp", reverse("exchange:finding_settle", args=[found.pk]), is_primary=True),
        "take_back": Button("收回", "arrow-back-up", _act_url(found, "take-back")),
    }
    return [button for act, button in offered.items() if act in may]


def _act_url(found: Finding, act: str) -> str:
    return reverse("exchange:finding_act", args=[found.pk, act])


def _may_mend(request: PageRequest, found: Finding, may: Collection[str]) -> dict[str, bool]:
    """Whether a case or a problem may be opened upon the finding."""
    stands = "mend" in may and found.organization_id is not None
    return {
        "case": stands and found.case_id is None,
        "problem": stands and found.problem_id is None and request.user.can("supervision.manage"),
    }


@page(PERMISSION, also="exchange.findings")
@require_http_methods(["GET", "POST"])
def reveal(request: PageRequest, pk: int) -> HttpResponse:
    """The whole identity numbers of the rows, for a stated purpose; every look is on record."""
    found = visible_finding(request, pk)
    numbers = id_numbers(found.evidence.get("rows", []))
    if not numbers:
        raise Http404("这项差异的各行没有身份证号。")
    form = RevealForm(request.POST or None)
    shown: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        as_one(lambda: reveal_finding_numbers(actor=request.user, finding_id=found.pk, purpose=purpose))
        shown = numbers
    context = {
        "form": form,
        "numbers": shown,
        "back": finding_url(found),
        "crumb": ("核对差异", reverse("exchange:findings")),
        "what": f"{found.person_name} {words.kind_label(found.kind)}",
        "action": reverse("exchange:finding_reveal", args=[found.pk]),
    }
    invalid = request.method == "POST" and not shown
    return render_partial(request, "exchange/reveal.html", "numbers", context, invalid=invalid)
