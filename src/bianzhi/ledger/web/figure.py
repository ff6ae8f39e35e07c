"""Where a figure comes from: every posting behind a unit's approved number, with its document."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.basis import shares
from bianzhi.ledger.selectors.names import body_names, unit_names
from bianzhi.ledger.web.known import known_context, with_known
from bianzhi.organizations.scopes import visible_organization_ids


@page("ledger.view")
@require_safe
@with_known
def figure(request: PageRequest, organization_id: int, measure: str, *, known: date | None) -> HttpResponse:
    """The postings that add up to one figure on the shown day, as known on a day."""
    visible = visible_organization_ids(request.user, request.as_of)
    unit = unit_names([organization_id], request.as_of).get(organization_id)
    if (
        unit is None
        or measure not in measures.all_measures()
        or (visible is not None and unit.organization_id not in visible)
    ):
        raise Http404("没有这个数字，或者它不在您的管理范围内。")
    found = shares(organization_id, measure, request.as_of, known_on=known)
    bodies = body_names(
        {share.internal_body_id for share in found if share.internal_body_id is not None}, request.as_of
    )
    context = {
        "unit": unit,
        "measure": measure,
        "measure_label": measures.label(measure),
        "total": found[-1].balance if found else 0,
        "lines": [(share, bodies.get(share.internal_body_id or 0, "单位本级")) for share in found],
        "documents": len({share.document_id for share in found}),
        **known_context(request, known),
    }
    return render(request, "ledger/figure.html", context)
