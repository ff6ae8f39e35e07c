"""What an engine has to look for: a query translated once, so that every engine answers it alike.

Fields of an index: `unit` (units without places), `text` (pairs of neighbouring units with places), `title` (the same
of the title), `initials` (pairs of letters), `number` (folded numbers, whole).
"""

from dataclasses import dataclass
from typing import Final

from bianzhi.fulltext import syntax
from bianzhi.fulltext.numbers import fold_number, looks_like_number
from bianzhi.fulltext.syntax import Word
from bianzhi.fulltext.units import bare, is_word, letters_of, pairs_of, words_of

TITLE_BOOST: Final = 4.0
NUMBER_BOOST: Final = 20.0
EXACT_BOOST: Final = 5.0
SHORTEST_MISSPELT: Final = 4


@dataclass(frozen=True, slots=True)
class Term:
    """This token in this field."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """A token that begins so."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A token that is this one but for one letter."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """These pairs one after the other; `is_open`: the last one may go on."""

    field: str
    pairs: tuple[str, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many of the parts; all of them, or one, are the common cases."""

    count: int
    parts: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Liked:
    """`part` decides what is found; each of `better` that holds as well lifts it."""

    part: "Clause"
    better: tuple[tuple["Clause", float], ...]


@dataclass(frozen=True, slots=True)
class Excluding:
    """`part` (everything, where None) without any of `without`."""

    part: "Clause | None"
    without: tuple["Clause", ...]


Clause = Term | Prefix | Misspelt | Phrase | AtLeast | Liked | Excluding


def plan(node: syntax.Node, *, is_fuzzy: bool = False) -> Clause:
    """What to look for."""
    if isinstance(node, Word):
        return _fuzzy_word(node) if is_fuzzy else _word(node)
    if isinstance(node, syntax.Without):
        return Excluding(None, (plan(node.part),))
    if isinstance(node, syntax.Any):
        return AtLeast(1, tuple(plan(part, is_fuzzy=is_fuzzy) for part in node.parts))
    wanted = [plan(part, is_fuzzy=is_fuzzy) for part in node.parts if not isinstance(part, syntax.Without)]
    unwanted = tuple(plan(part.part) for part in node.parts if isinstance(part, syntax.Without))
    whole = AtLeast(len(wanted), tuple(wanted)) if len(wanted) > 1 else wanted[0] if wanted else None
    return Excluding(whole, unwanted) if unwanted or whole is None else whole


def plan_suggestion(text: str) -> Clause | None:
    """Titles that contain what was typed, 拼音首字母 that do, numbers that begin so; None for nothing typed."""
    units = words_of(text)
    if not units:
        return None
    parts: list[Clause] = []
    if len(units) > 1:
        parts.append(_phrase("title", tuple(units), is_open=is_word(units[-1])))
    elif is_word(units[0]):
        parts += [Prefix("unit", bare(units[0])), *_by_initials(units)]
    else:
        parts.append(Prefix("title", units[0]))
    if looks_like_number(text) or len(units) > 1:
        parts.append(Prefix("number", fold_number(text)))
    return AtLeast(1, tuple(parts))


def _word(word: Word) -> Clause:
    found = _exactly(word)
    parts = [found, *_by_initials(word.units)]
    whole = AtLeast(1, tuple(parts)) if len(parts) > 1 else found
    better = _better(word)
    return Liked(whole, better) if better else whole


def _exactly(word: Word) -> Clause:
    is_open = word.is_prefix and is_word(word.units[-1])
    if len(word.units) > 1:
        return _phrase("text", word.units, is_open=is_open)
    return Prefix("unit", bare(word.units[0])) if is_open else Term("unit", word.units[0])


def _phrase(field: str, units: tuple[str, ...], *, is_open: bool = False) -> Clause:
    pairs = pairs_of(units)
    if is_open:
        pairs[-1] = bare(pairs[-1])
        return Phrase(field, tuple(pairs), is_open=True) if len(pairs) > 1 else Prefix(field, pairs[0])
    return Phrase(field, tuple(pairs)) if len(pairs) > 1 else Term(field, pairs[0])


def _better(word: Word) -> tuple[tuple[Clause, float], ...]:
    better: list[tuple[Clause, float]] = []
    if len(word.units) > 1 and not word.is_prefix:
        better.append((_phrase("title", word.units), TITLE_BOOST))
    if looks_like_number(word.typed):
        better.append((Term("number", fold_number(word.typed)), NUMBER_BOOST))
    return tuple(better)


def _by_initials(units: tuple[str, ...] | list[str]) -> list[Clause]:
    """The word read as 拼音首字母 of a title: at least two letters and nothing else."""
    letters = bare(units[0])
    if len(units) > 1 or len(letters) < 2 or not (letters.isascii() and letters.isalpha()):
        return []
    pairs = tuple(letters_of([letters]))
    return [Phrase("initials", pairs) if len(pairs) > 1 else Term("initials", pairs[0])]


def _fuzzy_word(word: Word) -> Clause:
    """Most pairs and most units of a word on the same page: what is left when OCR has misread some characters.

    One character read wrongly spoils two pairs. Of a word of n units with e wrong, at least n - 1 - 2e pairs and n - e
    units remain (the count filter for q-grams).
    """
    units = word.units
    if len(units) == 1:
        letters = bare(units[0])
        exact = _exactly(word)
        is_long = is_word(units[0]) and len(letters) >= SHORTEST_MISSPELT
        return AtLeast(1, (exact, Misspelt("unit", units[0]))) if is_long else exact
    single, pairs = tuple(dict.fromkeys(units)), tuple(dict.fromkeys(pairs_of(units)))
    wrong = 0 if len(units) == 2 else 1 + max(0, len(units) - 2) // 4
    enough_units = AtLeast(max(1, len(single) - wrong), tuple(Term("unit", unit) for unit in single))
    enough_pairs = AtLeast(max(1, len(pairs) - 2 * wrong), tuple(Term("text", pair) for pair in pairs))
    near = enough_units if len(units) == 2 else AtLeast(2, (enough_units, enough_pairs))
    return Liked(near, ((_exactly(word), EXACT_BOOST), *_better(word)))
