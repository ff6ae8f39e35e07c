"""督查整改 on the page of a unit: what stands against its applications, its rectifications, its problems."""

from django.db.models import Count
from django.http import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from bianzhi.common.web.access import PageRequest
from bianzhi.organizations.models import Organization
from bianzhi.supervision.models import Problem, RectificationOrder
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.supervision.selectors.words import days_left, order_state_on
from bianzhi.supervision.web.problems import ProblemList


class UnitProblems(ProblemList):
    """The problems of one unit."""

    key = "supervision.unit_problems"
    columns = tuple(column for column in ProblemList.columns if column.key not in ("unit", "severity", "due_on"))
    filters = ProblemList.filters[1:]


def supervision_tab(request: PageRequest, unit: Organization) -> SafeString | HttpResponseBase:
    """The tab."""
    rows = Problem.objects.filter(organization=unit).select_related("order")
    listing = UnitProblems(request, rows).embedded()
    if isinstance(listing, HttpResponseBase):
        return listing
    orders = [
        (order, order_state_on(order, request.today), days_left(order, request.today))
        for order in RectificationOrder.objects.filter(organization=unit).annotate(covered=Count("problems"))
    ]
    context = {"unit": unit, "locks": locks_on(unit.pk, request.today), "orders": orders, "listing": listing}
    return render_to_string("supervision/unit_tab.html", context, request=request)


def unsettled_count(request: PageRequest, unit: Organization) -> int:
    """How many problems of the unit are not 销号."""
    return Problem.objects.filter(organization=unit).unsettled().count()
