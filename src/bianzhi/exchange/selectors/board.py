"""Figures of the board of findings: by class, department, age and state, each counted by the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from bianzhi.exchange.models import Finding

BANDS: Final = ((0, 10), (11, 30), (31, 90), (91, None))
"""Ages in days, both ends included; the last has no end."""


@dataclass(frozen=True, slots=True)
class Board:
    """Unsettled findings a user may see, counted in several ways; `by_state` counts all of them.

    `by_age` is by the first day of each band, in the order of BANDS; the other keys are the codes the model keeps.
    """

    by_kind: Mapping[str, int]
    by_department: Mapping[str, int]
    by_kind_and_department: Mapping[tuple[str, str], int]
    by_age: Mapping[int, int]
    by_state: Mapping[str, int]
    by_lane: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many are unsettled."""
        return sum(self.by_kind.values())


def board(user: Any, today: date) -> Board:
    """The figures: four queries however many findings there are."""
    rows = Finding.objects.visible_to(user).order_by()
    unsettled = rows.unsettled()
    counted = unsettled.values_list("kind", "owner").annotate(number=Count("pk"))
    pairs = {(kind, owner): number for kind, owner, number in counted}
    kinds: dict[str, int] = {}
    departments: dict[str, int] = {}
    for (kind, owner), number in pairs.items():
        kinds[kind] = kinds.get(kind, 0) + number
        departments[owner] = departments.get(owner, 0) + number
    return Board(
        by_kind=kinds,
        by_department=departments,
        by_kind_and_department=pairs,
        by_age=_by_age(unsettled, today),
        by_state=_counted(rows, "state"),
        by_lane=_counted(unsettled, "lane"),
    )


def within(first: int, last: int | None, today: date) -> Q:
    """Condition on findings that are so many days old, both ends included."""
    condition = Q(found_on__lte=today - timedelta(days=first))
    return condition if last is None else condition & Q(found_on__gte=today - timedelta(days=last))


def _counted(rows: QuerySet[Finding], field: str) -> dict[str, int]:
    return dict(rows.values_list(field).annotate(number=Count("pk")))


def _by_age(rows: QuerySet[Finding], today: date) -> dict[int, int]:
    counts = {f"from_{first}": Count("pk", filter=within(first, last, today)) for first, last in BANDS}
    found = rows.aggregate(**counts)
    return {first: found[f"from_{first}"] for first, _ in BANDS}
