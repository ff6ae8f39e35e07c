"""When periods of a person ended that were not corrected away."""

from datetime import date

from django.db.models import Max

from bianzhi.organizations.models.periods import M, PeriodManager


def last_end(periods: PeriodManager[M], person_id: int, **which: object) -> date | None:
    """The first day on which the last of the person's ended periods no longer holds; None when none has ended."""
    ended = periods.current().filter(person_id=person_id, valid_to__isnull=False, **which)
    last: date | None = ended.aggregate(last=Max("valid_to"))["last"]
    return last
