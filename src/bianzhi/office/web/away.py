"""外出: who is away now or soon, and who decides for them."""

from datetime import timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.office.selectors.away import absences

LOOK_AHEAD: Final = timedelta(days=30)


@page("workbench.view")
@require_safe
def away(request: PageRequest) -> HttpResponse:
    """Absences of today, and those of the next days."""
    today = request.today
    found = absences(request.user, today, today + LOOK_AHEAD)
    context = {
        "now": [row for row in found if row.first <= today],
        "soon": [row for row in found if row.first > today],
        "days": LOOK_AHEAD.days,
    }
    return render(request, "office/away.html", context)
