"""How far a page was laid askew: the turn at which its rows of ink are sharpest."""

import cv2
import numpy as np
from PIL import Image

from bianzhi.recognition.preparing.pixels import Pixels, grey_at

WORKING_WIDTH = 800
FARTHEST = 8.0
"""Degrees either way; sheets are laid worse than that by nobody who looks."""

COARSE, FINE = 0.5, 0.05
"""Degrees between the turns tried."""

WORTH_TURNING = 0.2
"""Degrees; below that a line of 28 characters rises by less than a sixth of its height."""

CLEARER = 1.05
"""How much sharper the rows must become; a page of pictures has no rows to go by."""


def turn_to_straight(image: Image.Image) -> float:
    """By how many degrees clockwise an upright page has to be turned for its lines to be level; 0 if near enough."""
    ink = _ink(image)
    if not ink.any():
        return 0.0
    level = _sharpness(ink, 0.0)
    rough = _best(ink, np.arange(-FARTHEST, FARTHEST + COARSE, COARSE))
    best = _best(ink, np.arange(rough - COARSE, rough + COARSE + FINE, FINE))
    if abs(best) < WORTH_TURNING or _sharpness(ink, best) < CLEARER * level:
        return 0.0
    return round(best, 2)


def straightened(image: Image.Image, degrees: float) -> Image.Image:
    """The image turned clockwise by a few degrees about its middle; its size stays, what comes in is white."""
    if not degrees:
        return image
    paper = 255 if image.mode == "L" else (255, 255, 255)
    made = image.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=paper)
    made.info.update(image.info)
    return made


def _ink(image: Image.Image) -> Pixels:
    grey = grey_at(image, WORKING_WIDTH)
    ink = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15).astype(np.uint8)
    rim = WORKING_WIDTH // 50  # shadows of the sheet's edge are level with the scanner, not with the text
    ink[:rim], ink[-rim:], ink[:, :rim], ink[:, -rim:] = 0, 0, 0, 0
    return ink


def _best(ink: Pixels, turns: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(max(turns, key=lambda turn: (_sharpness(ink, float(turn)), -abs(turn))))


def _sharpness(ink: Pixels, degrees: float) -> float:
    """How steeply the ink changes from row to row."""
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    rows = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_NEAREST).sum(axis=1, dtype=np.int64)
    return float((np.diff(rows) ** 2).sum())
