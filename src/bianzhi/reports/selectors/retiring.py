"""Who on quota reaches retirement by a month, read without loading the whole register."""

from datetime import date
from typing import Final

from django.db.models import Q

from bianzhi.kernel.retirement import YearMonth, months_until
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.selectors.retirements import Retirement, retirements
from bianzhi.reports.rules.ages import years_before
from bianzhi.reports.selectors.figures import Scope

OLD_AGES: Final = ((Q(), 60), (Q(person__sex="2"), 55))
"""Nobody retires below the old age of the track: 60, women 55; women of the worker track 50 (`WORKERS`)."""

WORKERS: Final = Q(person__sex="2") & (
    Q(person__retirement_category="F50") | Q(person__retirement_category="", person__identity="worker")
)


def retiring(scope: Scope, day: date, *, months: int) -> list[Retirement]:
    """People on quota on `day` whose retirement month is at most `months` after it, the overdue included; one query.

    Soonest first. Only those old enough are read; an approved date (病退) can come earlier and is read as well.
    """
    horizon = YearMonth.of(day).plus(months + 1).first_day
    may_retire = Q(person__retirement_override_on__lt=horizon)
    for who, age in (*OLD_AGES, (WORKERS, 50)):
        may_retire |= who & _born_before(years_before(horizon, age))
    rows = Occupancy.objects.as_of(day).filter(may_retire, valid_to__isnull=True).select_related("person")
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    near = [each for each in retirements(rows) if months_until(day, each.month) <= months]
    return sorted(near, key=lambda each: (each.month, each.person.pk))


def _born_before(day: date) -> Q:
    return Q(person__born_on__lt=day) | Q(person__certified_born_on__lt=day)
