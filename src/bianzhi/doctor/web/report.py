"""The deployment's state as the system administrator sees it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.doctor.examining import examine
from bianzhi.doctor.findings import State


@page("system.manage")
@require_safe
def report(request: PageRequest) -> HttpResponse:
    """Every check, made now."""
    parts = list(examine())
    counts = {state: sum(one.state is state for part in parts for one in part.findings) for state in State}
    context = {"parts": parts, "bad": counts[State.BAD], "warn": counts[State.WARN], "good": counts[State.GOOD]}
    return render(request, "doctor/report.html", context)
