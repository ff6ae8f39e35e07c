"""Round seals in red: the bearer's name along the rim, a star in the middle."""

import math
from functools import lru_cache
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from bianzhi.recognition.sheets.fonts import Style, font

RED: Final = (214, 32, 38)
SHARPER: Final = 2
STAR_POINTS: Final = 5


def stamped(page: Image.Image, x: int, y: int, name: str, radius: int) -> None:
    """Press the seal of `name` on a page with its middle at (x, y); what is black beneath stays black."""
    seal = _seal(name, radius)
    corner = (x - radius, y - radius)
    beneath = page.crop((*corner, corner[0] + seal.width, corner[1] + seal.height))
    page.paste(ImageChops.darker(beneath, seal), corner)


@lru_cache(maxsize=32)
def _seal(name: str, radius: int) -> Image.Image:
    big = radius * SHARPER
    mask = Image.new("L", (2 * big, 2 * big))
    pen = ImageDraw.Draw(mask)
    rim = max(2, big // 22)
    pen.ellipse((rim, rim, 2 * big - rim, 2 * big - rim), outline=255, width=rim)
    pen.polygon(_star(big, big * 0.26), fill=255)
    _around(mask, name, big)
    small = mask.resize((2 * radius, 2 * radius), Image.Resampling.LANCZOS)
    paper = Image.new("RGB", small.size, (255, 255, 255))
    paper.paste(RED, mask=small.point(lambda value: int(value * 0.86)))
    return paper


def _star(middle: int, size: float) -> list[tuple[float, float]]:
    corners = []
    for number in range(2 * STAR_POINTS):
        reach = size if number % 2 == 0 else size * 0.382
        angle = math.pi * number / STAR_POINTS - math.pi / 2
        corners.append((middle + reach * math.cos(angle), middle + reach * math.sin(angle)))
    return corners


def _around(mask: Image.Image, name: str, big: int) -> None:
    """The name's characters along the rim, from the lower left over the top to the lower right."""
    spread = min(math.radians(270), math.radians(24) * len(name))
    step = spread / max(len(name) - 1, 1)
    size = int(min(big * 0.27, step * big * 0.74)) or 1
    for number, character in enumerate(name):
        angle = -spread / 2 + step * number
        glyph = Image.new("L", (size * 2, size * 2))
        ImageDraw.Draw(glyph).text((size, size), character, font=font(Style.BODY, size), fill=255, anchor="mm")
        turned = glyph.rotate(-math.degrees(angle), Image.Resampling.BICUBIC)
        x = big + big * 0.74 * math.sin(angle)
        y = big - big * 0.74 * math.cos(angle)
        mask.paste(255, (int(x) - size, int(y) - size), turned)
