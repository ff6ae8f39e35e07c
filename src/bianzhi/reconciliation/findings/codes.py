"""Words of departments sorted into comparable codes; needs nothing but the words in codes.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import yaml

Words = tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
"""Lines of a kind: the code, the words that speak for it, the words that speak against it."""


def _read() -> dict[str, Words]:
    text = files(__package__).joinpath("codes.yaml").read_text("utf-8")
    return {kind: tuple(_line(*line) for line in lines) for kind, lines in yaml.safe_load(text).items()}


def _line(code: str, words: list[str], unless: Iterable[str] = ()) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return code, tuple(words), tuple(unless)


CODES: Final[Mapping[str, Words]] = MappingProxyType(_read())


def code_of(kind: str, text: str | None) -> str | None:
    """The code of what was written, or None: an empty cell and an unknown word claim nothing.

    The words are tried in the order of codes.yaml, because 「退休返聘」 is a retired person, 「延迟退休」 is none, and
    「事业工勤」 is a worker.
    """
    written = (text or "").strip().upper()
    if not written:
        return None
    for code, words, unless in CODES[kind]:
        if any(word.upper() in written for word in words) and not any(word in written for word in unless):
            return code
    return None
