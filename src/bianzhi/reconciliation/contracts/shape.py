"""Looks into a contract's JSON that may be wrong in any way: what is not of the expected shape counts as absent."""

from collections.abc import Mapping, Sequence
from typing import Any


def fields_of(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The fields that are objects, in their order."""
    return [one for one in _sequence(schema.get("fields")) if isinstance(one, Mapping)]


def part_of(one: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under a key; an empty one where there is none."""
    found = one.get(key)
    return found if isinstance(found, Mapping) else {}


def texts_of(one: Mapping[str, Any], key: str) -> list[str]:
    """The texts of the list under a key."""
    return [str(text) for text in _sequence(one.get(key))]


def codes_of(field: Mapping[str, Any]) -> dict[str, str]:
    """What a field's codes mean; words of an `enum` stand for themselves."""
    codes = part_of(part_of(field, "hub"), "codes")
    listed = texts_of(part_of(field, "constraints"), "enum")
    return {**{text: text for text in listed}, **{str(code): str(word) for code, word in codes.items()}}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()
