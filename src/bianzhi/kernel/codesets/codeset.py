"""One code set: an immutable table asked by code, by name, or by whatever an official wrote."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final

from bianzhi.kernel.characters import compact

LIST_SEPARATOR: Final = "|"
_PUNCTUATION: Final = re.compile(r"[()（）\[\]【】〔〕·•、,，.。:：;；/\\_\-—]")


class UnknownCode(KeyError):
    """A code the set does not hold."""

    def __init__(self, title: str, code: str) -> None:
        self.code = code
        super().__init__(f"{title}中没有代码「{code}」")

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Code:
    """One entry. `identifier` is its English name where the trade's glossary has one; `valid_to` is exclusive.

    `synonyms` are other writings; one that begins with "*" stands for every text ending so. `facts` holds the set's
    own further columns ("evidence", "counts_as"…).
    """

    code: str
    name: str
    parent: str = ""
    identifier: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    synonyms: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    def is_valid_on(self, day: date) -> bool:
        """True when the code may be given to a fact of that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)

    def listed(self, fact: str) -> tuple[str, ...]:
        """A further column that holds several values, such as the evidence of an exit mode; () when it is empty."""
        text = self.facts.get(fact, "")
        return tuple(text.split(LIST_SEPARATOR)) if text else ()


class CodeSet:
    """An immutable, ordered set of codes. Raises UnknownCode for a code it does not hold."""

    def __init__(self, name: str, title: str, entries: Iterable[Code], *, source: str = "") -> None:
        self.name = name
        self.title = title
        self.source = source
        self._entries: Mapping[str, Code] = MappingProxyType({entry.code: entry for entry in entries})

    def __repr__(self) -> str:
        return f"CodeSet({self.name!r}, {len(self)} codes)"

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Code]:
        return iter(self._entries.values())

    def __contains__(self, code: object) -> bool:
        return code in self._entries

    def __getitem__(self, code: str) -> Code:
        try:
            return self._entries[code]
        except KeyError:
            raise UnknownCode(self.title, code) from None

    def label(self, code: str) -> str:
        """The Chinese name; "" for a blank code, and the code itself for one the set does not hold.

        Never fails, because pages must show even a row whose code was withdrawn from the table.
        """
        entry = self._entries.get(code)
        return entry.name if entry is not None else code

    def choices(self, day: date | None = None) -> list[tuple[str, str]]:
        """(code, name) pairs in table order for a form; with `day`, only the codes valid then."""
        return [(entry.code, entry.name) for entry in self if day is None or entry.is_valid_on(day)]

    def parent(self, code: str) -> Code | None:
        """The entry above, None at the top."""
        above = self[code].parent
        return self[above] if above else None

    def root(self, code: str) -> Code:
        """The topmost entry above `code`, itself when it is at the top."""
        above = self.parent(code)
        return self[code] if above is None else self.root(above.code)

    def is_within(self, code: str, ancestor: str) -> bool:
        """True when `code` is `ancestor` or lies below it."""
        above = self.parent(code)
        return code == ancestor or (above is not None and self.is_within(above.code, ancestor))

    def children(self, code: str) -> list[Code]:
        """The entries directly below."""
        return [entry for entry in self if entry.parent == self[code].code]

    def find(self, text: str) -> Code | None:
        """The entry an official's writing means: a code, a name, a synonym, or code and name together. None if unclear.

        「1」 finds "01", 「党员」 the party member, 「汉」 and 「01 汉族」 the Han.
        """
        key = _folded(text)
        if not key:
            return None
        if key in self._by_writing:
            return self._by_writing[key]
        if found := re.fullmatch(r"([a-z]?\d+)(\D.*)", key):
            coded, named = self._by_writing.get(found[1]), self._by_writing.get(found[2])
            return coded if coded is not None and coded is named else None
        return next((entry for ending, entry in self._by_ending if key.endswith(ending)), None)

    @cached_property
    def _by_writing(self) -> dict[str, Code]:
        """Every whole writing; codes win over identifiers, those over names, those over synonyms."""
        writings: dict[str, Code] = {}
        for entry in self:
            writings[_folded(entry.code)] = entry
        for entry in self:
            if entry.code.startswith("0"):
                writings.setdefault(entry.code.lstrip("0") or "0", entry)
        for source in ("identifier", "name"):
            for entry in self:
                writings.setdefault(_folded(getattr(entry, source)), entry)
        for entry in self:
            for synonym in entry.synonyms:
                if not synonym.startswith("*"):
                    writings.setdefault(_folded(synonym), entry)
        writings.pop("", None)
        return writings

    @cached_property
    def _by_ending(self) -> list[tuple[str, Code]]:
        endings = [
            (_folded(synonym[1:]), entry) for entry in self for synonym in entry.synonyms if synonym.startswith("*")
        ]
        return sorted(endings, key=lambda pair: -len(pair[0]))


def _folded(text: str) -> str:
    return _PUNCTUATION.sub("", compact(text)).casefold()
