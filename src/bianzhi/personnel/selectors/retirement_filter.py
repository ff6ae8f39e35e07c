"""Retirement months as a condition of a query: who retires between two months, without computing everybody's."""

from collections.abc import Iterator

from django.db.models import Q
from django.db.models.functions import Coalesce

from bianzhi.kernel.retirement import RetirementCategory, YearMonth, default_category, statutory_retirement
from bianzhi.personnel.models import Person

FIRST_BIRTH = YearMonth(1930, 1)
LAST_BIRTH = YearMonth(2020, 12)
OTHER_IDENTITY = ""


def retiring_between(first: YearMonth, last: YearMonth) -> Q:
    """Condition on persons whose month of retirement lies in [first, last]; the same as `retirement_month` says.

    Within a track the month rises with the month of birth, so that a stretch of retirement months is a stretch of
    births.
    """
    chosen = Q(retirement_override_on__gte=first.first_day, retirement_override_on__lt=last.plus(1).first_day)
    within = Q(pk__in=[])
    for category in RetirementCategory:
        births = [month for month in _births() if first <= statutory_retirement(month, category).month <= last]
        if births:
            begin, end = births[0].first_day, births[-1].plus(1).first_day
            within |= _on_track(category) & Q(born_for_retirement__gte=begin, born_for_retirement__lt=end)
    persons = Person.objects.annotate(born_for_retirement=Coalesce("certified_born_on", "born_on")).filter(
        chosen | (Q(retirement_override_on__isnull=True, sex__in=("1", "2")) & within)
    )
    return Q(person_id__in=persons.values("pk"))


def _births() -> Iterator[YearMonth]:
    for ordinal in range(LAST_BIRTH.ordinal - FIRST_BIRTH.ordinal + 1):
        yield FIRST_BIRTH.plus(ordinal)


def _on_track(category: RetirementCategory) -> Q:
    """Who is on a track: by the 60-year choice, as recorded, or by the default for sex and identity."""
    by_choice = {RetirementCategory.M60: "1", RetirementCategory.F60: "2"}.get(category)
    track = Q(f60_track=True, sex=by_choice) if by_choice else Q(pk__in=[])
    track |= Q(f60_track=False, retirement_category=category)
    plain = Q(f60_track=False, retirement_category="")
    for sex in ("1", "2"):
        workers = default_category(sex, "worker") is category
        others = default_category(sex, OTHER_IDENTITY) is category
        if workers:
            track |= plain & Q(sex=sex, identity="worker")
        if others:
            track |= plain & Q(sex=sex) & ~Q(identity="worker")
    return track
