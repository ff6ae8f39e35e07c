"""The people on quota in the order of an official roster: unit, internal body, post (T01).

The order cannot be asked of the database (it is that of the tree and of the posts), so the keys of all rows are read
and sorted first, and only the rows of the page wanted are read whole.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.personnel.models import Appointment, Occupancy
from bianzhi.reports.selectors.figures import Scope
from bianzhi.reports.selectors.units import Units

CHUNK: Final = 500
LAST: Final = 9999


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the roster."""

    occupancy: Occupancy
    body: str
    appointment: Appointment | None
    concurrent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """The order of everybody on a day; lines are read in chunks."""

    day: date
    ids: Sequence[int]
    bodies: dict[int, str]

    def lines(self, window: tuple[int, int] | None = None) -> Iterator[Line]:
        """The lines of (first, number), or all: two queries for each 500."""
        first, number = window or (0, len(self.ids))
        wanted = self.ids[first : first + number]
        for start in range(0, len(wanted), CHUNK):
            yield from self._chunk(wanted[start : start + CHUNK])

    def _chunk(self, ids: Sequence[int]) -> Iterator[Line]:
        rows = Occupancy.objects.select_related("person", "entry_document").in_bulk(list(ids))
        people = [row.person_id for row in rows.values()]
        principal: dict[int, Appointment] = {}
        concurrent: dict[int, list[str]] = {}
        for each in Appointment.objects.as_of(self.day).filter(person_id__in=people).order_by("pk"):
            if each.is_principal:
                principal[each.person_id] = each
            else:
                concurrent.setdefault(each.person_id, []).append(each.position)
        for pk in ids:
            row = rows[pk]
            body = self.bodies.get(row.internal_body_id, "") if row.internal_body_id else ""
            yield Line(row, body, principal.get(row.person_id), tuple(concurrent.get(row.person_id, ())))


def roster(scope: Scope, day: date, units: Units, *, quota_types: Collection[str] = ()) -> Roster:
    """Everybody on quota in the scope on a day, or on some quota types only; three queries."""
    rows = Occupancy.objects.as_of(day)
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    if quota_types:
        rows = rows.filter(quota_type__in=list(quota_types))
    places = {
        body_id: (at, name)
        for at, (body_id, name) in enumerate(
            InternalBodyVersion.objects.as_of(day)
            .order_by("organization_id", "sort_order", "name")
            .values_list("body_id", "name")
        )
    }
    levels = {code: at for at, (code, _) in enumerate(codes("post_level").choices())}
    posts = {
        person_id: (levels.get(level, LAST), rank or "999")
        for person_id, level, rank in Appointment.objects.as_of(day)
        .filter(is_principal=True)
        .values_list("person_id", "post_level", "rank_code")
    }
    keys = [
        (
            units.position(unit_id),
            places.get(body_id, (LAST, ""))[0] if body_id else -1,
            posts.get(person_id, (LAST, "999")),
            person_id,
            pk,
        )
        for pk, unit_id, body_id, person_id in rows.values_list(
            "pk", "organization_id", "internal_body_id", "person_id"
        )
    ]
    return Roster(day, [key[-1] for key in sorted(keys)], {body_id: name for body_id, (_, name) in places.items()})
