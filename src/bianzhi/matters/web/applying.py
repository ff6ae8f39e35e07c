"""Filling in an application: it keeps itself, says what is missing, takes files, and is sent in once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.core.cache import cache
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lookups import LIMIT, key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.intake.taking import look_ahead
from bianzhi.kernel.files import Upload
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.matters import catalogue
from bianzhi.matters.models import Case, CaseAttachment
from bianzhi.matters.parameters import LARGEST_ATTACHMENT
from bianzhi.matters.selectors.versions import applicant_specs
from bianzhi.matters.services import attachments, drafting, submitting
from bianzhi.matters.services.editing import submit_task
from bianzhi.matters.web.checking import check
from bianzhi.matters.web.forms.case import CaseForm, Part, case_form
from bianzhi.matters.web.forms.fields import ANY, Place
from bianzhi.matters.web.forms.people import People
from bianzhi.matters.web.links import application_url, case_url
from bianzhi.matters.web.materials import materials_of
from bianzhi.organizations.selectors.units import names_on
from bianzhi.workflow.models import FlowOpinion, OpinionAction
from bianzhi.workflow.selectors.standing import may_act

PAGE_HOURS: Final = 12
"""How long a page left open may still save as the last that did."""


def case_or_404(request: PageRequest, pk: int) -> Case:
    """A case the user may see, with its version and flow."""
    rows = Case.objects.select_related("version__flow_version__definition", "instance__version__definition")
    return get_visible_or_404(rows, request.user, pk)


def is_open_to(request: PageRequest, case: Case) -> bool:
    """Whether the user may write in the form now: one's own draft, or a case that came back to oneself."""
    if case.instance is None:
        return case.discarded_at is None and case.applicant_id == request.user.pk
    task = submit_task(case)
    return task is not None and may_act(request.user, task, request.today).ok


@dataclass
class Application:
    """One application on its page."""

    request: PageRequest
    case: Case

    def __post_init__(self) -> None:
        self.before = dict(self.case.form)

    @cached_property
    def place(self) -> Place:
        """For which unit it is filled in."""
        url = reverse("matters:people", args=[self.case.pk])
        return Place(self.case.organization_id, self.request.today, people_url=url)

    def form(self, *, sent: bool = False, complete: bool = False) -> CaseForm:
        """The form with what the case keeps, or with what was just sent."""
        return case_form(
            applicant_specs(self.case.version),
            self.place,
            user=self.request.user,
            values=self.case.form,
            data=self.request.POST if sent else None,
            complete=complete,
        )

    def save(self, form: CaseForm) -> None:
        """Keep what was typed, readable or not. Raises Refused, when another page has saved since for one."""
        form.is_valid()
        saved = drafting.save_draft(
            actor=self.request.user,
            case_id=self.case.pk,
            form=form.values(),
            saved_at=self._last_save(),
            today=self.request.today,
        )
        self.adopt(saved.case)

    def adopt(self, case: Case) -> None:
        """Go on with the case as it was just written by this page."""
        self.case = case_or_404(self.request, case.pk)
        cache.set(self._key, drafting.token_of(self.case), PAGE_HOURS * 3600)

    def followers(self) -> list[Part]:
        """Fields whose choices follow from another that has changed with this save."""
        changed = {name for name in self.form().dependents if self.before.get(name) != self.case.form.get(name)}
        return [part for name, parts in self.form().dependents.items() if name in changed for part in parts]

    def _last_save(self) -> str:
        """The newest save of this very page, whose answers may overtake each other; first, what it was opened with."""
        return str(cache.get(self._key) or self.request.POST.get("saved_at", ""))

    @property
    def _key(self) -> str:
        return f"draft-{self.request.user.pk}-{self.case.pk}-{self.request.POST.get('token', '')[:40]}"

    def context(self, form: CaseForm, **more: Any) -> dict[str, Any]:
        """What the page shows."""
        unit = self.case.organization_id
        return {
            "case": self.case,
            "matter": catalogue.matter(self.case.matter),
            "unit_name": names_on([unit], self.request.today).get(unit, ""),
            "form": form,
            "page_token": self.request.POST.get("token", "") or form["token"].value(),
            "saved_token": drafting.token_of(self.case),
            "saved_at": localtime(self.case.saved_at),
            "materials": materials_of(self.case, self.case.form),
            "check": check(self.request, self.case),
            "returned": _returned(self.case),
            **more,
        }


def _returned(case: Case) -> FlowOpinion | None:
    """Why the case came back."""
    if case.instance is None:
        return None
    return case.instance.opinions.filter(action=OpinionAction.RETURN).order_by("-number").first()


@page("matters.apply")
@require_http_methods(["GET", "POST"])
def application(request: PageRequest, pk: int) -> HttpResponse:
    """The form of a draft, or of a case that came back; POST does what its button says."""
    case = case_or_404(request, pk)
    if not is_open_to(request, case):
        return _not_open(request, case)
    app = Application(request, case)
    if request.method != "POST":
        return render(request, "matters/application.html", app.context(app.form()))
    intent, _, argument = request.POST.get("intent", "save").partition(":")
    form = app.form(sent=True, complete=intent == "submit")
    try:
        app.save(form)
    except Refused as refusal:
        return _not_saved(app, form, refusal, intent)
    return ANSWERS.get(intent, _saved)(app, form, argument)


def _not_open(request: PageRequest, case: Case) -> HttpResponse:
    if case.instance is None:
        raise Http404("没有这份草稿，可能已经删掉。")
    words = "这份申请已经提交，不能再修改；需要修改的，可撤回或请办理人退回。"
    if request.htmx and request.POST.get("intent") == "autosave":
        return render(request, "matters/saved.html", {"unsaved": words, "oob": True})
    return redirect_with_notice(request, case_url(case), words, level="info")


def _not_saved(app: Application, form: CaseForm, refusal: Refused, intent: str) -> HttpResponse:
    if app.request.htmx:
        words = "；".join(each.message for each in refusal.objections)
        return render(app.request, "matters/saved.html", {"unsaved": f"没有保存：{words}", "oob": True})
    form.add_objections(refusal)
    return _shown_again(app, form)


def _shown_again(app: Application, form: CaseForm, **more: Any) -> HttpResponse:
    return render(app.request, "matters/application.html", app.context(form, **more), status=422)


def _saved(app: Application, form: CaseForm, argument: str) -> HttpResponse:
    return redirect_with_notice(app.request, application_url(app.case), "草稿已保存。")


def _autosaved(app: Application, form: CaseForm, argument: str) -> HttpResponse:
    """When it was kept, what the rules say now, and the fields and papers that follow from what was just changed."""
    context = app.context(form, oob=True, parts=app.followers(), was_autosaved=True)
    before = [(each.code, each.required) for each in materials_of(app.case, app.before)]
    context["shows_materials"] = before != [(each.code, each.required) for each in context["materials"]]
    return render(app.request, "matters/autosaved.html", context)


def _uploaded(app: Application, form: CaseForm, argument: str) -> HttpResponse:
    problems: list[Objection] = []
    most = LARGEST_ATTACHMENT.number * 2**20
    for name, files in app.request.FILES.lists():
        for file in files:
            try:
                sent = Upload(file.name or "", file.read(most + 1))
                look_ahead(sent, actor=app.request.user, largest_megabytes=LARGEST_ATTACHMENT.number)
                attachments.attach(
                    actor=app.request.user,
                    case_id=app.case.pk,
                    evidence=name.removeprefix("file-"),
                    name=sent.name,
                    data=sent.data,
                    today=app.request.today,
                )
            except Refused as refusal:
                problems += refusal.objections
    return _materials(app, form, problems)


def _removed(app: Application, form: CaseForm, argument: str) -> HttpResponse:
    problems: list[Objection] = []
    key = key_in(argument)
    if key is None or not CaseAttachment.objects.filter(pk=key, case=app.case).exists():
        raise Http404("没有这个文件，可能已经移除。")
    try:
        attachments.remove(actor=app.request.user, attachment_id=key, today=app.request.today)
    except Refused as refusal:
        problems += refusal.objections
    return _materials(app, form, problems)


def _materials(app: Application, form: CaseForm, problems: list[Objection]) -> HttpResponse:
    if app.request.htmx:
        context = app.context(form, upload_problems=problems, was_autosaved=True)
        answer = render_to_string("matters/materials.html", context, app.request)
        return HttpResponse(answer + render_to_string("matters/autosaved.html", {**context, "oob": True}, app.request))
    if problems:
        return _shown_again(app, app.form(sent=True), upload_problems=problems)
    return redirect_with_notice(app.request, f"{application_url(app.case)}#materials", "材料已更新。")


def _submitted(app: Application, form: CaseForm, argument: str) -> HttpResponse:
    if not form.is_valid():
        return _shown_again(app, form)
    try:
        done = submitting.submit_case(
            actor=app.request.user,
            case_id=app.case.pk,
            today=app.request.today,
            request_key=app.request.POST.get("token", "")[:40],
            saved_at=drafting.token_of(app.case),
        )
    except Refused as refusal:
        form.add_objections(refusal)
        return _shown_again(app, form)
    remarks = "".join(f"提醒：{remark.message}。" for remark in done.remarks)
    words = f"已提交，业务编号 {done.case.number}。可在本页查看办到哪一步。{remarks}"
    return redirect_with_notice(app.request, case_url(done.case), words)


ANSWERS: Final = {"autosave": _autosaved, "upload": _uploaded, "remove": _removed, "submit": _submitted}


@page("matters.apply")
@require_POST
def discard(request: PageRequest, pk: int) -> HttpResponse:
    """不办了: the draft is set aside."""
    case = case_or_404(request, pk)
    if not is_open_to(request, case):
        return _not_open(request, case)
    try:
        drafting.discard_case(actor=request.user, case_id=case.pk, today=request.today)
    except Refused as refusal:
        return redirect_with_notice(request, case_url(case), str(refusal), level="error")
    return redirect_with_notice(request, "matters:hall", "草稿已删掉。")


@page("matters.view")
@require_safe
def people(request: PageRequest, pk: int) -> HttpResponse:
    """Whom a field of the case may name, as JSON for the searching control."""
    case = case_or_404(request, pk)
    unit = None if request.GET.get("of") == ANY else case.organization_id
    text = request.GET.get("q", "").strip()[:50]
    found = People(request.today, unit).options(text, LIMIT)
    options = [{"value": each.value, "label": each.label, "note": each.note} for each in found]
    return JsonResponse({"options": options})
