"""Step 2: what each sheet and column was taken for, with samples, to be put right by a person."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.common.tabular.recognition import Role
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.imports import files
from bianzhi.imports.models import ImportBatch
from bianzhi.imports.selectors.examination import recognised, workbook_of
from bianzhi.imports.services.batches import choose_kind, correct_sheet, remember_columns, request_check
from bianzhi.imports.services.checking import check_batch
from bianzhi.imports.web.forms import KIND_CHOICES, SheetColumns
from bianzhi.kernel.objections import Refused

CHECKED_AT_ONCE = 3_000
"""Rows up to which a file is checked while the person waits."""


@page("imports.run")
@require_http_methods(["GET", "POST"])
def columns_page(request: PageRequest, pk: int) -> HttpResponse:
    """Show the columns of every sheet; a POST keeps the choices and goes on to the check."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    if not batch.is_open:
        return redirect("imports:batch", batch.pk)
    sheets = _sheets(batch)
    if request.method == "GET":
        return _page(request, batch, sheets)
    try:
        reread = _keep_choices(request, batch, sheets)
        if reread or request.POST.get("action") == "reread":
            return redirect("imports:columns", batch.pk)
        return _check(request, batch, sheets)
    except Refused as refusal:
        return _page(request, batch, sheets, refusal=refusal)


@page("imports.run")
@require_POST
def change_kind(request: PageRequest, pk: int) -> HttpResponse:
    """Say what the file holds, when the guess was wrong."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    try:
        choose_kind(actor=request.user, batch_id=batch.pk, kind=request.POST.get("kind", ""))
    except Refused as refusal:
        return redirect_with_notice(request, batch_url(batch), str(refusal), level="error")
    return redirect("imports:columns", batch.pk)


def batch_url(batch: ImportBatch) -> str:
    """Where a batch is shown."""
    return reverse("imports:batch", args=[batch.pk])


def _sheets(batch: ImportBatch) -> list[SheetColumns]:
    workbook = workbook_of(files.read(batch.digest), batch.file_name)
    found = recognised(workbook, batch.kind, batch.corrections)
    leaders: dict[str, SheetColumns] = {}
    sheets = []
    for index, sheet in enumerate(found.sheets):
        leader = leaders.get(sheet.signature) if sheet.role is Role.TABLE else None
        shown = SheetColumns(index, sheet, found, leader)
        if sheet.role is Role.TABLE:
            leaders.setdefault(sheet.signature, shown)
        sheets.append(shown)
    return sheets


def _keep_choices(request: PageRequest, batch: ImportBatch, sheets: list[SheetColumns]) -> bool:
    """Save what was changed; True when a header moved, so that the columns have to be looked at again."""
    moved = False
    for sheet in sheets:
        correction = sheet.correction(request.POST)
        if not correction:
            continue
        before = batch.corrections.get(sheet.sheet.sheet, {})
        if "header" in correction:
            moved = True
        else:
            correction = {**before, **correction}
        batch = correct_sheet(actor=request.user, batch_id=batch.pk, sheet=sheet.sheet.sheet, correction=correction)
    return moved


def _check(request: PageRequest, batch: ImportBatch, sheets: list[SheetColumns]) -> HttpResponse:
    remember_columns(actor=request.user, batch_id=batch.pk)
    if sum(sheet.sheet.filled_rows for sheet in sheets) > CHECKED_AT_ONCE:
        request_check(actor=request.user, batch_id=batch.pk)
    else:
        check_batch(actor=request.user, batch_id=batch.pk, today=request.today)
    return redirect("imports:batch", batch.pk)


def _page(
    request: PageRequest, batch: ImportBatch, sheets: list[SheetColumns], *, refusal: Refused | None = None
) -> HttpResponse:
    context = {
        "batch": batch,
        "sheets": sheets,
        "kinds": KIND_CHOICES,
        "tables": sum(sheet.is_table for sheet in sheets),
        "objections": refusal.objections if refusal else (),
    }
    return render(request, "imports/columns.html", context, status=422 if refusal else 200)
