"""Tables with rules, found by their rules: the frame, and the cells the rules leave."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bianzhi.recognition.document import Box

Pixels = NDArray[np.uint8]

WORKING_WIDTH = 1000
"""Pixels: enough to see a rule, and quick."""

SHORTEST_RULE = 0.03
"""Share of the page's width; the strokes of characters are shorter."""

FEWEST_CELLS = 4
"""A box with fewer compartments is a frame around text."""

SMALLEST_TABLE = 0.004
"""Share of the page's area."""

SMALLEST_CELL = 12
"""Pixels on either side at the working width."""

WHOLE_FRAME = 0.9
"""Share of the frame's area; a compartment larger than that is no cell."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's frame and its cells, row by row; a cell over several rows stands where it begins."""

    box: Box
    cells: tuple[Box, ...]

    def holds(self, box: Box) -> bool:
        """Whether the middle of `box` lies within the frame."""
        left, top, width, height = self.box
        across, down = box[0] + box[2] / 2, box[1] + box[3] / 2
        return left <= across <= left + width and top <= down <= top + height


def ruled_tables(image: Image.Image) -> list[Table]:
    """The tables of an upright page, from the top."""
    factor = WORKING_WIDTH / image.width
    size = (WORKING_WIDTH, max(round(image.height * factor), 1))
    grey = np.asarray(image.convert("L").resize(size, Image.Resampling.BOX))
    rules = _rules(grey)
    count, _, stats, _ = cv2.connectedComponentsWithStats(rules, connectivity=8)
    found = [_table(rules, stats[label]) for label in range(1, count)]
    return sorted((table for table in found if table is not None), key=lambda table: table.box[1])


def _rules(grey: Pixels) -> Pixels:
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 12)
    length = round(WORKING_WIDTH * SHORTEST_RULE)
    level = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    both = cv2.bitwise_or(level, upright)
    return cv2.morphologyEx(both, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)).astype(np.uint8)


def _table(rules: Pixels, stat: NDArray[np.int32]) -> Table | None:
    left, top, width, height = (int(stat[index]) for index in range(4))
    page_height, page_width = rules.shape
    if width * height < SMALLEST_TABLE * page_width * page_height:
        return None
    cells = _cells(rules[top : top + height, left : left + width])
    if len(cells) < FEWEST_CELLS:
        return None
    return Table(
        (left / page_width, top / page_height, width / page_width, height / page_height),
        tuple(
            ((left + x) / page_width, (top + y) / page_height, wide / page_width, high / page_height)
            for x, y, wide, high in cells
        ),
    )


def _cells(rules: Pixels) -> list[tuple[int, int, int, int]]:
    """What the rules leave, row by row: the white parts within the frame."""
    height, width = rules.shape
    count, _, stats, _ = cv2.connectedComponentsWithStats(255 - rules, connectivity=4)
    boxes = [(int(stat[0]), int(stat[1]), int(stat[2]), int(stat[3])) for stat in stats[1:count]]
    cells = sorted((box for box in boxes if _is_cell(box, width, height)), key=lambda box: box[1])
    return [box for row in _rows(cells) for box in sorted(row)]


def _is_cell(box: tuple[int, int, int, int], width: int, height: int) -> bool:
    """Whether it is closed on all sides, large enough for a character and not the whole frame."""
    left, top, wide, high = box
    if min(wide, high) < SMALLEST_CELL or wide * high > WHOLE_FRAME * width * height:
        return False
    return left > 0 and top > 0 and left + wide < width and top + high < height


def _rows(cells: list[tuple[int, int, int, int]]) -> list[list[tuple[int, int, int, int]]]:
    rows: list[list[tuple[int, int, int, int]]] = []
    for cell in cells:
        if rows and cell[1] - rows[-1][0][1] < SMALLEST_CELL:
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return rows
