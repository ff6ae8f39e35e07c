"""From a planned page to its picture and to the exact text that stands on it."""

from collections.abc import Sequence
from itertools import groupby
from random import Random

from PIL import Image, ImageDraw

from bianzhi.recognition.document import Block, PageText, Span, Word, surrounding
from bianzhi.recognition.sheets.fonts import font
from bianzhi.recognition.sheets.plan import HEIGHT, WIDTH, Mark, Plan, Rule, Stamp
from bianzhi.recognition.sheets.seal import RED, stamped

INK = 18
ABOVE, BELOW = 0.88, 0.12
"""How far a line of text reaches over and under its baseline, in shares of its size."""


def drawn(plan: Plan, number: int, dpi: int, *, typed: Random | None = None) -> tuple[Image.Image, PageText]:
    """One page in red and black, or grey where nothing on it is red, and its text.

    `typed` makes it the work of an old typewriter: each character a little out of its place and unevenly black.
    """
    scale = dpi / 25.4
    size = (round(WIDTH * scale), round(HEIGHT * scale))
    has_red = bool(plan.stamps) or any(mark.red for mark in plan.marks) or any(rule.red for rule in plan.rules)
    page = Image.new("RGB", size, (255, 255, 255)) if has_red else Image.new("L", size, 255)
    pen = ImageDraw.Draw(page)
    for rule in plan.rules:
        _rule(pen, rule, scale, in_colour=has_red)
    words = [_write(pen, mark, scale, size, typed, in_colour=has_red) for mark in plan.marks]
    for stamp in plan.stamps:
        stamped(page, round(stamp.x * scale), round(stamp.y * scale), stamp.name, round(stamp.radius * scale))
    blocks = (*_blocks(plan.marks, words), *_seals(plan.stamps))
    text = PageText(
        number=number, width=size[0], height=size[1], dpi=dpi, rotation=0, skew=0.0, is_blank=not plan.marks,
        origin="layer", blocks=blocks,
    )  # fmt: skip
    return page, text


def _rule(pen: ImageDraw.ImageDraw, rule: Rule, scale: float, *, in_colour: bool) -> None:
    ends = (rule.left * scale, rule.top * scale, rule.right * scale, rule.bottom * scale)
    pen.line(ends, fill=_colour(rule.red, in_colour), width=max(1, round(rule.thickness * scale)))


def _colour(red: bool, in_colour: bool, ink: int = INK) -> tuple[int, int, int] | int:
    if not in_colour:
        return ink
    return RED if red else (ink, ink, ink)


def _write(
    pen: ImageDraw.ImageDraw, mark: Mark, scale: float, size: tuple[int, int], typed: Random | None, *, in_colour: bool
) -> Word:
    face = font(mark.style, max(6, round(mark.em * scale)))
    x, baseline = mark.left * scale, mark.baseline * scale
    chars: list[Span] = []
    for character in mark.text:
        advance = face.getlength(character)
        chars.append((x / size[0], (x + advance) / size[0]))
        if typed is not None or mark.spacing:
            dx, dy, ink = (
                (typed.uniform(-1.2, 1.2), typed.uniform(-1.8, 1.8), typed.randint(20, 96)) if typed else (0, 0, INK)
            )
            pen.text((x + dx, baseline + dy), character, font=face, fill=_colour(mark.red, in_colour, ink), anchor="ls")
        x += advance + mark.spacing * scale
    if typed is None and not mark.spacing:
        pen.text((mark.left * scale, baseline), mark.text, font=face, fill=_colour(mark.red, in_colour), anchor="ls")
    top, height = baseline - ABOVE * face.size, (ABOVE + BELOW) * face.size
    box = (chars[0][0], top / size[1], chars[-1][1] - chars[0][0], height / size[1])
    return Word(mark.text, box, 1.0, tuple(chars))


def _blocks(marks: Sequence[Mark], words: Sequence[Word]) -> list[Block]:
    blocks = []
    for _, group in groupby(zip(marks, words, strict=True), key=lambda pair: pair[0].block):
        pairs = list(group)
        lines = tuple(word for _, word in pairs)
        blocks.append(Block(pairs[0][0].kind, surrounding([word.box for word in lines]), lines))
    return blocks


def _seals(stamps: Sequence[Stamp]) -> list[Block]:
    return [
        Block(
            "seal",
            ((stamp.x - stamp.radius) / WIDTH, (stamp.y - stamp.radius) / HEIGHT,
             2 * stamp.radius / WIDTH, 2 * stamp.radius / HEIGHT),
        )
        for stamp in stamps
    ]  # fmt: skip
