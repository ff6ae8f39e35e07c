"""What was read off a page: lines of text with their places, gathered in blocks, in reading order.

A box is (left, top, width, height) in fractions of the upright page, 0 to 1, so that it holds for every rendition of
the page whatever its size. "Upright" means after the turn and the deskewing that :class:`PageText` names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self, get_args

Box = tuple[float, float, float, float]
Span = tuple[float, float]

BlockKind = Literal["title", "text", "table", "seal", "header", "footer", "figure"]
Origin = Literal["layer", "ocr"]

BLOCK_KINDS: tuple[BlockKind, ...] = get_args(BlockKind)


def surrounding(boxes: Sequence[Box]) -> Box:
    """The smallest box holding all of `boxes`; an empty box where there are none."""
    if not boxes:
        return (0.0, 0.0, 0.0, 0.0)
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return (left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Word:
    """One line of text as OCR or the text layer gives it.

    `confidence` runs from 0 to 1 and is 1 for text that was never an image. `chars` holds each character's left and
    right edge in fractions of the page's width where the reader told them, else it is empty.
    """

    text: str
    box: Box
    confidence: float = 1.0
    chars: tuple[Span, ...] = ()

    def part(self, start: int, end: int) -> Box:
        """Where characters `start` up to `end` stand; shared out evenly where single characters were not placed."""
        left, top, width, height = self.box
        if len(self.chars) == len(self.text) and start < end:
            first, last = self.chars[start][0], self.chars[end - 1][1]
            return (first, top, max(last - first, 0.0), height)
        share = width / max(len(self.text), 1)
        return (left + share * start, top, share * (end - start), height)

    def cut(self, start: int, end: int) -> "Word":
        """Characters `start` up to `end` as a line of their own, without the spaces at its ends."""
        piece = self.text[start:end]
        start, end = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        return Word(self.text[start:end], self.part(start, end), self.confidence, self.chars[start:end])


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: a paragraph, a heading, a table, what stands in a seal."""

    kind: BlockKind
    box: Box
    words: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """The lines of the block, one under the other."""
        return "\n".join(word.text for word in self.words)


@dataclass(frozen=True)
class PageText:
    """One page as it was read, its blocks in reading order.

    `number` counts from 1. `width` and `height` are pixels of the upright page at `dpi`. `rotation` (0, 90, 180, 270
    degrees clockwise) and then `skew` (degrees clockwise, small) are what the original had to be turned by.
    """

    number: int
    width: int
    height: int
    dpi: int
    rotation: int
    skew: float
    is_blank: bool
    origin: Origin
    blocks: tuple[Block, ...] = ()

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All lines of the page in reading order."""
        return tuple(word for block in self.blocks for word in block.words)

    @cached_property
    def text(self) -> str:
        """The page's text in reading order, lines joined by a line feed."""
        return "\n".join(word.text for word in self.words)

    @property
    def confidence(self) -> float | None:
        """Mean confidence weighted by characters; None where nothing stands on the page."""
        weight = sum(len(word.text) for word in self.words)
        return sum(word.confidence * len(word.text) for word in self.words) / weight if weight else None

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON; fractions are rounded to a hundred-thousandth of the page."""
        return {
            "number": self.number,
            "width": self.width,
            "height": self.height,
            "dpi": self.dpi,
            "rotation": self.rotation,
            "skew": round(self.skew, 3),
            "is_blank": self.is_blank,
            "origin": self.origin,
            "text": self.text,
            "blocks": [_block_data(block) for block in self.blocks],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The page :meth:`as_data` wrote. Raises KeyError or ValueError where the data are none of ours."""
        return cls(
            number=int(data["number"]),
            width=int(data["width"]),
            height=int(data["height"]),
            dpi=int(data["dpi"]),
            rotation=int(data["rotation"]),
            skew=float(data["skew"]),
            is_blank=bool(data["is_blank"]),
            origin=data["origin"],
            blocks=tuple(_block_of(block) for block in data["blocks"]),
        )


def _rounded(numbers: Sequence[float]) -> list[float]:
    return [round(number, 5) for number in numbers]


def _block_data(block: Block) -> dict[str, Any]:
    return {"kind": block.kind, "box": _rounded(block.box), "words": [_word_data(word) for word in block.words]}


def _word_data(word: Word) -> dict[str, Any]:
    data: dict[str, Any] = {
        "text": word.text,
        "box": _rounded(word.box),
        "confidence": round(word.confidence, 4),
    }
    if word.chars:
        data["chars"] = [_rounded(span) for span in word.chars]
    return data


def _block_of(data: Mapping[str, Any]) -> Block:
    if data["kind"] not in BLOCK_KINDS:
        raise ValueError(f"no kind of block: {data['kind']}")
    return Block(data["kind"], _box(data["box"]), tuple(_word_of(word) for word in data["words"]))


def _word_of(data: Mapping[str, Any]) -> Word:
    chars = tuple((float(left), float(right)) for left, right in data.get("chars", ()))
    return Word(data["text"], _box(data["box"]), float(data["confidence"]), chars)


def _box(numbers: Sequence[float]) -> Box:
    left, top, width, height = numbers
    return (float(left), float(top), float(width), float(height))
