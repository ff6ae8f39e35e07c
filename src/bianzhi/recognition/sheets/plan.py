"""Where everything stands on a page, in millimetres: what the layout decides and the drawing follows."""

from dataclasses import dataclass, field
from typing import Final

from bianzhi.recognition.document import BlockKind
from bianzhi.recognition.sheets.fonts import Style, width_of

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
LEFT: Final = 28.0
TOP: Final = 37.0
TEXT_WIDTH: Final = 156.0
TEXT_HEIGHT: Final = 225.0
RIGHT: Final = LEFT + TEXT_WIDTH
BOTTOM: Final = TOP + TEXT_HEIGHT
LINES: Final = 22
CHARACTERS: Final = 28
PITCH: Final = TEXT_HEIGHT / LINES
"""From one line to the next."""
EM: Final = TEXT_WIDTH / CHARACTERS
"""Body type (3号), as wide as 28 of them fill a line."""
POINT: Final = 25.4 / 72
TITLE_EM: Final = 22 * POINT
SMALL_EM: Final = 14 * POINT


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of text: `baseline` below the page's top, `left` its first character's left edge."""

    text: str
    left: float
    baseline: float
    em: float
    style: Style
    kind: BlockKind
    block: int
    red: bool = False
    spacing: float = 0.0
    """Added between characters."""

    @property
    def width(self) -> float:
        """From the first character's left edge to the last one's right edge."""
        return measured(self.text, self.style) * self.em + self.spacing * max(len(self.text) - 1, 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line."""

    left: float
    top: float
    right: float
    bottom: float
    thickness: float
    red: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """A round seal with the name of its bearer."""

    x: float
    y: float
    name: str
    radius: float = 21.0


@dataclass(slots=True)
class Plan:
    """One page, marks in reading order."""

    marks: list[Mark] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)


def measured(text: str, style: Style) -> float:
    """The width of a text in shares of its size."""
    return sum(width_of(style, character) for character in text)
