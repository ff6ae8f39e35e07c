"""Specks of worn glass, copies of copies and bad paper: taken off where there are so many that they hide writing."""

import cv2
import numpy as np
from PIL import Image

from bianzhi.recognition.preparing.pixels import Pixels, as_image, colours

DARK = 170
"""Lightness on whitened paper under which a pixel is ink."""

SPECK = 0.016
"""Inches across: a full stop of the smallest print is larger."""

MANY = 3.0
"""Specks a square inch; a clean page has next to none."""


def without_specks(image: Image.Image) -> Image.Image:
    """The whitened image with lone specks made white, where there are many; else the image itself."""
    pixels = colours(image)
    dpi = float(image.info.get("dpi", (200, 200))[0])
    specks = _specks(np.asarray(image.convert("L")), (dpi * SPECK) ** 2)
    count = cv2.connectedComponents(specks, connectivity=8)[0] - 1
    if count < MANY * image.width * image.height / dpi**2:
        return image
    cleaned = pixels.copy()
    cleaned[specks.astype(bool)] = 255
    return as_image(cleaned, image)


def _specks(grey: Pixels, largest: float) -> Pixels:
    """Where ink stands alone in spots of no more than `largest` pixels."""
    ink = (grey < DARK).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] <= largest
    small[0] = False
    return np.asarray(small[labels], np.uint8)
