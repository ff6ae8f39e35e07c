"""What was read off the pages of an item, ready to stand beside the field it is proposed for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from bianzhi.archives.models import Candidate, Category, Item, Retention
from bianzhi.kernel import clock
from bianzhi.kernel.dates import parse_date
from bianzhi.organizations.selectors.units import names_on
from bianzhi.recognition.extraction import label

FIGURES: Final = ("quota:", "increase:", "decrease:", "post:")
MOST: Final = 4
"""Suggestions shown for one field."""
SURE: Final = 0.5
"""From this confidence on the best suggestion is put into an empty field; below it only offered."""
_FIELDS: Final = {"unit": "organization"}
"""Candidates whose field of the form has another name."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate for a field: `value` as the control holds it, `shown` as people read it, and where it stands."""

    pk: int
    field: str
    value: str
    shown: str
    confidence: float
    page: int | None
    box: str
    crop_url: str
    method: str
    is_set_aside: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of quota or posts read off a page."""

    label: str
    value: str
    page: int | None
    crop_url: str
    box: str
    confidence: float


def suggestions_for(item: Item) -> dict[str, list[Suggestion]]:
    """Suggestions by field of the form, the likeliest first."""
    rows = [row for row in item.candidates.all() if not row.field.startswith(FIGURES)]
    names = _unit_names(rows)
    codes = {category.code: category for category in Category.objects.all()}
    found: dict[str, list[Suggestion]] = {}
    for row in rows:
        field = _FIELDS.get(row.field, row.field)
        told = _told(row, field, names, codes)
        if told is None:
            continue
        offered = found.setdefault(field, [])
        if len(offered) < MOST and all(each.value != told[0] for each in offered):
            box, crop = _place(item, row)
            offered.append(
                Suggestion(row.pk, field, *told, row.confidence, row.page, box, crop, row.method, row.is_taken is False)
            )
    return found


def figures_on(item: Item) -> list[Figure]:
    """Numbers of quota and posts, in the order of the pages."""
    rows = [row for row in item.candidates.all() if row.field.startswith(FIGURES) and row.is_taken is not False]
    found = []
    for row in sorted(rows, key=lambda each: (each.page or 0, each.pk)):
        box, crop = _place(item, row)
        found.append(Figure(label(row.field), row.value, row.page, crop, box, row.confidence))
    return found


def taken_by(suggestions: dict[str, list[Suggestion]], typed: Mapping[str, Any]) -> list[int]:
    """Which suggestions a person took: those whose value is what the field holds now."""
    return [
        each.pk
        for field, offered in suggestions.items()
        for each in offered
        if str(typed.get(field, "")).strip() == each.value
    ]


def best(suggestions: dict[str, list[Suggestion]]) -> dict[str, str]:
    """What to put into empty fields."""
    return {
        field: each.value
        for field, offered in suggestions.items()
        if (each := next((one for one in offered if not one.is_set_aside), None)) and each.confidence >= SURE
    }


def _unit_names(rows: Iterable[Candidate]) -> dict[int, str]:
    ids = {int(row.value) for row in rows if row.field in ("unit", "organization") and row.value.isdecimal()}
    return names_on(ids, clock.today())


def _told(row: Candidate, field: str, names: dict[int, str], codes: dict[str, Category]) -> tuple[str, str] | None:
    """The value as the control holds it and as people read it; None where it is neither."""
    if field == "organization":
        name = names.get(int(row.value)) if row.value.isdecimal() else None
        return (row.value, name) if name else None
    if field == "category":
        category = codes.get(row.value)
        return (str(category.pk), str(category)) if category else None
    if field == "retention":
        return (row.value, Retention(row.value).label) if row.value in Retention.values else None
    if field == "dated_on":
        day = parse_date(row.value)
        return (day.day.isoformat(), day.day.isoformat()) if day else None
    return (row.value, row.value)


def _place(item: Item, row: Candidate) -> tuple[str, str]:
    if row.page is None or not row.box:
        return "", ""
    box = ",".join(f"{edge:.4f}" for edge in row.box)
    return box, f"{reverse('archives:crop', args=[item.pk, row.page])}?box={box}"
