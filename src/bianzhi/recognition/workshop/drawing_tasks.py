"""Pictures of pages and searchable PDF, made in the workshop's process."""

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bianzhi.recognition.document import PageText
from bianzhi.recognition.identify import Unacceptable, format_by_code
from bianzhi.recognition.preparing import upright
from bianzhi.recognition.rendering import NoPageImages, render_page
from bianzhi.recognition.searchable_pdf import write
from bianzhi.recognition.workshop.tasks import Request, Say, Task, format_in
from bianzhi.recognition.workshop.words import read_words

SMALLEST_DPI, LARGEST_DPI = 20, 600
A4_INCHES: Final = 8.27
QUALITY: Final = 82


def _image(request: Request, say: Say) -> int:
    """Draw a page upright at several widths, the widest first; returns how many images were written."""
    wanted = sorted(((int(width), Path(out)) for width, out in request["outs"]), reverse=True)
    try:
        drawn = render_page(
            Path(request["path"]), format_in(request), request["number"], _dpi_for(request, wanted[0][0])
        )
    except (NoPageImages, IndexError) as error:
        raise Unacceptable(f"没有第 {request['number']} 页的图像。") from error
    page = upright(drawn, request["rotation"], request["skew"])
    for width, out in wanted:
        if page.width > width:
            page = page.resize((width, max(round(page.height * width / page.width), 1)), Image.Resampling.LANCZOS)
        write_image(out, page)
    return len(wanted)


def _bind(request: Request, say: Say) -> int:
    """Write pages of several files as one PDF with searchable text; returns how many."""
    out = Path(request["out"])
    out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = out.with_suffix(f".{os.getpid()}.new")
    write((_bound(part) for part in request["parts"]), fresh)
    fresh.replace(out)
    return len(request["parts"])


def _bound(part: Mapping[str, Any]) -> tuple[Image.Image, PageText]:
    words = read_words(Path(part["words"]), part["number"])
    if words is None:
        raise Unacceptable(f"第 {part['number']} 页还没有识读文字。")
    drawn = render_page(Path(part["path"]), format_by_code(part["code"]), part["number"], words.dpi)
    return upright(drawn, words.rotation, words.skew), words


def write_image(out: Path, page: Image.Image) -> None:
    """Write a page image as WebP in one step."""
    out.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = out.with_suffix(f".{os.getpid()}.new")
    page.save(fresh, "WEBP", quality=QUALITY, method=2)
    fresh.replace(out)


def _dpi_for(request: Request, width: int) -> int:
    """The resolution at which the upright page is as wide as asked for."""
    page_width, page_dpi = int(request["page_width"]), int(request["page_dpi"])
    inches = page_width / page_dpi if page_width and page_dpi else A4_INCHES
    return min(max(math.ceil(width / inches), SMALLEST_DPI), LARGEST_DPI)


TASKS: Final[Mapping[str, Task]] = {"image": _image, "bind": _bind}
