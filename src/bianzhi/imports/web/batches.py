"""Upload, the page of a batch at each of its stages, and the wish to write it."""

from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common import jobs
from bianzhi.common.tabular.errors import UnreadableFile
from bianzhi.common.tabular.templates import template
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.imports.models import Action, BatchState, ImportBatch
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.imports.services.batches import discard_batch, receive_file, request_commit, set_options
from bianzhi.imports.services.checking import check_batch
from bianzhi.imports.web.columns import batch_url
from bianzhi.imports.web.findings import EXCEL
from bianzhi.imports.web.forms import OptionsForm, UploadForm
from bianzhi.intake import gate
from bianzhi.kernel.objections import Refused

SHOWN = 20
TEMPLATES = {
    BatchState.CHECKED: "imports/check.html",
    BatchState.COMMITTED: "imports/result.html",
    BatchState.DISCARDED: "imports/result.html",
}
LINKS = {
    "organizations": (("organizations:index", "查看机构"), ("ledger:entries", "查看编制台账")),
    "roster": (("personnel:people", "查看人员名册"),),
    "ledger-history": (("ledger:entries", "查看编制台账"),),
    "staffing-plan": (("personnel:plans", "查看用编计划"), ("organizations:index", "查看机构")),
}


@page("imports.run")
@require_http_methods(["GET", "POST"])
def upload(request: PageRequest) -> HttpResponse:
    """Take a file in and go on to its columns."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            data = file.read()
            gate.look_at(data, file.name, gate.Wanted.TABLES, actor=request.user)
            batch = receive_file(actor=request.user, data=data, name=file.name, kind=form.cleaned_data["kind"])
        except UnreadableFile as error:
            form.add_error("file", str(error))
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect("imports:columns", batch.pk)
    context = {"form": form, "kinds": KINDS.values()}
    return render(request, "imports/upload.html", context, status=422 if request.method == "POST" else 200)


@page("imports.run")
@require_safe
def download_template(request: PageRequest, kind: str) -> HttpResponse:
    """A workbook to fill in; nobody has to use it."""
    if kind not in KINDS:
        raise Http404("没有这种导入模板")
    name = quote(f"{KINDS[kind].label}导入模板.xlsx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return HttpResponse(template(KINDS[kind]), content_type=EXCEL, headers=headers)


@page("imports.view")
@require_safe
def batch_page(request: PageRequest, pk: int) -> HttpResponse:
    """A batch where it stands: columns, check, progress, or result."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    if batch.stage == BatchState.UPLOADED and request.user.can("imports.run") and not batch.counts:
        return redirect("imports:columns", batch.pk)
    return _stage(request, batch)


@page("imports.run")
@require_POST
def commit(request: PageRequest, pk: int) -> HttpResponse:
    """Keep the options; check again by them, or write the batch in a job."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    form = OptionsForm(request.POST, batch=batch, user=request.user)
    if not form.is_valid():
        return _stage(request, batch, form)
    try:
        set_options(actor=request.user, batch_id=batch.pk, options=form.as_options())
        if request.POST.get("action") == "recheck":
            check_batch(actor=request.user, batch_id=batch.pk, today=request.today)
        else:
            request_commit(actor=request.user, batch_id=batch.pk, today=request.today)
    except Refused as refusal:
        form.add_objections(refusal)
        return _stage(request, batch, form)
    return redirect("imports:batch", batch.pk)


@page("imports.run")
@require_POST
def discard(request: PageRequest, pk: int) -> HttpResponse:
    """Give a batch up."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    try:
        discard_batch(actor=request.user, batch_id=batch.pk)
    except Refused as refusal:
        return redirect_with_notice(request, batch_url(batch), str(refusal), level="error")
    return redirect_with_notice(request, "imports:list", f"已放弃导入《{batch.file_name}》，没有写入任何内容。")


def _stage(request: PageRequest, batch: ImportBatch, form: OptionsForm | None = None) -> HttpResponse:
    """The page of the stage a batch is at."""
    stage = BatchState(batch.stage)
    done = batch.counts.get("actions", {})
    context = {
        "batch": batch,
        "job": jobs.latest(batch.job) if batch.job else None,
        "counts": batch.counts,
        "actions": [(action.label, done.get(action.value, 0), action.value) for action in Action],
        "findings": batch.findings.order_by("severity", "pk")[:SHOWN],
        "form": form or OptionsForm(batch=batch, user=request.user),
        "step": {BatchState.UPLOADED: 2, BatchState.CHECKING: 3, BatchState.CHECKED: 3}.get(stage, 4),
        "links": [(reverse(name), label) for name, label in LINKS[batch.kind]],
        "written": [(label, number) for label, number in batch.result.items() if number],
        "pairs": _pairs(batch),
    }
    template_name = TEMPLATES.get(stage, "imports/progress.html")
    return render(request, template_name, context, status=422 if form is not None else 200)


def _pairs(batch: ImportBatch) -> list[tuple[str, ...]]:
    """The facts of a batch that was written."""
    document = batch.document
    cited = (document.doc_no, reverse("documents:detail", args=[document.pk])) if document else ("无",)
    return [
        ("导入内容", KINDS[batch.kind].label),
        ("文件", batch.file_name),
        ("文件摘要（SM3）", batch.digest),
        ("依据文件", *cited),
        ("上传人", batch.created_by.display_name if batch.created_by else "系统"),
        ("导入时间", localtime(batch.committed_at).strftime("%Y-%m-%d %H:%M") if batch.committed_at else "—"),
        ("数据行", str(batch.counts.get("rows", 0))),
        ("跳过的行", str(batch.counts.get("rejected", 0))),
    ]
