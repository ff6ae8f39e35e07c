"""The office's own register as its roster: everybody on quota on a day, numbers complete. For the hub only."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, Final

from django.db.models import F

from bianzhi.kernel.codesets import codes
from bianzhi.ledger.rules.measures import label as measure_label
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.selectors.people import duties_on, lent_on, on_quota_rows, positions_on

CHUNK: Final = 1_000
ON_DUTY: Final = "on_quota_on_duty"
SECONDED_OUT: Final = "on_quota_seconded_out"


def register_rows(day: date) -> Iterator[dict[str, str]]:
    """One row for everybody on quota on a day, by roster column; ordered by unit and person."""
    rows = (
        on_quota_rows(day)
        .annotate(unit_funding=F("unit_version__funding_form"))
        .order_by("organization_id", "person_id", "pk")
    )
    source = iter(rows.iterator(chunk_size=CHUNK))
    while chunk := list(islice(source, CHUNK)):
        yield from _chunk(chunk, day)


def _chunk(chunk: list[Any], day: date) -> Iterable[dict[str, str]]:
    ids = [row.person_id for row in chunk]
    duties, positions, lent = duties_on(ids, day), positions_on(ids, day), lent_on(ids, day)
    for row in chunk:
        state = duties[row.person_id].state if row.person_id in duties else ON_DUTY
        if row.person_id in lent and state == ON_DUTY:
            state = SECONDED_OUT
        post = positions[row.person_id][0].position if row.person_id in positions else ""
        yield _row(row, _label("duty_state", state), post)


def _row(row: Occupancy, state: str, post: str) -> dict[str, str]:
    person: Any = row.person
    placed: Any = row
    return {
        "name": person.name,
        "id_number": person.id_number,
        "sex": _label("sex", person.sex),
        "birth": (person.certified_born_on or person.born_on).isoformat(),
        "unit": placed.unit_name or "",
        "unit_code": placed.unit_code or "",
        "quota_type": measure_label(row.quota_type),
        "funding": _label("funding_form", placed.unit_funding or ""),
        "status": state,
        "post": post,
        "since": row.valid_from.isoformat(),
    }


def _label(name: str, code: str) -> str:
    return codes(name).label(code) if code in codes(name) else code
