"""The tokens of a doc, field by field, the same for every engine."""

import json
from dataclasses import fields
from typing import Any, Final

from bianzhi.fulltext.documents import Doc
from bianzhi.fulltext.numbers import fold_number
from bianzhi.fulltext.units import MARK, letters_of, pairs_of, units_of

KEPT: Final = tuple(one.name for one in fields(Doc) if one.name not in ("access", "initials"))


def text_units(doc: Doc) -> list[str]:
    """Everything a doc is found by; a page is found by its own text only, its record by title and numbers."""
    units = units_of(doc.body)
    if doc.page is not None:
        return units
    for part in (doc.subtitle, *doc.persons, *doc.numbers, doc.title):
        if part:
            units = [*units_of(part), MARK, *units]
    return units


def fields_of(doc: Doc) -> dict[str, str]:
    """`text`, `unit`, `title` and `initials` as tokens with blanks between."""
    units = text_units(doc)
    own_title = units_of(doc.title) if doc.page is None else []
    fields = {
        "text": " ".join(pairs_of(units)),
        "unit": " ".join({unit for unit in units if unit != MARK}),
        "title": " ".join(pairs_of(own_title)),
        "initials": " ".join(letters_of(doc.initials)),
    }
    return {name: tokens for name, tokens in fields.items() if tokens}


def numbers_of(doc: Doc) -> list[str]:
    """The folded numbers a doc is known by."""
    return [folded for number in doc.numbers if (folded := fold_number(number))] if doc.page is None else []


def to_json(doc: Doc) -> str:
    """What the index keeps to show a hit; tokens of access are not among it."""
    kept = {name: value for name in KEPT if (value := getattr(doc, name)) not in (None, "", (), {})}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str | bytes) -> dict[str, Any]:
    """What `to_json` kept."""
    kept: dict[str, Any] = json.loads(text)
    return kept
