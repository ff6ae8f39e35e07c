"""批量办理: the same act for many findings, chosen one by one or all that the list's filters let through."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.exchange.models import Finding
from bianzhi.exchange.services.batches import MOST, BatchAct, handle_batch
from bianzhi.exchange.web import words
from bianzhi.exchange.web.findings import FindingList, visible_findings
from bianzhi.exchange.web.forms import BatchForm
from bianzhi.kernel.objections import Refused

ACTS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "assign": ("assign", {}),
    "confirm": ("propose", {"verdict": "confirm"}),
    "dismiss": ("propose", {"verdict": "dismiss"}),
    "agree": ("settle", {"agree": True}),
    "disagree": ("settle", {"agree": False}),
    "take_back": ("take_back", {}),
}
"""What the form calls an act → what the service calls it."""


@page("exchange.decide")
@require_http_methods(["GET", "POST"])
def batch(request: PageRequest) -> HttpResponseBase:
    """Show what was chosen and ask what to do; then do it and say what came of each.

    A GET takes everything the filters in its address let through; a POST the keys in `selected`.
    """
    if request.method == "GET":
        rows = list(FindingList(request, visible_findings(request)).found[: MOST + 1])
        return _ask(request, rows, BatchForm(user=request.user))
    keys = [key for text in request.POST.getlist("selected") if (key := key_in(text)) is not None]
    rows = list(Finding.objects.visible_to(request.user).filter(pk__in=keys[: MOST + 1]).order_by("pk"))
    if "act" not in request.POST:
        return _ask(request, rows, BatchForm(user=request.user))
    return _carry_out(request, rows)


def _carry_out(request: PageRequest, rows: Sequence[Finding]) -> HttpResponse:
    form = BatchForm(request.POST, user=request.user)
    if not form.is_valid():
        return _ask(request, rows, form)
    told = form.cleaned_data
    act, more = ACTS[told["act"]]
    order = BatchAct(
        act=act,
        reason=told["text"],
        assignee_id=told["assignee"].pk if told["assignee"] else 0,
        due_on=told["due_on"],
        **more,
    )
    try:
        outcomes = handle_batch(
            actor=request.user, finding_ids=[row.pk for row in rows], act=order, today=request.today
        )
    except Refused as refusal:
        form.add_objections(refusal)
        return _ask(request, rows, form)
    refused = {outcome.pk: outcome.message for outcome in outcomes if not outcome.ok}
    done = len(outcomes) - len(refused)
    if not refused:
        return redirect_with_notice(request, reverse("exchange:findings"), f"已办理 {done} 项。")
    lines = [(row, words.kind_label(row.kind), refused[row.pk]) for row in rows if row.pk in refused]
    return render(request, "exchange/batch_result.html", {"done": done, "lines": lines})


def _ask(request: PageRequest, rows: Sequence[Finding], form: BatchForm) -> HttpResponse:
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (words.kind_label(row.kind), row.get_state_display())
        counts[key] = counts.get(key, 0) + 1
    context: dict[str, Any] = {
        "rows": [(row, words.kind_label(row.kind)) for row in rows[:MOST]],
        "counts": sorted((kind, state, number) for (kind, state), number in counts.items()),
        "form": form,
        "too_many": len(rows) > MOST,
        "most": MOST,
    }
    return render(request, "exchange/batch.html", context, status=422 if form.is_bound else 200)
