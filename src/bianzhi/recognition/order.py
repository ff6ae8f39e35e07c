"""Reading order: rows from top to bottom, and columns, where there are any, one after the other."""

from collections.abc import Iterator, Sequence
from statistics import median

from bianzhi.recognition.document import Word

GUTTERS = tuple(position / 100 for position in range(20, 81))
"""Where, as a share of the width of what is being ordered, a gutter between two columns is looked for."""

LINES_OF_A_COLUMN = 3
"""Fewer lines side by side are no columns: a document number beside its signatory, two signatures."""

FILLED = 0.5
"""Share of the column's width its rows take, in the middle; below that it is a list or a form without rules."""

SIDE_BY_SIDE = 0.6
"""Share of the shorter column's lines that have a line of the other beside them."""


def in_reading_order(words: Sequence[Word]) -> list[list[Word]]:
    """`words` as a person reads them, in runs: the lines of one column, or those that stand across the columns."""
    gutter = _best_gutter(words)
    if gutter is None:
        return [in_rows(words)] if words else []
    runs: list[list[Word]] = []
    loose: list[Word] = []
    for between, across in _segments(words, gutter):
        if _gap(between, words, gutter) is None:
            loose += between
        else:
            runs += [in_rows(loose)] if loose else []
            runs += [run for side in _sides(between, gutter) for run in in_reading_order(side)]
            loose = []
        loose += across
    return [*runs, in_rows(loose)] if loose else runs


def in_rows(words: Sequence[Word]) -> list[Word]:
    """`words` row by row from the top, each row from the left."""
    return [word for row in rows(words) for word in row]


def rows(words: Sequence[Word]) -> list[list[Word]]:
    """`words` gathered into rows; two stand in one row where half of the lower one's height is shared."""
    found: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (_middle(word), word.box[0])):
        if found and _share_a_row(found[-1][0], word):
            found[-1].append(word)
        else:
            found.append([word])
    return [sorted(row, key=lambda word: word.box[0]) for row in found]


def _middle(word: Word) -> float:
    return word.box[1] + word.box[3] / 2


def _share_a_row(first: Word, second: Word) -> bool:
    shared = min(first.box[1] + first.box[3], second.box[1] + second.box[3]) - max(first.box[1], second.box[1])
    return shared > min(first.box[3], second.box[3]) / 2


def _best_gutter(words: Sequence[Word]) -> float | None:
    """The position that parts the most lines into columns, of equals the one with the widest gap beside it."""
    if len(words) < 2 * LINES_OF_A_COLUMN:
        return None
    left, right = _extent(words)
    best: tuple[int, float] = (0, 0.0)
    position = None
    for share in GUTTERS:
        candidate = left + share * (right - left)
        bands = [(between, _gap(between, words, candidate)) for between, _ in _segments(words, candidate)]
        parted = [(len(between), gap) for between, gap in bands if gap is not None]
        worth = (sum(lines for lines, _ in parted), min((gap for _, gap in parted), default=0.0))
        if worth > best:
            best, position = worth, candidate
    return position


def _extent(words: Sequence[Word]) -> tuple[float, float]:
    return min(word.box[0] for word in words), max(word.box[0] + word.box[2] for word in words)


def _segments(words: Sequence[Word], gutter: float) -> Iterator[tuple[list[Word], list[Word]]]:
    """From the top: the lines that keep clear of the gutter, and the line across it that ends them."""
    between: list[Word] = []
    for word in sorted(words, key=_middle):
        if word.box[0] < gutter < word.box[0] + word.box[2]:
            yield between, [word]
            between = []
        else:
            between.append(word)
    yield between, []


def _sides(words: Sequence[Word], gutter: float) -> tuple[list[Word], list[Word]]:
    left = [word for word in words if word.box[0] < gutter]
    return left, [word for word in words if word.box[0] >= gutter]


def _gap(between: Sequence[Word], scope: Sequence[Word], gutter: float) -> float | None:
    """How wide the gutter is among these lines; None where they are no two columns."""
    left, right = _sides(between, gutter)
    if min(len(left), len(right)) < LINES_OF_A_COLUMN or not _beside(left, right):
        return None
    start, end = _extent(scope)
    if not (_fills(left, gutter - start) and _fills(right, end - gutter)):
        return None
    return min(word.box[0] for word in right) - max(word.box[0] + word.box[2] for word in left)


def _beside(left: Sequence[Word], right: Sequence[Word]) -> bool:
    """Whether most lines of the shorter column have one of the other beside them."""
    shorter, longer = sorted((left, right), key=len)
    with_neighbour = sum(any(_overlap(word, other) for other in longer) for word in shorter)
    return with_neighbour >= SIDE_BY_SIDE * len(shorter)


def _overlap(first: Word, second: Word) -> bool:
    return first.box[1] < second.box[1] + second.box[3] and second.box[1] < first.box[1] + first.box[3]


def _fills(column: Sequence[Word], width: float) -> bool:
    return median(sum(word.box[2] for word in row) for row in rows(column)) >= FILLED * width
