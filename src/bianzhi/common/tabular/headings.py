"""Finds the header of a sheet: below titles and notes, over one to three rows, with or without merged cells."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from bianzhi.common.tabular.cells import folded, folded_without_brackets, is_blank, text_of
from bianzhi.common.tabular.kinds import BRACKETS_DROPPED, EXACT, ImportKind
from bianzhi.common.tabular.workbook import Sheet

SEARCHED_ROWS: Final = 60
TALLEST_HEADER: Final = 3
_LONGEST_HEADING: Final = 60
_IGNORED_WORTH: Final = 0.3
_LAST_PART_ONLY: Final = 0.9
_RESEMBLING: Final = 0.8
_LEAST_RESEMBLANCE: Final = 0.6
_LEAST_SCORE: Final = 1.5
_LEAST_SHARE: Final = 1 / 3
_MANY: Final = 5

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header is: `top` counts from 0; one path of labels for each column, from the upper row to the lower."""

    top: int
    height: int
    paths: tuple[Path, ...]
    score: float = 0.0

    @property
    def below(self) -> int:
        """The first row under the header, counted from 0."""
        return self.top + self.height


def joined(path: Path) -> str:
    """A heading over several rows as one label: 核定编制·行政."""
    return "·".join(path)


def forms(path: Path) -> Iterator[tuple[str, float]]:
    """The folded wordings under which a heading may be known, surest first, each with what it is worth."""
    whole = "".join(path)
    yield folded(whole), EXACT
    yield folded_without_brackets(whole), BRACKETS_DROPPED
    if len(path) > 2:
        yield folded(path[0] + path[-1]), BRACKETS_DROPPED
        yield folded(path[-2] + path[-1]), BRACKETS_DROPPED
    if len(path) > 1:
        yield folded(path[-1]), _LAST_PART_ONLY
        yield folded_without_brackets(path[-1]), _LAST_PART_ONLY * BRACKETS_DROPPED


def exact_claims(kind: ImportKind, path: Path) -> dict[str, float]:
    """Fields the heading names by a known wording, with scores."""
    claims: dict[str, float] = {}
    for position, (form, worth) in enumerate(forms(path)):
        for key, weight in kind.headings.get(form, ()) if form else ():
            if position == 0 or not _ruled_out(kind, key, path):
                claims[key] = max(claims.get(key, 0.0), worth * weight)
    return claims


def is_ignored(kind: ImportKind, path: Path) -> bool:
    """True for headings known and deliberately not read, such as 序号."""
    return any(form in kind.ignored_headings for form, _ in forms(path))


def resembling_claims(kind: ImportKind, path: Path) -> dict[str, float]:
    """Fields whose known wordings the heading resembles, for headings that no list foresaw."""
    claims: dict[str, float] = {}
    labels = {folded_without_brackets("".join(path)), folded_without_brackets(path[-1])} if path else set()
    for label in labels - {""}:
        for known, fields in kind.headings.items():
            likeness = resemblance(label, known)
            if likeness < _LEAST_RESEMBLANCE:
                continue
            for key, weight in fields:
                if kind.by_key[key].by_resemblance and not _ruled_out(kind, key, path):
                    claims[key] = max(claims.get(key, 0.0), _RESEMBLING * likeness * weight)
    return claims


def _ruled_out(kind: ImportKind, key: str, path: Path) -> bool:
    never = kind.by_key[key].never
    return bool(never) and any(word in part for word in never for part in path)


@lru_cache(maxsize=200_000)
def resemblance(label: str, known: str) -> float:
    """0 to 1: how much two folded labels share, by containment of three characters or more, or by pairs."""
    shorter, longer = sorted((label, known), key=len)
    if len(longer) > 24 or len(shorter) < 2:
        return 0.0
    if len(shorter) >= 3 and shorter in longer:
        return 0.6 + 0.4 * len(shorter) / len(longer)
    own, other = _pairs(label), _pairs(known)
    return 2 * len(own & other) / (len(own) + len(other))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def find_header(sheet: Sheet, kind: ImportKind) -> Header | None:
    """The header that names most fields of the kind; None when no row names two of them."""
    best: Header | None = None
    for top in range(min(SEARCHED_ROWS, len(sheet.rows))):
        for height in range(1, TALLEST_HEADER + 1):
            if top + height > len(sheet.rows):
                break
            header = header_at(sheet, kind, top=top, height=height)
            if header.score >= _LEAST_SCORE and (best is None or header.score > best.score + 1e-9):
                best = header
    return best


def header_at(sheet: Sheet, kind: ImportKind, *, top: int, height: int) -> Header:
    """The header read at a given place, with its score: the sum over fields of the best claim to each.

    A row of which only a few labels are known by chance scores nothing.
    """
    paths = _paths(sheet, top, height)
    claimed: dict[str, float] = {}
    ignored = 0
    for path in paths:
        if not path or any(len(part) > _LONGEST_HEADING for part in path):
            continue
        claims = exact_claims(kind, path)
        if claims:
            key, score = max(claims.items(), key=lambda item: (item[1] > claimed.get(item[0], 0.0), item[1]))
            claimed[key] = max(claimed.get(key, 0.0), score)
        elif is_ignored(kind, path):
            ignored += 1
    if len(claimed) < _MANY and len(claimed) + ignored < _LEAST_SHARE * sum(1 for path in paths if path):
        return Header(top, height, paths)
    grouped = any(len(path) > 1 for path in paths) and bool(claimed)
    score = sum(claimed.values()) + _IGNORED_WORTH * ignored + (0.01 * height if grouped else -0.01 * height)
    return Header(top, height, paths, score)


def _paths(sheet: Sheet, top: int, height: int) -> tuple[Path, ...]:
    grid = [_row_texts(sheet, row) for row in range(top, top + height)]
    for upper, lower in pairwise(grid):
        _spread_groups(upper, lower)
    return tuple(_path([row[column] for row in grid]) for column in range(sheet.width))


def _row_texts(sheet: Sheet, row: int) -> list[str]:
    return [" ".join(text_of(sheet.shown(row, column)).split()) for column in range(sheet.width)]


def _spread_groups(upper: list[str], lower: list[str]) -> None:
    """A group label written once, its cells not merged, reaches every labelled column to its right."""
    for column in range(1, len(upper)):
        if not upper[column] and lower[column] and lower[column - 1] and upper[column - 1] != lower[column - 1]:
            upper[column] = upper[column - 1]


def _path(labels: list[str]) -> Path:
    path: list[str] = []
    for label in labels:
        if label and (not path or label != path[-1]):
            path.append(label)
    return tuple(path)


def repeats_header(header: Header, sheet: Sheet, row: int) -> bool:
    """True for a row that says the header again, as on every page of a printed list."""
    own = sheet.rows[row]
    filled = [(column, value) for column, value in enumerate(own) if not is_blank(value)]
    if len(filled) < 2:
        return False
    same = sum(
        1
        for column, value in filled
        if column < len(header.paths) and folded(text_of(value)) in {folded(part) for part in header.paths[column]}
    )
    return same >= 2 and same >= 0.6 * len(filled)
