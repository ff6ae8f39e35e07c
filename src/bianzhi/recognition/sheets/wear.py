"""What scanners, copiers, cameras and years do to a page."""

from enum import StrEnum
from functools import lru_cache
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

TILE: Final = 512
OLD_PAPER: Final = (238, 226, 196)
Pixels = NDArray[np.float32]


class Wear(StrEnum):
    """How a page came to us."""

    CLEAN = "clean"
    SCAN = "scan"
    PHOTOCOPY = "photocopy"
    PHOTO = "photo"
    SKEW = "skew"
    NOISE = "noise"
    OLD = "old"


def worn(page: Image.Image, wear: Wear, draw: Random) -> tuple[Image.Image, float]:
    """The page after its fate, and by how many degrees clockwise it must be turned to stand upright again."""
    if wear is Wear.CLEAN:
        return page, 0.0
    angle = round(draw.uniform(*_TURNS[wear]) * draw.choice((-1, 1)), 2)
    if angle:
        page = page.rotate(angle, Image.Resampling.BILINEAR, fillcolor="white")
    return _FATES[wear](page, draw), angle


def _scan(page: Image.Image, draw: Random) -> Image.Image:
    """A good scanner: paper not quite white, a little grain."""
    return _grained(page.point(lambda value: 14 + int(value * 0.93)), 3.0, draw)


def _photocopy(page: Image.Image, draw: Random) -> Image.Image:
    """A copy of a copy: no grey left, specks, thicker strokes."""
    grey = page.convert("L").filter(ImageFilter.GaussianBlur(0.9))
    hard = grey.point(lambda value: 0 if value < 150 else 255)
    return _specked(hard, 0.0006, draw).filter(ImageFilter.GaussianBlur(0.5))


def _photo(page: Image.Image, draw: Random) -> Image.Image:
    """A telephone's picture: light from one side, soft, tinted."""
    pixels = np.asarray(page.convert("RGB").filter(ImageFilter.GaussianBlur(1.0)), dtype=np.float32)
    height, width = pixels.shape[:2]
    across = np.linspace(draw.uniform(0.62, 0.75), 1.0, width, dtype=np.float32)[None, :, None]
    down = np.linspace(1.0, draw.uniform(0.75, 0.9), height, dtype=np.float32)[:, None, None]
    tint = np.asarray([0.98, 0.95, 0.88], dtype=np.float32)
    return _grained(_image(pixels * across * down * tint), 5.0, draw)


def _noise(page: Image.Image, draw: Random) -> Image.Image:
    """Salt and pepper, as from a dirty glass."""
    return _grained(_specked(page, 0.004, draw), 12.0, draw)


def _old(page: Image.Image, draw: Random) -> Image.Image:
    """Forty years in a box: yellow paper, pale ink, stains."""
    pixels = np.asarray(page.convert("RGB"), dtype=np.float32)
    paper = np.asarray(OLD_PAPER, dtype=np.float32)
    faded = paper - (255.0 - pixels) * 0.72
    height, width = pixels.shape[:2]
    for _ in range(4):
        x, y, reach = draw.randrange(width), draw.randrange(height), draw.randint(60, 260)
        box = slice(max(0, y - reach), min(height, y + reach)), slice(max(0, x - reach), min(width, x + reach))
        rows, columns = np.ogrid[box]
        near = np.clip(1 - ((rows - y) ** 2 + (columns - x) ** 2) / reach**2, 0, 1).astype(np.float32)
        faded[box] -= near[:, :, None] * np.asarray([18, 22, 34], dtype=np.float32)
    return _grained(_image(faded), 5.0, draw)


_TURNS: Final = {
    Wear.SCAN: (0.0, 0.3),
    Wear.PHOTOCOPY: (0.2, 0.8),
    Wear.PHOTO: (0.3, 1.2),
    Wear.SKEW: (1.0, 3.0),
    Wear.NOISE: (0.0, 0.5),
    Wear.OLD: (0.2, 0.9),
}
_FATES: Final = {
    Wear.SCAN: _scan,
    Wear.PHOTOCOPY: _photocopy,
    Wear.PHOTO: _photo,
    Wear.SKEW: _scan,
    Wear.NOISE: _noise,
    Wear.OLD: _old,
}


@lru_cache(maxsize=8)
def _grain(strength: float) -> NDArray[np.int16]:
    """A tile of grain, always the same."""
    return np.random.default_rng(9704).normal(0, strength, (TILE, TILE)).astype(np.int16)


def _grained(page: Image.Image, strength: float, draw: Random) -> Image.Image:
    pixels = np.asarray(page, dtype=np.int16)
    height, width = pixels.shape[:2]
    grain = np.roll(_grain(strength), (draw.randrange(TILE), draw.randrange(TILE)), (0, 1))
    sheet = np.tile(grain, (height // TILE + 1, width // TILE + 1))[:height, :width]
    mixed = pixels + (sheet if pixels.ndim == 2 else sheet[:, :, None])
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _specked(page: Image.Image, share: float, draw: Random) -> Image.Image:
    pixels = np.array(page)
    height, width = pixels.shape[:2]
    specks = np.random.default_rng(draw.randrange(2**32))
    count = int(height * width * share)
    for shade in (0, 255):
        rows, columns = specks.integers(0, height - 1, count), specks.integers(0, width - 1, count)
        for down, right in ((0, 0), (1, 0), (0, 1)):
            pixels[rows + down, columns + right] = shade
    return Image.fromarray(pixels)


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
