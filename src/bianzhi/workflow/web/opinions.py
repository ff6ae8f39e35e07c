"""《流转意见》: everything said on a case, for paper, with the proof that nothing of it was changed."""

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bianzhi.accounts import organization_names
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.kept_files import answer_with
from bianzhi.kernel.digests import canonical_json, sm3_hex
from bianzhi.workflow.files import OPINION_PAPERS
from bianzhi.workflow.models import FlowOpinion, OpinionPaper
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.selectors.progress import said
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
    opinions = list(instance.opinions.select_related("paper").order_by("number"))
    unit = organization_names.names([instance.unit_id]).get(instance.unit_id) if instance.unit_id else ""
    process = process_of(instance.version)
    context = {
        "instance": instance,
        "opinions": [(opinion, said(opinion, process)) for opinion in opinions],
        "unit_name": unit,
        "proof": prove(opinions),
        "back": case_url(instance),
    }
    return render(request, "workflow/opinions.html", context)


@page(VIEW)
@require_safe
def paper(request: PageRequest, pk: int) -> HttpResponse:
    """手写签批 of a case one may see; `?download` saves it."""
    row = get_object_or_404(OpinionPaper.objects.select_related("opinion"), pk=pk)
    case_or_404(request, row.opinion.instance_id)
    try:
        data = OPINION_PAPERS.read(row.sha256)
    except OSError as error:
        raise Http404("文件已不在平台上，请告诉系统管理员。") from error
    return answer_with(request, data, name=row.name, content_type=row.content_type)


def prove(opinions: list[FlowOpinion]) -> Proof:
    """Count the chain through: numbers without a gap, each linked to the one before, each hashing to what it says."""
    previous = ""
    is_whole = True
    for number, opinion in enumerate(opinions, start=1):
        is_linked = opinion.number == number and opinion.prev_hash == previous
        is_whole = is_whole and is_linked and opinion.hash == sm3_hex(canonical_json(opinion.content()))
        previous = opinion.hash
    return Proof(len(opinions), previous, is_whole)
