"""Which way up a page lies: a classifier of four, asked about three parts of the page."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bianzhi.recognition.preparing.pixels import Pixels, colours
from bianzhi.recognition.weights import session

SHORT_SIDE = 256
CROP = 224
MEAN = np.array((0.485, 0.456, 0.406), np.float32)
SPREAD = np.array((0.229, 0.224, 0.225), np.float32)

SURE = 0.7
"""Mean probability over the three parts."""


def turn_needed(image: Image.Image) -> int | None:
    """By how many degrees clockwise (0, 90, 180, 270) the page has to be turned to stand upright.

    None where the classifier is not sure: with little on the page, reading it all four ways tells better.
    """
    model = session("orientation")
    labels = model.get_modelmeta().custom_metadata_map["character"].split()
    (chances,) = model.run(None, {model.get_inputs()[0].name: _crops(colours(image))})
    mean = np.mean(chances, axis=0)
    surest = int(np.argmax(mean))
    return (360 - int(labels[surest])) % 360 if mean[surest] >= SURE else None


def turned(image: Image.Image, degrees: int) -> Image.Image:
    """The image turned clockwise by a multiple of 90 degrees."""
    turns = {
        90: Image.Transpose.ROTATE_270,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_90,
    }
    if degrees % 360 == 0:
        return image
    made = image.transpose(turns[degrees % 360])
    made.info.update(image.info)
    return made


def _crops(pixels: Pixels) -> NDArray[np.float32]:
    """Both ends and the middle of the page, as the model was trained to see them."""
    height, width = pixels.shape[:2]
    factor = SHORT_SIDE / min(height, width)
    small = cv2.resize(pixels, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    made = []
    for share in (0.15, 0.5, 0.85):
        top, left = round((height - CROP) * share), round((width - CROP) * share)
        crop = small[top : top + CROP, left : left + CROP].astype(np.float32) / 255
        made.append(((crop - MEAN) / SPREAD).transpose(2, 0, 1))
    return np.stack(made).astype(np.float32)
