"""增减变动 of a period by unit and quota type (T08), in five queries."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from bianzhi.personnel.models import Movement, Occupancy
from bianzhi.reports.rules.movement import Flow, Place, Stay, flows
from bianzhi.reports.selectors.figures import Scope


def period_flows(scope: Scope, first: date, last: date) -> Mapping[Place, Flow]:
    """Opening, additions and reductions by movement mode, closing, over the days `first` to `last`, both included."""
    rows = Occupancy.objects.current()
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    opening = _counted(rows, first - timedelta(days=1))
    closing = _counted(rows, last)
    return flows(opening, closing, _stays(rows, first, last), first, last)


def _counted(rows: QuerySet[Occupancy], day: date) -> dict[Place, int]:
    there = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)
    counted = there.order_by().values_list("organization_id", "quota_type").annotate(count=Count("pk"))
    return {(unit_id, code): count for unit_id, code, count in counted}


def _stays(rows: QuerySet[Occupancy], first: date, last: date) -> list[Stay]:
    moving = rows.filter(Q(valid_from__range=(first, last)) | Q(valid_to__range=(first, last)))
    came, left = _reasons(first, last)
    found: list[Stay] = []
    fields = ("pk", "organization_id", "quota_type", "valid_from", "valid_to", "entry_mode", "exit_mode")
    for pk, unit_id, code, start, end, entry_mode, exit_mode in moving.values_list(*fields):
        left_by, next_id = left.get(pk, (exit_mode, None))
        found.append(Stay(pk, (unit_id, code), start, end, came.get(pk, entry_mode), left_by or exit_mode, next_id))
    return found


def _reasons(first: date, last: date) -> tuple[dict[int, str], dict[int, tuple[str, int | None]]]:
    """The mode by which each occupancy began, and the one by which it ended with what followed it."""
    movements = (
        Movement.objects.filter(reversed_by__isnull=True, reverses__isnull=True)
        .filter(Q(to_occupancy__valid_from__range=(first, last)) | Q(from_occupancy__valid_to__range=(first, last)))
        .order_by("pk")
        .values_list("mode", "from_occupancy_id", "to_occupancy_id")
    )
    came: dict[int, str] = {}
    left: dict[int, tuple[str, int | None]] = defaultdict(lambda: ("", None))
    for mode, from_id, to_id in movements:
        if to_id is not None:
            came.setdefault(to_id, mode)
        if from_id is not None:
            left[from_id] = (mode, to_id)
    return came, dict(left)
