"""Who on quota reaches retirement by a month, read without loading the whole register."""

from datetime import date
from typing import Final

from django.db.models import Q

from bianzhi.kernel.retirement import YearMonth, months_until
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.selectors.retirements import Retirement, retirements
from bianzhi.reports.rules.ages import years_before
from bianzhi.reports.selectors.figures import Scope

YOUNGEST: Final = 50
"""Nobody retires before the old age of the lowest track (F50)."""


def retiring(scope: Scope, day: date, *, months: int) -> list[Retirement]:
    """People on quota on `day` whose retirement month is at most `months` after it, the overdue included; one query.

    Soonest first. Only those old enough are read; an approved date (病退) can come earlier and is read as well.
    """
    horizon = YearMonth.of(day).plus(months + 1).first_day
    born_by = years_before(horizon, YOUNGEST)
    old_enough = (
        Q(person__born_on__lt=born_by)
        | Q(person__certified_born_on__lt=born_by)
        | Q(person__retirement_override_on__lt=horizon)
    )
    rows = Occupancy.objects.as_of(day).filter(old_enough, valid_to__isnull=True).select_related("person")
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    near = [each for each in retirements(rows) if months_until(day, each.month) <= months]
    return sorted(near, key=lambda each: (each.month, each.person.pk))
