"""Watermarks: the reader's name and the time, drawn into the picture on the server, not laid over it in the browser."""

import io
import math
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

OPACITY: Final = 52
"""Of 255: seen on white and on grey, and the text below stays readable."""
COLOUR: Final = (40, 60, 100)
ANGLE: Final = 24
QUALITY: Final = 82
_FOLDERS: Final = (
    "/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
_NAMES: Final = (
    "NotoSansCJK*", "SourceHanSans*", "NotoSansSC*", "msyh*", "wqy-microhei*", "wqy-zenhei*", "simhei*", "PingFang*",
    "uming*", "simsun*", "Fandol*",
)  # fmt: skip


def stamped(picture: Image.Image, words: str) -> Image.Image:
    """The picture with the words across it again and again."""
    marked = picture.convert("RGB")
    marked.paste(COLOUR, (0, 0), _mask(marked.size, words))
    return marked


def as_jpeg(picture: Image.Image) -> bytes:
    """The picture as it is sent."""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def mark_of(size: tuple[int, int], words: str) -> Image.Image:
    """The words alone, again and again, as the mask of a picture of that size."""
    return _mask(size, words)


@lru_cache(maxsize=16)
def _mask(size: tuple[int, int], words: str) -> Image.Image:
    width, height = size
    letter = max(9, min(width, height) // 34)
    font = _font(letter)
    left, top, right, bottom = (math.ceil(edge) for edge in font.getbbox(words))
    reach = math.ceil(math.hypot(width, height))
    plain = Image.new("L", (reach, reach), 0)
    pen = ImageDraw.Draw(plain)
    step, line = right - left + 3 * letter, (bottom - top) * 7
    for row, y in enumerate(range(0, reach, max(line, 1))):
        for x in range(-(row % 2) * step // 2, reach, max(step, 1)):
            pen.text((x, y), words, font=font, fill=OPACITY)
    turned = plain.rotate(ANGLE, resample=Image.Resampling.BILINEAR)
    corner = ((reach - width) // 2, (reach - height) // 2)
    return turned.crop((*corner, corner[0] + width, corner[1] + height))


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = chinese_font()
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)


@lru_cache(maxsize=1)
def chinese_font() -> Path | None:
    """A font with Chinese characters: the house's own folder first, then the system's; None where there is none."""
    for folder in (Path(settings.HOME) / "fonts", *map(Path, _FOLDERS)):
        if not folder.is_dir():
            continue
        for name in _NAMES:
            found = sorted(path for path in folder.rglob(name) if path.suffix.lower() in (".ttf", ".otf", ".ttc"))
            if found:
                return found[-1]
    return None
