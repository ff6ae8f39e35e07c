"""The paper behind the writing: yellowed, shadowed or showing through, it is made white; and whether any writing is."""

import cv2
import numpy as np
from PIL import Image

from bianzhi.recognition.preparing.pixels import Pixels, as_image, colours, grey_at

STEP = 8
"""The paper is looked at in a picture this many times smaller."""

STROKE = 0.3
"""Inches: wider than any stroke, narrower than a shadow."""

WHITE = 238
"""Where the darkest of the paper is lighter than that on every channel there is nothing to clean."""

BLANK_INK = 0.00008
"""Share of a sheet that is ink; a page number alone has more, dust on the glass less."""

FAINT = 0.82
"""Share of the paper's lightness under which a spot is ink."""


def whitened(image: Image.Image) -> Image.Image:
    """The image divided by its paper: as though written on even white."""
    pixels = colours(image)
    paper = _paper(pixels, round(image.info.get("dpi", (200, 200))[0]))
    if paper.min() >= WHITE:
        return image
    height, width = pixels.shape[:2]
    even = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return as_image(cv2.divide(pixels, even, scale=255).astype(np.uint8), image)


def _paper(pixels: Pixels, dpi: int) -> Pixels:
    height, width = pixels.shape[:2]
    small = cv2.resize(pixels, (max(width // STEP, 1), max(height // STEP, 1)), interpolation=cv2.INTER_AREA)
    reach = max(round(dpi * STROKE / STEP), 3) | 1
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    return np.maximum(cv2.medianBlur(closed, reach), 1).astype(np.uint8)


def is_blank(image: Image.Image) -> bool:
    """Whether nothing is written on the sheet, its rim not counted."""
    return ink_share(image) < BLANK_INK


def ink_share(image: Image.Image) -> float:
    """Share of the sheet covered by ink, single specks and the rim not counted."""
    grey = grey_at(image, 1000)
    rim = 30
    inner = cv2.medianBlur(grey[rim:-rim, rim:-rim], 3)
    paper = cv2.medianBlur(cv2.morphologyEx(inner, cv2.MORPH_CLOSE, np.ones((31, 31), np.uint8)), 31)
    return float((inner < paper * FAINT).mean())
