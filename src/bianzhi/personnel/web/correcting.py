"""更正 of an occupancy's facts (R26): the wrong row stays readable, a right one counts."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.web.direct import DIRECT
from bianzhi.organizations.scopes import restrict
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.services.corrections import CorrectionBasis, correct_occupancy
from bianzhi.personnel.services.decisions import Outcome
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.forms.movements import CorrectionForm
from bianzhi.personnel.web.links import movement_url
from bianzhi.personnel.web.person import back_to


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def correct(request: PageRequest, pk: int) -> HttpResponse:
    """Put facts of an occupancy right."""
    rows = Occupancy.objects.current().select_related("person", "entry_document")
    occupancy = get_object_or_404(restrict(rows, request.user), pk=pk)
    found = occupancy.person
    form = CorrectionForm(request.POST or None, user=request.user, occupancy=occupancy, today=request.today)
    facts: list[tuple[Any, ...]] = [
        ("姓名", found.name),
        ("单位", names_on([occupancy.organization_id], request.today).get(occupancy.organization_id, "")),
        ("编制类型", quota_label(occupancy.quota_type)),
        ("占编起", occupancy.valid_from.isoformat()),
        ("入编依据", occupancy.entry_document.doc_no),
    ]
    return ActPage(
        request=request,
        form=form,
        act=partial(_correct, request, form, occupancy),
        done=lambda outcome: Done(movement_url(outcome.movement), f"已更正{found.name}的占编记录。"),
        title=f"{found.name}　更正占编记录",
        submit="登记更正",
        back=back_to(found),
        facts=facts,
        lead="只更正登记有误的内容；单位和编制类型的变化请办理调动。原记录保留备查（R26）。",
        context={"crumb": (found.name, back_to(found))},
    ).respond()


def _correct(request: PageRequest, form: CorrectionForm, occupancy: Occupancy) -> Outcome:
    basis = CorrectionBasis(form.approval_document(request.user), form.cleaned_data["correction_reason"])
    return correct_occupancy(
        actor=request.user, today=request.today, occupancy_id=occupancy.pk, changes=form.changes(), basis=basis
    )
