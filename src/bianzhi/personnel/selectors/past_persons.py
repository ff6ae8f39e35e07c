"""Persons as they were on a day: fields changed since are shown with their values of then (R14)."""

from collections.abc import Collection, Sequence
from datetime import date

from bianzhi.personnel.models import Person, PersonChange

BATCH = 500


def as_on(persons: Sequence[Person], day: date) -> Sequence[Person]:
    """Put every field of these persons back to its value on a day, in memory; one query for each 500 of them.

    The rows must not be saved afterwards. Fields that have not changed since stay as they are.
    """
    by_id = {person.pk: person for person in persons}
    for change in _changes_after(by_id, day):
        person = by_id[change.person_id]
        setattr(person, change.field, read_value(change.field, change.old_value))
    return persons


def read_value(field: str, text: str) -> object:
    """A field's value out of a change row, the way back of `services.persons.written_value`."""
    column = Person._meta.get_field(field)
    if text == "" and getattr(column, "null", False):
        return None
    kind = column.get_internal_type()
    if kind == "BooleanField":
        return text == "1"
    return date.fromisoformat(text) if kind == "DateField" else text


def _changes_after(person_ids: Collection[int], day: date) -> list[PersonChange]:
    """Changes effective later than a day, the newest first, so that the oldest of them has the last word."""
    pending = sorted(person_ids)
    found: list[PersonChange] = []
    for start in range(0, len(pending), BATCH):
        rows = PersonChange.objects.filter(person_id__in=pending[start : start + BATCH], effective_on__gt=day)
        found += rows.order_by("-effective_on", "-pk")
    return found
