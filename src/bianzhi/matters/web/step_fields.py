"""本环节填写: the fields a step of the office writes into the form, kept before the opinion is given."""

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.intake.taking import look_ahead
from bianzhi.kernel.files import SCANS, Upload
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case
from bianzhi.matters.parameters import LARGEST_ATTACHMENT
from bianzhi.matters.rules.fields import Kind
from bianzhi.matters.selectors.drafts import newest_submission
from bianzhi.matters.selectors.versions import required_at, specs_at
from bianzhi.matters.services.scans import fill_in_with_scans
from bianzhi.matters.web.applying import case_or_404
from bianzhi.matters.web.forms.case import CaseForm, case_form
from bianzhi.matters.web.forms.fields import Place
from bianzhi.matters.web.links import case_url
from bianzhi.workflow.models import FlowTask
from bianzhi.workflow.web.reach import task_or_404


def step_form(request: PageRequest, case: Case, task: FlowTask, *, sent: bool = False) -> CaseForm | None:
    """The form of the fields a step writes; None for a step that writes none."""
    needed = required_at(task)
    specs = [replace(spec, required=spec.name in needed) for spec in specs_at(case.version, task)]
    if not specs:
        return None
    submission = newest_submission(case)
    return case_form(
        specs,
        Place(case.organization_id, request.today, people_url=reverse("matters:people", args=[case.pk])),
        user=request.user,
        values=submission.form if submission is not None else case.form,
        data=request.POST if sent else None,
        complete=True,
    )


def _scans(request: PageRequest, form: CaseForm) -> dict[str, Upload]:
    """The scans sent with the documents of a step, no more of each than tells that it is too large.

    Raises Refused for what the gate does not let through.
    """
    most = LARGEST_ATTACHMENT.number * 2**20
    sent = {spec.name: request.FILES.get(f"scan-{spec.name}") for spec in form.specs if spec.kind == Kind.DOCUMENT}
    scans = {name: Upload(file.name or "", file.read(most + 1)) for name, file in sent.items() if file is not None}
    for scan in scans.values():
        look_ahead(scan, actor=request.user, largest_megabytes=LARGEST_ATTACHMENT.number, kinds=SCANS)
    return scans


@page("matters.handle")
@require_POST
def write(request: PageRequest, pk: int, task_id: int) -> HttpResponse:
    """Keep what a step has filled in; what cannot be read comes back with the reasons."""
    case, task = case_or_404(request, pk), task_or_404(request, task_id)
    form = step_form(request, case, task, sent=True)
    if form is None or task.instance_id != case.instance_id:
        return redirect_with_notice(request, case_url(case), "这个环节没有要填写的内容。", level="info")
    if form.is_valid():
        values = {spec.name: form.values().get(spec.name) for spec in form.specs}
        try:
            fill_in_with_scans(
                actor=request.user, task_id=task.pk, values=values, scans=_scans(request, form), today=request.today
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, case_url(case), "已保存，请在下方给出意见。")
    context = {"case": case, "step": form, "task": task, "back": case_url(case)}
    template = "matters/step.html" if request.htmx else "matters/step_page.html"
    return render(request, template, context, status=422)
