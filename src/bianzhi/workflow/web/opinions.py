"""《流转意见》: everything said on a case, for paper, with the proof that nothing of it was changed."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.accounts import organization_names
from bianzhi.common.web.access import PageRequest, page
from bianzhi.kernel.digests import canonical_json, sm3_hex
from bianzhi.workflow.models import FlowOpinion
from bianzhi.workflow.web.acting import case_url
from bianzhi.workflow.web.inbox import VIEW
from bianzhi.workflow.web.reach import case_or_404


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the opinions are what was signed: the digest of the last one covers all before it."""

    count: int
    head: str
    is_whole: bool


@page(VIEW)
@require_safe
def sheet(request: PageRequest, pk: int) -> HttpResponse:
    """The sheet of one case."""
    instance = case_or_404(request, pk)
    opinions = list(instance.opinions.order_by("number"))
    unit = organization_names.names([instance.unit_id]).get(instance.unit_id) if instance.unit_id else ""
    context = {
        "instance": instance,
        "opinions": opinions,
        "unit_name": unit,
        "proof": prove(opinions),
        "back": case_url(instance),
    }
    return render(request, "workflow/opinions.html", context)


def prove(opinions: list[FlowOpinion]) -> Proof:
    """Count the chain through: numbers without a gap, each linked to the one before, each hashing to what it says."""
    previous = ""
    is_whole = True
    for number, opinion in enumerate(opinions, start=1):
        is_linked = opinion.number == number and opinion.prev_hash == previous
        is_whole = is_whole and is_linked and opinion.hash == sm3_hex(canonical_json(opinion.content()))
        previous = opinion.hash
    return Proof(len(opinions), previous, is_whole)
