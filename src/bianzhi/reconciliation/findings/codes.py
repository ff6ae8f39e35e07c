"""Words of departments sorted into comparable codes; needs nothing but the words in codes.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Final

import yaml

Words = tuple[tuple[str, tuple[str, ...]], ...]


def _read() -> dict[str, Words]:
    text = files(__package__).joinpath("codes.yaml").read_text("utf-8")
    return {kind: tuple((code, tuple(words)) for code, words in lines) for kind, lines in yaml.safe_load(text).items()}


CODES: Final[Mapping[str, Words]] = MappingProxyType(_read())


def code_of(kind: str, text: str | None) -> str | None:
    """The code of what was written, or None: an empty cell and an unknown word claim nothing.

    The words are tried in the order of codes.yaml, because 「退休返聘」 is a retired person and 「事业工勤」 a worker.
    """
    written = (text or "").strip().upper()
    if not written:
        return None
    for code, words in CODES[kind]:
        if any(word.upper() in written for word in words):
            return code
    return None
