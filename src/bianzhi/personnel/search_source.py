"""Persons in the full-text index: by name and 拼音首字母 only. ID numbers, birth dates and the rest stay out of it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse

from bianzhi.common.models import OutboxMessage
from bianzhi.kernel import clock
from bianzhi.personnel.models import Engagement, Movement, Occupancy, Person
from bianzhi.personnel.selectors.people import visible_persons
from bianzhi.search.jobs.changes import note
from bianzhi.search.sources import Entry, Source

KIND: Final = "personnel.person"
EVERYTHING: Final = "all"


def all_ids() -> Iterator[int]:
    """Every person of the register."""
    return Person.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def entries(ids: Sequence[int]) -> Iterator[Entry]:
    """One entry each: the name, and the units where the person is now."""
    places = _places(ids)
    rows = Person.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name", "name_folded", "name_initials")
    for pk, name, folded, initials in rows:
        yield Entry(
            key=f"{KIND}:{pk}",
            subject=f"{KIND}:{pk}",
            title=name,
            body=folded if folded != name else "",
            url=reverse("personnel:person", args=[pk]),
            access=(EVERYTHING, f"id:{pk}"),
            units=tuple(sorted(places[pk])),
            initials=tuple(initials.split()),
        )


def tokens(user: Any) -> Iterator[str]:
    """Everybody for the district's offices; for others those who work, or worked last, in their units today."""
    if user.sees_everything():
        yield EVERYTHING
        return
    for pk in visible_persons(user, clock.today()).values_list("pk", flat=True):
        yield f"id:{pk}"


def changed(message: OutboxMessage) -> None:
    """personnel.*: who is new, has another name, or has gone elsewhere; acts name their persons in several ways."""
    payload = message.payload
    if message.topic in ("personnel.person_registered", "personnel.person_changed"):
        note(KIND, [int(message.key)])
    elif message.topic == "personnel.opening_registered":
        note(KIND, _opened(int(message.key)))
    elif "event" in payload:
        note(KIND, Movement.objects.filter(event_id=int(payload["event"])).values_list("person_id", flat=True))
    elif payload.get("person"):
        note(KIND, [int(payload["person"])])
    elif payload.get("movement"):
        note(KIND, Movement.objects.filter(pk=int(payload["movement"])).values_list("person_id", flat=True))


def turned_over(today: date) -> dict[str, int]:
    """The daily look for those whose stay at a unit begins or ends today."""
    turning = Q(valid_from=today) | Q(valid_to=today)
    ids: set[int] = set(Occupancy.objects.current().filter(turning).values_list("person_id", flat=True))
    ids |= set(Engagement.objects.current().filter(turning).values_list("person_id", flat=True))
    note(KIND, ids)
    return {"persons": len(ids)}


def _opened(document_id: int) -> set[int]:
    """Persons whom the opening of the register brought in on a document."""
    on_quota = Occupancy.objects.filter(entry_document_id=document_id).values_list("person_id", flat=True)
    beside = Engagement.objects.filter(document_id=document_id).values_list("person_id", flat=True)
    return {*on_quota, *beside}


def _places(ids: Sequence[int]) -> dict[int, set[int]]:
    places: dict[int, set[int]] = defaultdict(set)
    for rows in (Occupancy.objects.as_of(clock.today()), Engagement.objects.as_of(clock.today())):
        for person_id, organization_id in rows.filter(person_id__in=ids).values_list("person_id", "organization_id"):
            places[person_id].add(organization_id)
    return places


SOURCE: Final = Source(
    kind=KIND,
    label="人员",
    icon="user",
    permission="personnel.view",
    all_ids=all_ids,
    entries=entries,
    tokens=tokens,
    order=30,
)
