"""A paper as a PDF file: the same file every time, because nothing of who fetches it or when stands in it."""

import logging
from importlib import resources
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.typesetting import TypesettingFailed, typeset
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.context import Shell
from bianzhi.matters.web.paper_sheet import PaperSheet, check_address
from bianzhi.matters.web.papers import paper_or_404

log = logging.getLogger(__name__)
UNAVAILABLE = 503


@page("matters.view")
@require_safe
def paper_pdf(request: PageRequest, pk: int) -> HttpResponse:
    """The file, or a page that says why there is none and leads to the print page."""
    found, shell = paper_or_404(request, pk), Shell(request)
    sheet = PaperSheet.of(found, tenant=shell.tenant, check_at=check_address(request))
    template = resources.files("bianzhi.matters.typeset").joinpath("paper.typ").read_text(encoding="utf-8")
    try:
        made = typeset(
            template, sheet.to_typeset(synthetic=shell.is_synthetic), dated=found.revoked_at or found.issued_at
        )
    except TypesettingFailed as failure:
        log.warning("no PDF of %s: %s", found.number, failure)
        context: dict[str, Any] = {"paper": found, "problem": str(failure)}
        return render(request, "matters/paper_pdf_failed.html", context, status=UNAVAILABLE)
    response = HttpResponse(made, content_type="application/pdf")
    name = f"{found.title}{found.number}.pdf"
    response["Content-Disposition"] = f"inline; filename=\"paper-{found.pk}.pdf\"; filename*=UTF-8''{quote(name)}"
    return response
