"""How persons and movements are found from the search box and from forms, always within the user's scope."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from bianzhi.archives.selectors.subjects import Shown
from bianzhi.common.web.lookups import Option
from bianzhi.common.web.search import Result
from bianzhi.kernel import clock
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.names import person_name_key
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Engagement, Movement, Occupancy, Person
from bianzhi.personnel.selectors.people import visible_persons
from bianzhi.personnel.web.filters import named
from bianzhi.personnel.web.words import mode_label


def found_persons(user: Any, text: str, limit: int) -> list[Person]:
    """Persons by name, initials or whole ID number, those of that very name first."""
    today = clock.today()
    rows: QuerySet[Person] = named(visible_persons(user, today), text, prefix="")
    exact = list(rows.filter(name_folded=person_name_key(text))[:limit])
    others = rows.exclude(pk__in=[person.pk for person in exact]).order_by("name_initials", "pk")
    return [*exact, *others[: limit - len(exact)]]


def places_of(persons: list[Person], day: date) -> dict[int, str]:
    """Where each person works on a day in words; three queries."""
    ids = [person.pk for person in persons]
    stays = dict(Occupancy.objects.as_of(day).filter(person__in=ids).values_list("person_id", "organization_id"))
    engaged = dict(Engagement.objects.as_of(day).filter(person__in=ids).values_list("person_id", "organization_id"))
    names = names_on({*stays.values(), *engaged.values()}, day)
    return {
        person.pk: names.get(stays.get(person.pk, 0), "")
        or (f"{names[engaged[person.pk]]}（编外、员额）" if person.pk in engaged else "不在编")
        for person in persons
    }


def find_persons(user: Any, text: str, limit: int) -> Iterator[Result]:
    """Results for the global search."""
    found = found_persons(user, text, limit)
    places = places_of(found, clock.today())
    for person in found:
        words = f"{codes('sex').label(person.sex)}，{person.born_on:%Y.%m} 出生，{places[person.pk]}"
        yield Result(person.name, words, reverse("personnel:person", args=[person.pk]))


def options(user: Any, text: str, limit: int) -> Iterator[Option]:
    """Options for a form that asks for a person."""
    if not text.strip():
        return
    found = found_persons(user, text, limit)
    places = places_of(found, clock.today())
    for person in found:
        yield Option(str(person.pk), person.name, f"{person.born_on:%Y.%m} {places[person.pk]}")


def chosen(user: Any, value: str) -> Person | None:
    """The person of an option, or the only one with that name or ID number."""
    rows = visible_persons(user, clock.today())
    text = value.strip()
    if text.isascii() and text.isdigit() and len(text) < 12:
        return rows.filter(pk=int(text)).first()
    found = found_persons(user, text, 2)
    same = [person for person in found if person.name_folded == person_name_key(text)]
    if len(text) >= 15 and text[:14].isdigit():
        return found[0] if len(found) == 1 else None
    return same[0] if len(same) == 1 else None


def proved(user: Any, keys: Collection[int]) -> dict[int, Shown]:
    """Persons within the user's scope, as subjects of originals of the archive."""
    found = visible_persons(user, clock.today()).filter(pk__in=keys)
    return {person.pk: Shown(person.name, reverse("personnel:person", args=[person.pk])) for person in found}


def find_movements(user: Any, text: str, limit: int) -> Iterator[Result]:
    """Movements by their number (业务编号)."""
    wanted = text.strip().upper()
    if not wanted.startswith("BD"):
        return
    persons = visible_persons(user, clock.today())
    rows = Movement.objects.filter(number__startswith=wanted, person__in=persons).select_related("person")
    for row in rows.order_by("number")[:limit]:
        words = f"{row.person.name}，{row.get_family_display()}·{mode_label(row)}，{row.effective_on}"
        yield Result(row.number, words, reverse("personnel:movement", args=[row.pk]))
