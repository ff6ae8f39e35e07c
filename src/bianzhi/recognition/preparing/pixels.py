"""Between Pillow's images and arrays of pixels."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def grey_at(image: Image.Image, width: int) -> Pixels:
    """The image in grey, scaled to `width` pixels."""
    height = max(round(image.height * width / image.width), 1)
    return np.asarray(image.convert("L").resize((width, height), Image.Resampling.BOX))


def colours(image: Image.Image) -> Pixels:
    """Red, green and blue of every pixel."""
    return np.asarray(image.convert("RGB"))


def as_image(pixels: Pixels, like: Image.Image) -> Image.Image:
    """The pixels as an image at the resolution of `like`."""
    image = Image.fromarray(pixels)
    if "dpi" in like.info:
        image.info["dpi"] = like.info["dpi"]
    return image
