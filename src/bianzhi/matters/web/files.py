"""Opening a file of a case: in the browser what it can show safely, everything else as a download."""

from typing import Final
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.matters import files
from bianzhi.matters.selectors.attachments import attachment_for

POLICY: Final = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:"
"""A file is no page of ours: nothing in it may run or reach out."""
INLINE: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})


@page("matters.view")
@require_safe
def attachment(request: PageRequest, pk: int) -> HttpResponse:
    """A file of a case the user may see; `?download` saves it."""
    row = attachment_for(request.user, pk)
    if row is None:
        raise Http404("没有这个文件，或者它不在您的管理范围内。")
    try:
        data = files.read(row.sha256)
    except FileNotFoundError as error:
        raise Http404("文件已不在平台上，请告诉系统管理员。") from error
    shown = row.content_type in INLINE and "download" not in request.GET
    answer = HttpResponse(data, content_type=row.content_type)
    name = quote(row.name)
    answer["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{name}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:"
    )
    answer["Cache-Control"] = "private, no-store"
    return answer
