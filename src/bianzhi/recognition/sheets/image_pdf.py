"""A PDF of page pictures, as a scanner's software writes it; the same bytes for the same pages."""

import io
import time
from collections.abc import Sequence
from typing import Final

from PIL import Image

QUALITY: Final = 60
MADE: Final = time.gmtime(0)
"""No moment of making is written that would differ from run to run."""


def image_pdf(pages: Sequence[Image.Image], dpi: int) -> bytes:
    """One picture to a page, in its own size."""
    first, *rest = pages
    made = io.BytesIO()
    first.save(
        made, "PDF", save_all=True, append_images=rest, resolution=dpi, quality=QUALITY, creationDate=MADE,
        modDate=MADE,
    )  # fmt: skip
    return made.getvalue()
