"""The pen that goes down the page, from column to column and from page to page."""

from typing import Final

from bianzhi.recognition.sheets.plan import BOTTOM, LEFT, PITCH, TEXT_WIDTH, TOP, Plan

GUTTER: Final = 8.0
"""Between two columns."""
ON_LINE: Final = 0.78
"""Where the baseline stands within a line, from its top."""


class Flow:
    """Pages as they fill. `left` and `width` are those of the column the pen is in; `y` is the pen."""

    def __init__(self) -> None:
        self.pages: list[Plan] = [Plan()]
        self.y = TOP
        self.block = 0
        self._columns = 1
        self._column = 0
        self._column_top = TOP

    @property
    def page(self) -> Plan:
        """The page the pen is on."""
        return self.pages[-1]

    @property
    def width(self) -> float:
        """How wide a line may be."""
        return (TEXT_WIDTH - GUTTER * (self._columns - 1)) / self._columns

    @property
    def left(self) -> float:
        """Where a line begins."""
        return LEFT + self._column * (self.width + GUTTER)

    def split(self, columns: int) -> None:
        """Go on in so many columns from here."""
        self._columns, self._column, self._column_top = columns, 0, self.y

    def new_block(self) -> int:
        """The number of a further block."""
        self.block += 1
        return self.block

    def skip(self, lines: float) -> None:
        """Leave lines free."""
        self.y += lines * PITCH

    def advance(self, pitch: float) -> float:
        """Take a line of that height, on the next column or page where this one is full; returns its baseline."""
        if self.y + pitch > BOTTOM + 0.01:
            self.turn()
        self.y += pitch
        return self.y - pitch * (1 - ON_LINE)

    def keep(self, lines: int) -> None:
        """Stay on this page only if so many lines still fit."""
        if not self.has_room_for(lines):
            self.turn()

    def has_room_for(self, lines: int) -> bool:
        """Whether so many lines still fit here."""
        return self.y + lines * PITCH <= BOTTOM + 0.01

    def keep_above(self, y: float) -> None:
        """Stay on this page only if the pen is still above `y`."""
        if self.y > y:
            self._column = self._columns
            self.turn()

    def turn(self) -> None:
        """To the next column, or to a new page."""
        self._column += 1
        if self._column >= self._columns:
            self.pages.append(Plan())
            self._column, self._column_top = 0, TOP
        self.y = self._column_top
