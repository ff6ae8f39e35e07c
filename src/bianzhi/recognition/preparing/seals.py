"""Red seals: found by their ring, and taken off so that what they were set upon can be read.

Only seals are taken off. The red of a letterhead or a red rule is writing and stays.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bianzhi.recognition.document import Box
from bianzhi.recognition.preparing.pixels import Pixels, as_image, colours

WORKING_WIDTH = 800
RED_HUES = (14, 160)
"""Hue of OpenCV (0–179): red is below the one or above the other."""

VIVID = 45
SIZES = (0.09, 0.38)
"""A seal's width as a share of the page's: from a small round seal to one on half a page."""

FLATTEST = 0.55
"""Height to width, or width to height, of an oval seal."""

SECTORS = 36
RING = 0.8
"""A pixel farther out than this share of the seal's radius belongs to its ring."""

CLOSED = 0.6
"""Share of the directions in which the ring must be met; writing and a worn page interrupt it."""

LIGHTEST = 20
"""Per cent of the seal's ink that may stay visible: it is darker where it crosses writing."""

MARGIN = 0.015
"""Share of the page's width around a seal that is cleaned with it."""


def find_seals(image: Image.Image) -> list[Box]:
    """Where on the page red seals stand, from the top."""
    height = max(round(image.height * WORKING_WIDTH / image.width), 1)
    small = colours(image.resize((WORKING_WIDTH, height), Image.Resampling.BOX))
    red = _red(small)
    whole = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    found: list[Box] = []
    for label in range(1, count):
        left, top, wide, high = (int(stats[label][index]) for index in range(4))
        inside = (slice(top, top + high), slice(left, left + wide))
        if _sized(wide, high) and _is_ring(red[inside] * (labels[inside] == label)):
            found.append((left / WORKING_WIDTH, top / height, wide / WORKING_WIDTH, high / height))
    return sorted(found, key=lambda box: (box[1], box[0]))


def without_seals(image: Image.Image, seals: list[Box]) -> Image.Image:
    """The image with the red of the seals gone; black under red is dark in the red channel too and stays."""
    if not seals:
        return image
    pixels = colours(image).copy()
    for seal in seals:
        part = _part(pixels, seal)
        ink = _red(part)
        if ink.any():
            blurred = cv2.dilate(ink, np.ones((5, 5), np.uint8)).astype(bool)
            part[blurred] = _seen_in_red(part[..., 0], ink.astype(bool))[blurred][:, None]
    return as_image(pixels, image)


def _part(pixels: Pixels, seal: Box) -> Pixels:
    height, width = pixels.shape[:2]
    rim = round(MARGIN * width)
    left, top = max(round(seal[0] * width) - rim, 0), max(round(seal[1] * height) - rim, 0)
    right, bottom = round((seal[0] + seal[2]) * width) + rim, round((seal[1] + seal[3]) * height) + rim
    return pixels[top:bottom, left:right]


def _seen_in_red(channel: Pixels, ink: NDArray[np.bool_]) -> Pixels:
    """The red channel stretched so that all but the darkest of the seal's own ink becomes as light as paper."""
    light = float(np.percentile(channel[ink], LIGHTEST))
    return np.asarray(np.clip(channel * (255 / max(light, 1)), 0, 255), np.uint8)


def _red(pixels: Pixels) -> Pixels:
    hue, vividness, lightness = (channel for channel in cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)))
    is_red = ((hue <= RED_HUES[0]) | (hue >= RED_HUES[1])) & (vividness >= VIVID) & (lightness >= VIVID)
    return np.asarray(is_red, np.uint8)


def _sized(width: int, height: int) -> bool:
    shorter, longer = sorted((width, height))
    return SIZES[0] <= longer / WORKING_WIDTH <= SIZES[1] and shorter >= FLATTEST * longer


def _is_ring(red: Pixels) -> bool:
    height, width = red.shape
    down, across = np.nonzero(red)
    x, y = (across - width / 2) / (width / 2), (down - height / 2) / (height / 2)
    outer = np.hypot(x, y) > RING
    sectors = ((np.arctan2(y[outer], x[outer]) + np.pi) / (2 * np.pi) * SECTORS).astype(int)
    return len(set(sectors.tolist())) >= CLOSED * SECTORS
