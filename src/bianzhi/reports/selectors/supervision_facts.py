"""What the ledger of problems says today that gives warning (W13)."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count

from bianzhi.common import working_days
from bianzhi.reports.rules import supervision as rules
from bianzhi.reports.rules.findings import Found
from bianzhi.reports.selectors.units import Units
from bianzhi.supervision.models import Problem, ProblemState, RectificationOrder
from bianzhi.supervision.parameters import NOTICE_DAYS
from bianzhi.supervision.selectors.words import kind_label


def late_rectifications(units: Units, today: date) -> Iterator[Found]:
    """W13: orders the units are late with, and problems the office has not ordered to be rectified."""
    yield from _late_units(units, today)
    yield from _late_orders(units, today)


def _late_units(units: Units, today: date) -> Iterator[Found]:
    late = RectificationOrder.objects.overdue_on(today).order_by("due_on").annotate(covered=Count("problems"))
    for pk, number, unit_id, due_on, problems in late.values_list(
        "pk", "number", "organization_id", "due_on", "covered"
    ):
        facts = rules.Order(pk, number, unit_id, units.name(unit_id), due_on, problems)
        found = rules.rectification_overdue(facts, today)
        if found is not None:
            yield found


def _late_orders(units: Units, today: date) -> Iterator[Found]:
    calendar, days = working_days.load(today), NOTICE_DAYS.number
    for problem in Problem.objects.filter(state=ProblemState.OPEN):
        facts = rules.Problem(
            problem.pk,
            problem.number,
            problem.organization_id,
            units.name(problem.organization_id),
            kind_label(problem.kind),
            calendar.add_working_days(problem.found_on, days),
        )
        found = rules.order_late(facts, today)
        if found is not None:
            yield found
