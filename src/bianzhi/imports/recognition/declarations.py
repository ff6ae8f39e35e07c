"""Reads the declarations of the kinds of file from their data files: one .toml for each kind."""

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from bianzhi.common.tabular.kinds import Field, ImportKind, RowCheck, ValueKind
from bianzhi.imports.recognition.wordings import choices, generated_fields


def declared(name: str, *, checks: tuple[RowCheck, ...] = ()) -> ImportKind:
    """The kind declared in `data/NAME.toml`, with its row checks."""
    source = files("bianzhi.imports.recognition").joinpath("data", f"{name}.toml")
    declaration = tomllib.loads(source.read_text(encoding="utf-8"))
    fields = tuple(_fields(declaration["field"]))
    return ImportKind(
        key=declaration["key"],
        label=declaration["label"],
        purpose=declaration["purpose"],
        fields=fields,
        needs_one_of=tuple(_group(text, fields) for text in declaration.get("needs_one_of", ())),
        identity=_words(declaration, "identity"),
        ignored=_words(declaration, "ignored"),
        headline=declaration.get("headline", ""),
        checks=checks,
    )


def _fields(declared_fields: list[dict[str, Any]]) -> Iterator[Field]:
    for one in declared_fields:
        if family := one.get("generate"):
            yield from generated_fields(family)
        else:
            yield _field(one)


def _field(one: dict[str, Any]) -> Field:
    plain = {key: value for key, value in one.items() if key not in ("kind", "choices", "synonyms", "weak", "never")}
    closed = not one.get("lenient", False) and one.get("required", False)
    listed = choices(one["choices"], closed=closed or one["choices"] == "quota_type") if "choices" in one else None
    return Field(
        kind=ValueKind(one.get("kind", "text")),
        choices=listed,
        synonyms=_words(one, "synonyms"),
        weak=_words(one, "weak"),
        never=_words(one, "never"),
        **plain,
    )


def _words(one: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(one.get(key, "").split())


def _group(text: str, fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Field keys of a group; 「@delta」 stands for every generated field of that family."""
    keys: list[str] = []
    for word in text.split():
        if word.startswith("@"):
            keys += [one.key for one in fields if one.key.startswith(f"{word[1:]}.")]
        else:
            keys.append(word)
    return tuple(keys)
