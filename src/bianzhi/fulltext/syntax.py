"""The language of queries, read leniently: whatever is typed means something.

渔业许可 罚款            both words (a blank is 与)
"安全生产 许可证"         the words together, in this order
渔业 或 水利             either (也可写 OR、|、||)
渔业 非 罚款             without the second (也可写 NOT、-罚款、!罚款)
(渔业 或 水利) 与 许可    brackets
2024*  WS*              everything that begins so
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bianzhi.fulltext.units import words_of

LONGEST_QUERY: Final = 300
DEEPEST: Final = 20
"""Brackets within brackets beyond this are read as if they were not there."""


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text to be found as it stands; `is_prefix`: its last word may go on; `typed`: as it was written."""

    units: tuple[str, ...]
    typed: str
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Everything within must be there."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One of these must be there."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """This must not be there."""

    part: "Node"


Node = Word | All | Any | Without

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<phrase>["“”]([^"“”]*)(?:["“”]|$))
      | (?P<open>[(（](?=[\s(（"“]|[^()（）]*[\s"“”]))
      | (?P<close>[)）])
      | (?P<or>\|\|?|(?:OR|或)(?=[\s("“（]))
      | (?P<and>&&?|(?:AND|与|＋|\+)(?=[\s("“（]))
      | (?P<not>(?:NOT|非)(?=[\s("“（])|[-－!！](?=[^\s]))
      | (?P<word>[^\s"“”|&]+)
    )""",
    re.VERBOSE,
)
_STARS: Final = "*＊"


def parse(text: str) -> Node | None:
    """The query a text stands for; None when there is nothing to look for in it."""
    return _Reader(list(_tokens(text[:LONGEST_QUERY]))).whole()


def words_in(node: Node | None) -> Iterator[Word]:
    """Every word that is looked for, not those that must be absent."""
    if isinstance(node, Word):
        yield node
    elif isinstance(node, All | Any):
        for part in node.parts:
            yield from words_in(part)


def word(text: str) -> Word | None:
    """A word as the language has it; None when there is nothing but punctuation."""
    stem = text.rstrip(_STARS)
    units = tuple(words_of(stem))
    return Word(units, stem.strip(), is_prefix=stem != text) if units else None


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def _tokens(text: str) -> Iterator[_Token]:
    position, depth = 0, 0
    while match := _TOKEN.match(text, position):
        kind = str(match.lastgroup)
        found = match[kind]
        if kind == "open":
            depth += 1
        elif kind == "word":
            found = _cut_at_closing(found, depth)
        elif kind == "phrase":
            found = match[2]
        depth -= kind == "close" and depth > 0
        position = match.start(kind) + (len(found) if kind == "word" else len(match[kind]))
        yield _Token(kind, found)


def _cut_at_closing(found: str, depth: int) -> str:
    """A word within brackets ends before the one that closes them; brackets of its own belong to it."""
    own = 0
    for position, character in enumerate(found):
        if character in "(（":
            own += 1
        elif character in ")）":
            if own:
                own -= 1
            elif depth and position:
                return found[:position]
    return found


class _Reader:
    """Recursive descent: 或 binds least, then 与 (or a blank), then 非."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Node | None:
        parts = []
        while self._at < len(self._tokens):
            if (part := self._any()) is not None:
                parts.append(part)
            if self._peek() == "close":
                self._at += 1
        return _joined(All, parts)

    def _peek(self) -> str:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else ""

    def _any(self) -> Node | None:
        parts = [part] if (part := self._all()) is not None else []
        while self._peek() == "or":
            self._at += 1
            if (part := self._all()) is not None:
                parts.append(part)
        return _joined(Any, parts)

    def _all(self) -> Node | None:
        parts = []
        while (kind := self._peek()) and kind not in ("or", "close"):
            if kind == "and":
                self._at += 1
            elif (part := self._one()) is not None:
                parts.append(part)
        return _joined(All, parts)

    def _one(self) -> Node | None:
        token = self._tokens[self._at]
        self._at += 1
        if token.kind == "not":
            part = self._one() if self._peek() not in ("", "or", "close") else None
            return None if part is None else part.part if isinstance(part, Without) else Without(part)
        if token.kind == "open":
            return self._bracketed()
        if token.kind == "and":
            return None
        return word(token.text)

    def _bracketed(self) -> Node | None:
        if self._depth >= DEEPEST:
            return None
        self._depth += 1
        inner = self._any()
        self._depth -= 1
        if self._peek() == "close":
            self._at += 1
        return inner


def _joined(kind: Callable[[tuple[Node, ...]], Node], parts: list[Node]) -> Node | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return kind(tuple(parts))
