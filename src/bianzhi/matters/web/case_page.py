"""One case: its form as a document with what changed, its files, papers and 公示, what the rules say, and its flow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.web import tabs
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused
from bianzhi.matters import catalogue
from bianzhi.matters.models import Case, CaseFeedback, CaseSubmission, Publication
from bianzhi.matters.rules.evidence import evidence_from_json, scan_code
from bianzhi.matters.rules.fields import Kind, specs_from_json
from bianzhi.matters.selectors.drafts import as_submitted
from bianzhi.matters.selectors.facts import deciding_rule
from bianzhi.matters.selectors.versions import applicant_specs
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.web.applying import case_or_404, is_open_to
from bianzhi.matters.web.links import application_url, case_url
from bianzhi.matters.web.materials import grouped
from bianzhi.matters.web.overriding import override_of
from bianzhi.matters.web.rating import rating_of
from bianzhi.matters.web.rehearsing import rehearsed
from bianzhi.matters.web.showing import ShownSection, document_of, id_numbers, without_id_numbers
from bianzhi.matters.web.step_fields import step_form
from bianzhi.matters.web.submissions import submissions_of
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.links import unit_page
from bianzhi.personnel.web.room import room_of
from bianzhi.supervision.models import Inspection, Problem
from bianzhi.workflow.models import FlowInstance
from bianzhi.workflow.rules.profile import STAGES
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.progress import diagram
from bianzhi.workflow.web.panel import Turn, case_panel

REGISTER: Final = "register"
PREVIOUS: Final = "previous"
FLOW: Final = "flow"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the chain on the bar: done, current, ahead, or "skipped" (not needed by this case)."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the form is compared with, and what else it can be."""

    kind: str
    words: str
    form: dict[str, Any] | None
    others: Sequence[tuple[str, str]] = ()


@page("matters.view")
@require_safe
def case_page(request: PageRequest, pk: int) -> HttpResponse:
    """The case; a draft leads its applicant to the form."""
    case = case_or_404(request, pk)
    if case.instance is None:
        if is_open_to(request, case):
            return HttpResponseRedirect(application_url(case))
        return _draft_of_another(request, case)
    context = {
        **_head(request, case),
        **_document(request, case, _submission(request, case)),
        **_outcomes(request, case),
        **_turn(request, case, case.instance),
        "stages": stages_of(case.instance),
        "views": _views(request, case),
        "shows_flow": request.GET.get("view") == FLOW,
        "rating": rating_of(request, case),
        "panels": [shown for shown in tabs.panels_for(request, "case", case) if shown.strip()],
    }
    return render(request, "matters/case.html", context)


def _turn(request: PageRequest, case: Case, instance: FlowInstance) -> dict[str, Any]:
    """The flow, and what the reader is to do in it: put right, fill in, decide."""
    panel = case_panel(request, instance)
    turn: Turn | None = panel["turn"]
    deciding = turn if turn is not None and not turn.is_submission else None
    coming = rehearsed(request, instance, catalogue.matter(case.matter)) if deciding is not None else None
    return {
        "panel": panel,
        "turn": turn,
        "is_resubmission": turn is not None and deciding is None,
        "step": step_form(request, case, deciding.task) if deciding is not None else None,
        "rehearsed": coming,
        "override": override_of(request, case, coming.objections if coming is not None else None),
    }


def _views(request: PageRequest, case: Case) -> dict[str, Any]:
    """The two sides of the page: the application with its flow of opinions, and the picture of the flow."""
    shown = FLOW if request.GET.get("view") == FLOW else ""
    labels = (("", "申请与办理", case_url(case)), (FLOW, "流程图", f"{case_url(case)}?view={FLOW}"))
    return {"tabs": [{"label": label, "url": url, "is_current": key == shown} for key, label, url in labels]}


def _draft_of_another(request: PageRequest, case: Case) -> HttpResponse:
    """A draft as the director sees it, who may let it through the rules that lock it."""
    if case.discarded_at is not None:
        raise Http404("这份草稿已经删掉。")
    specs = applicant_specs(case.version)
    sections = document_of(specs, case.form, request.today, linked=True)
    context = {**_head(request, case), "sections": sections, "override": override_of(request, case)}
    return render(request, "matters/draft.html", context)


def _head(request: PageRequest, case: Case) -> dict[str, Any]:
    names = names_on([pk for pk in (case.organization_id, case.counterpart_id) if pk], request.today)
    facts: list[tuple[Any, ...]] = [
        ("申请单位", names.get(case.organization_id, ""), unit_page(case.organization_id)),
        ("申请人", case.applicant.display_name),
        ("提交时间", f"{localtime(case.submitted_at):%Y-%m-%d %H:%M}" if case.submitted_at else ""),
        ("谁来定", deciding_rule(as_submitted(case, request.today)).words),
    ]
    if case.counterpart_id:
        facts.insert(1, ("对方单位", names.get(case.counterpart_id, "")))
    return {
        "case": case,
        "matter": catalogue.matter(case.matter),
        "facts": facts,
        "unit_name": names.get(case.organization_id, ""),
        "room": room_of(case.organization_id, request.today),
    }


def _submission(request: PageRequest, case: Case) -> CaseSubmission:
    """The newest submission, or the one asked for by its number."""
    rows = CaseSubmission.objects.filter(case=case).order_by("-number")
    wanted = key_in(request.GET.get("submission", ""))
    found = rows.filter(number=wanted).first() if wanted is not None else rows.first()
    if found is None:
        raise Http404("没有这一次提交。")
    return found


def _document(request: PageRequest, case: Case, submission: CaseSubmission) -> dict[str, Any]:
    """The form in words against what stood before, and the files of that submission."""
    specs = specs_from_json(case.version.fields)
    comparison = _comparison(request, case, submission)
    labels = {spec.code: spec.label for spec in evidence_from_json(case.version.evidence)}
    labels |= {scan_code(spec.name): f"{spec.label}（扫描件）" for spec in specs if spec.kind == Kind.DOCUMENT}
    told = submissions_of(case)
    linked = request.user.can("personnel.view") and request.user.sees_everything()
    sections: list[ShownSection] = document_of(
        specs, submission.form, request.today, earlier=comparison.form, linked=linked
    )
    return {
        "sections": sections,
        "comparison": comparison,
        "submission": submission,
        "submissions": told,
        "submission_words": next(words for each, words, _ in told if each.pk == submission.pk),
        "has_numbers": bool(id_numbers(specs, submission.form)),
        "files": grouped(submission.attachments, labels),
    }


def _comparison(request: PageRequest, case: Case, submission: CaseSubmission) -> Comparison:
    """Against the submission before or against the register: what was asked for, else what tells most."""
    known: dict[str, tuple[str, dict[str, Any]]] = {}
    before = CaseSubmission.objects.filter(case=case, number=submission.number - 1).first()
    if before is not None:
        known[PREVIOUS] = (f"与上一版（{localtime(before.submitted_at):%Y-%m-%d}）比较", before.form)
    before_of = catalogue.matter(case.matter).before_of
    if before_of is not None:
        register = {**submission.form, **before_of(as_submitted(case, request.today))}
        known[REGISTER] = ("与现登记比较", register)
    if not known:
        return Comparison("", "", None)
    wanted = request.GET.get("against", "")
    kind = wanted if wanted in known else PREVIOUS if PREVIOUS in known else REGISTER
    others = [(key, words) for key, (words, _) in known.items() if key != kind]
    return Comparison(kind, known[kind][0], known[kind][1], others)


def _outcomes(request: PageRequest, case: Case) -> dict[str, Any]:
    """Papers, 公示, 督查 and the rating."""
    inspections = Inspection.objects.visible_to(request.user).filter(instance=case.instance)
    problems = Problem.objects.visible_to(request.user).filter(instance=case.instance).select_related("order")
    may_see = request.user.can("supervision.view")
    return {
        "papers": list(case.papers.order_by("pk")),
        "publications": list(Publication.objects.filter(case=case).prefetch_related("objections")),
        "inspections": list(inspections) if may_see else [],
        "problems": list(problems),
        "feedback": CaseFeedback.objects.filter(case=case).first(),
        "done_by_commands": list(case.instance.executions.filter(compensated_at__isnull=True)) if case.instance else [],
    }


def stages_of(instance: FlowInstance) -> list[Stage]:
    """The chain as a bar: each stage the flow has, with how far the case is."""
    nodes = process_of(instance.version).nodes.values()
    states = diagram(instance)
    found = []
    for stage in STAGES:
        own = [states[node.id].state for node in nodes if node.stage == stage]
        if own:
            found.append(Stage(stage, _stage_state(own, is_ahead=instance.is_live and _is_needed(instance, stage))))
    return found


def _is_needed(instance: FlowInstance, stage: str) -> bool:
    """Whether a case will come to a stage: 公示 has days, 督查 draws it."""
    facts = {"公示": "publication_days", "督查": "sampled", "处理": "sampled"}
    return bool(instance.facts.get(facts[stage], True)) if stage in facts else True


def _stage_state(states: list[str], *, is_ahead: bool) -> str:
    if "current" in states:
        return "current"
    if any(state in ("done", "returned", "rejected") for state in states):
        return "done"
    return "ahead" if is_ahead else "skipped"


@page("matters.apply")
@require_POST
def again(request: PageRequest, pk: int) -> HttpResponse:
    """再次申请: what an ended case was sent in with, copied into a new draft; ID numbers only for its applicant."""
    case = case_or_404(request, pk)
    if case.instance is None or case.instance.is_live:
        return redirect_with_notice(request, case_url(case), "办件结束后才能再次申请。", level="error")
    own = {spec.name for spec in applicant_specs(case.version)}
    sent_in = {name: value for name, value in as_submitted(case, request.today).form.items() if name in own}
    form = sent_in if request.user.pk == case.applicant_id else without_id_numbers(sent_in)
    try:
        fresh = begin_case(
            actor=request.user,
            matter=case.matter,
            organization_id=case.organization_id,
            today=request.today,
            form=form,
        )
    except Refused as refusal:
        return redirect_with_notice(request, case_url(case), str(refusal), level="error")
    left_out = "" if form == sent_in else "身份证号需要重新填写。"
    words = f"已复制到新的草稿，请核对后提交；材料需要重新上传。{left_out}"
    return redirect_with_notice(request, application_url(fresh), words)
