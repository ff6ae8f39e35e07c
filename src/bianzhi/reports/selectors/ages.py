"""The age structure of the people on quota, in one query."""

from datetime import date

from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from bianzhi.personnel.models import Occupancy
from bianzhi.reports.rules.ages import BANDS, born_after
from bianzhi.reports.selectors.figures import Scope


def age_structure(scope: Scope, day: date) -> list[tuple[str, int]]:
    """(band, people) on a day; the birth date is the one certified by the file where it differs (三龄)."""
    rows = Occupancy.objects.as_of(day)
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    dated = rows.annotate(birth=Coalesce("person__certified_born_on", "person__born_on"))
    younger = {
        f"upto_{highest}": Count("pk", filter=Q(birth__gt=born_after(day, highest))) for _, highest in BANDS[:-1]
    }
    counted = dated.aggregate(everyone=Count("pk"), **younger)
    upto = [counted[f"upto_{highest}"] for _, highest in BANDS[:-1]] + [counted["everyone"]]
    return [(label, count - before) for (label, _), count, before in zip(BANDS, upto, [0, *upto], strict=False)]
