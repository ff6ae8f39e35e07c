"""The files of a batch: as uploaded, and with every finding as a comment."""

from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.imports import files
from bianzhi.imports.models import ImportBatch
from bianzhi.imports.services.batches import request_annotated
from bianzhi.imports.services.checking import annotate_batch

SMALL_BYTES: Final = 400_000
SMALL_FINDINGS: Final = 500
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page("imports.run")
@require_safe
def annotated_file(request: PageRequest, pk: int) -> HttpResponse:
    """The workbook with comments; a large one is made by a job first."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    large = batch.size > SMALL_BYTES or batch.findings.count() > SMALL_FINDINGS
    if large and not batch.annotated:
        job = request_annotated(actor=request.user, batch_id=batch.pk)
        return redirect("common:job", job.pk)
    name = f"{PurePath(batch.file_name).stem}（批注）.xlsx"
    return _download(annotate_batch(actor=request.user, batch_id=batch.pk), name, EXCEL)


@page("imports.run")
@require_safe
def original_file(request: PageRequest, pk: int) -> HttpResponse:
    """The file as it was uploaded."""
    batch = get_visible_or_404(ImportBatch, request.user, pk)
    try:
        data = files.read(batch.digest)
    except OSError as error:
        raise Http404("文件已不在平台上或已损坏，请告诉系统管理员。") from error
    return _download(data, batch.file_name, "application/octet-stream")


def _download(data: bytes, name: str, content_type: str) -> HttpResponse:
    """A file to be saved, never shown in the browser."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type=content_type, headers=headers)
