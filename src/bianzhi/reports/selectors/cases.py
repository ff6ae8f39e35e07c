"""What T16 adds to the figures of cases: cards for late tasks, and what the applicants thought."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q

from bianzhi.matters.models import CaseFeedback
from bianzhi.matters.selectors.statistics import received
from bianzhi.supervision.models import Colour, SupervisionItem

SATISFIED_FROM = 3
"""基本满意 and better."""


@dataclass(frozen=True, slots=True)
class Cards:
    """How many tasks of the cases got a card."""

    yellow: int = 0
    red: int = 0


def cards_by_matter(user: Any, first: date, last: date, units: Collection[int] | None) -> Mapping[str, Cards]:
    """Cards of the cases sent in in the period, by matter; one query."""
    return _cards(user, first, last, units, by="instance__case__matter")


def cards_by_role(user: Any, first: date, last: date, units: Collection[int] | None) -> Mapping[str, Cards]:
    """Cards of the cases sent in in the period, by the role whose task was late; one query."""
    return _cards(user, first, last, units, by="task__pool_role")


def _cards(user: Any, first: date, last: date, units: Collection[int] | None, *, by: str) -> dict[str, Cards]:
    instances = received(user, first, last, units=units).values("instance_id")
    rows = SupervisionItem.objects.filter(instance_id__in=instances).order_by().values_list(by)
    yellows, reds = (Count("pk", filter=Q(colour=colour)) for colour in (Colour.YELLOW, Colour.RED))
    counted = rows.annotate(yellow=yellows, red=reds)
    return {key: Cards(yellow, red) for key, yellow, red in counted}


def satisfaction(user: Any, first: date, last: date, units: Collection[int] | None) -> Mapping[str, Fraction]:
    """By matter, the share of the applicants' ratings that are 基本满意 or better; one query."""
    cases = received(user, first, last, units=units).values("pk")
    rows = CaseFeedback.objects.filter(case_id__in=cases).order_by().values_list("case__matter")
    counted = rows.annotate(rated=Count("pk"), satisfied=Count("pk", filter=Q(score__gte=SATISFIED_FROM)))
    return {matter: Fraction(satisfied, count) for matter, count, satisfied in counted}
