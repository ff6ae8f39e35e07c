"""Filters that turn codes and rows of the register into words: `{% load personnel_words %}`."""

from datetime import date, timedelta
from typing import Any

from django import template

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.masking import mask_id_number
from bianzhi.personnel.models import Movement, Person, PersonChange
from bianzhi.personnel.rules.persons import CODED_FIELDS
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.web import words

register = template.Library()


@register.filter
def code(value: str, code_set: str) -> str:
    """The Chinese name of a code: `{{ row.entry_mode|code:"entry_mode" }}`."""
    return codes(code_set).label(value)


@register.filter
def quota(value: str) -> str:
    """The Chinese name of a quota type."""
    return quota_label(value)


@register.filter
def mode(movement: Movement) -> str:
    """The mode of a movement."""
    return words.mode_label(movement)


@register.filter
def masked_id(value: str) -> str:
    """An ID number with its middle hidden."""
    return mask_id_number(value)


@register.filter
def in_dict(found: dict[Any, str], key: Any) -> str:
    """The entry of a dictionary, "" when it is not there."""
    return found.get(key, "")


@register.filter
def last_day(value: date | None) -> str:
    """The last day of a period that ends (exclusive) on a day, or 至今."""
    return (value - timedelta(days=1)).isoformat() if value else "至今"


@register.filter
def field_name(change: PersonChange) -> str:
    """How the changed field is called."""
    return str(getattr(Person._meta.get_field(change.field), "verbose_name", change.field))


@register.filter
def changed(change: PersonChange, which: str) -> str:
    """The old or new value of a change in words; ID numbers masked."""
    value: str = getattr(change, f"{which}_value")
    if change.field == "id_number":
        return mask_id_number(value)
    if change.field in CODED_FIELDS:
        return codes(CODED_FIELDS[change.field]).label(value)
    if Person._meta.get_field(change.field).get_internal_type() == "BooleanField":
        return {"1": "是", "0": "否"}.get(value, value)
    return value
