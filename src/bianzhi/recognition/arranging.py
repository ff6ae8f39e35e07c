"""From the lines of a page to its blocks in reading order: paragraphs, headings, tables, header and footer."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median

from bianzhi.recognition.document import Block, BlockKind, Box, Word, surrounding
from bianzhi.recognition.layout import Region
from bianzhi.recognition.lines import joined_over_spaces
from bianzhi.recognition.order import in_reading_order, in_rows
from bianzhi.recognition.tables import Table

PARAGRAPH_GAP = 0.9
"""Heights of a line left empty between two lines that no longer belong to one paragraph."""

LARGER = 1.25
"""How much higher than the page's usual line a heading is."""

CENTRED = 0.06
"""How far, as a share of the page's width, a heading's middle may stand off the page's."""

MARGIN = 0.09
"""Share of the page's height on top and at the foot where page numbers and running titles stand."""

NAMED: frozenset[BlockKind] = frozenset({"title", "header", "footer", "table"})
"""What the layout model may name lines. Text it sees in a figure is text: of worn pages it takes all for a picture."""

PAGE_NUMBER = re.compile(r"^[\s—\-–－_·.]*(第?\s*\d{1,4}\s*页?(\s*[/共]\s*\d{1,4}\s*页?)?)[\s—\-–－_·.]*$")


def arrange(
    words: Sequence[Word],
    aspect: float,
    *,
    tables: Sequence[Table] = (),
    regions: Sequence[Region] = (),
    seals: Sequence[Box] = (),
) -> tuple[Block, ...]:
    """The page's blocks in reading order; pictures and seals, which bear no text of their own, come last.

    `aspect` is the page's width by its height. `tables` are those with rules, found by their rules. `regions` are what
    the layout model made out; they only name blocks: the order is that of the lines themselves.
    """
    inside = {table: [word for word in words if table.holds(word.box)] for table in tables}
    held = {word for within in inside.values() for word in within}
    standins = {Word("", table.box): table for table, within in inside.items() if within}
    free = joined_over_spaces([word for word in words if word not in held], aspect)
    usual = median(word.box[3] for word in words) if words else 0.0
    blocks: list[Block] = []
    for run in in_reading_order([*free, *standins]):
        for part in _parts(run, standins, regions):
            table = standins.get(part[0])
            if table is not None:
                blocks.append(Block("table", table.box, tuple(_by_cells(table, inside[table]))))
            else:
                blocks.append(Block(_kind(part, regions, usual), surrounding([word.box for word in part]), tuple(part)))
    pictures = [region.box for region in regions if region.kind == "figure" and not _bears(region.box, words)]
    return (*blocks, *(Block("figure", box) for box in pictures), *(Block("seal", box) for box in seals))


def _by_cells(table: Table, words: Sequence[Word]) -> Iterator[Word]:
    """The table row by row, and what stands in one cell together."""
    left = [piece for word in words for piece in _cut(word, table.cells)]
    for cell in table.cells:
        within = [word for word in left if _holds(cell, word.box)]
        left = [word for word in left if word not in within]
        yield from in_rows(within)
    yield from in_rows(left)


def _cut(word: Word, cells: Sequence[Box]) -> list[Word]:
    """The line cut where it runs from one cell into the next; whole where its characters were not placed."""
    if len(word.chars) != len(word.text):
        return [word]
    level = word.box[1] + word.box[3] / 2
    row = [cell for cell in cells if cell[1] <= level <= cell[1] + cell[3]]
    homes = [_home((left + right) / 2, row) for left, right in word.chars]
    pieces = []
    for _, run in groupby(range(len(homes)), key=homes.__getitem__):
        places = [place for place in run if not word.text[place].isspace()]
        if places:
            pieces.append(word.cut(places[0], places[-1] + 1))
    return pieces


def _home(across: float, row: Sequence[Box]) -> int:
    """Which cell of the row a character stands in, or the nearest where it stands on a rule."""
    if not row:
        return 0
    distances = [max(cell[0] - across, across - cell[0] - cell[2], 0.0) for cell in row]
    return distances.index(min(distances))


def _parts(run: Sequence[Word], standins: dict[Word, Table], regions: Sequence[Region]) -> Iterator[list[Word]]:
    part: list[Word] = []
    for word in run:
        if part and not _together(part[-1], word, standins, regions):
            yield part
            part = []
        part.append(word)
    yield part


def _together(above: Word, below: Word, standins: dict[Word, Table], regions: Sequence[Region]) -> bool:
    if above in standins or below in standins:
        return False
    if _region(above, regions) is not _region(below, regions):
        return False
    usual = max(above.box[3], below.box[3])
    gap = below.box[1] - (above.box[1] + above.box[3])
    alike = min(above.box[3], below.box[3]) * LARGER >= usual
    return gap <= PARAGRAPH_GAP * usual and alike and _is_page_number(above) == _is_page_number(below)


def _region(word: Word, regions: Sequence[Region]) -> Region | None:
    return next((region for region in regions if _holds(region.box, word.box)), None)


def _holds(outer: Box, inner: Box) -> bool:
    across, down = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    return outer[0] <= across <= outer[0] + outer[2] and outer[1] <= down <= outer[1] + outer[3]


def _bears(box: Box, words: Sequence[Word]) -> bool:
    return any(_holds(box, word.box) for word in words)


def _kind(part: Sequence[Word], regions: Sequence[Region], usual: float) -> BlockKind:
    if all(_is_page_number(word) for word in part):
        return "footer" if part[0].box[1] > 1 / 2 else "header"
    left, top, width, height = surrounding([word.box for word in part])
    region = _region(part[0], regions)
    if region is not None and region.kind in NAMED and _may_be(region.kind, top, height):
        return region.kind
    centred = abs(left + width / 2 - 1 / 2) <= CENTRED
    tall = median(word.box[3] for word in part) >= LARGER * usual
    return "title" if centred and tall and MARGIN / 2 < top < 1 / 2 else "text"


def _may_be(kind: BlockKind, top: float, height: float) -> bool:
    """The model takes a signature at the head of a page for a running title; those stand in the margin."""
    if kind == "header":
        return top + height < MARGIN
    return kind != "footer" or top > 1 - MARGIN


def _is_page_number(word: Word) -> bool:
    top = word.box[1]
    return (top < MARGIN or top + word.box[3] > 1 - MARGIN) and PAGE_NUMBER.match(word.text) is not None
