"""Pictures of pages: whole, small, in tiles and cut out. Every one is asked for by right, and stamped without it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.utils.timezone import localtime
from django.views.decorators.http import require_safe
from PIL import Image

from bianzhi.archives import derivatives, stamping
from bianzhi.archives.models import Page
from bianzhi.archives.selectors.rights import Rights, rights_of
from bianzhi.archives.services.openings import note_opening
from bianzhi.archives.web.contents import item_with_contents
from bianzhi.common.web.access import PageRequest, page
from bianzhi.kernel import clock
from bianzhi.recognition.document import Box

VIEW: Final = "archives.view"
WIDTHS: Final = {"s": 240, "m": 1400, "l": 2400}
LARGEST: Final = 3200
"""Pixels of the finest tiles."""
TILE: Final = 512
SMALLEST_LEVEL: Final = 400


def visible_page(request: PageRequest, pk: int, number: int) -> Page:
    """A page of an item the user may see and whose contents are kept; Http404 otherwise."""
    item = item_with_contents(request, pk)
    return get_object_or_404(Page.objects.select_related("item", "file__original"), item=item, number=number)


@page(VIEW)
@require_safe
def picture(request: PageRequest, pk: int, number: int, size: str) -> HttpResponse:
    """The whole page, `size` s, m or l. All but the small ones are written down as a reading."""
    if size not in WIDTHS:
        raise Http404("没有这种大小的图像。")
    shown = visible_page(request, pk, number)
    if size != "s":
        note_opening(actor=request.user, item=shown.item, kind="view", page=number)
    return _answer(request, shown, size, lambda: _open(shown, WIDTHS[size]))


@page(VIEW)
@require_safe
def tile(request: PageRequest, pk: int, number: int, level: int, column: int, row: int) -> HttpResponse:
    """One tile of a large sheet; `level` counts from the smallest (`levels_of`)."""
    shown = visible_page(request, pk, number)
    widths = levels_of(shown)
    if level >= len(widths):
        raise Http404("没有这一级图像。")
    note_opening(actor=request.user, item=shown.item, kind="view", page=number)
    return _answer(request, shown, f"t{level}-{column}-{row}", lambda: _tile(shown, widths[level], column, row))


@page(VIEW)
@require_safe
def crop(request: PageRequest, pk: int, number: int) -> HttpResponse:
    """What stands in `?box=`, with some of what is around it: beside a value that was read there."""
    shown = visible_page(request, pk, number)
    box = box_in(request.GET.get("box", ""))
    if box is None:
        raise Http404("没有写明页面上的位置。")
    note_opening(actor=request.user, item=shown.item, kind="view", page=number)
    return _answer(request, shown, f"c{box}", lambda: _cut(_open(shown, WIDTHS["m"]), box))


def levels_of(shown: Page) -> list[int]:
    """Widths of the tiled picture from the smallest to the finest, each twice the one before."""
    width = min(shown.width or WIDTHS["l"], LARGEST)
    widths = [width]
    while widths[0] > SMALLEST_LEVEL:
        widths.insert(0, -(-widths[0] // 2))
    return widths


def box_in(text: str) -> Box | None:
    """A place written as left,top,width,height in fractions of the page; None where it is none."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return None
    if len(numbers) != len(("left", "top", "width", "height")) or not all(0 <= number <= 1 for number in numbers):
        return None
    left, top, width, height = numbers
    return (left, top, width, height) if width and height else None


def _open(shown: Page, width: int) -> Image.Image:
    try:
        path = derivatives.page_image(shown, width)
        return _decoded(_Drawn(path, path.stat().st_mtime_ns, shown, width))
    except derivatives.NoPageImage as error:
        raise Http404("这一页没有图像，或者原件暂时无法读取。") from error


@dataclass(frozen=True)
class _Drawn:
    """A picture on the disk, by its place and when it was drawn."""

    path: Path
    changed: int
    page: Page = field(compare=False)
    width: int = field(compare=False)


@lru_cache(maxsize=2)
def _decoded(drawn: _Drawn) -> Image.Image:
    """The last pictures stay in memory: the tiles of one sheet are asked for one after the other."""
    with derivatives.open_image(drawn.page, drawn.width) as stream, Image.open(stream) as image:
        return image.convert("RGB")


def _tile(shown: Page, width: int, column: int, row: int) -> Image.Image:
    whole = _open(shown, width)
    left, top = column * TILE, row * TILE
    if left >= whole.width or top >= whole.height:
        raise Http404("图像没有这一块。")
    return whole.crop((left, top, min(left + TILE, whole.width), min(top + TILE, whole.height)))


def _cut(whole: Image.Image, box: Box) -> Image.Image:
    left, top, width, height = box
    beside, above = 0.02, max(height * 0.6, 0.008)
    edges = (left - beside, top - above, left + width + beside, top + height + above)
    across, down = whole.size
    return whole.crop(
        (
            max(0, round(edges[0] * across)),
            max(0, round(edges[1] * down)),
            min(across, round(edges[2] * across)),
            min(down, round(edges[3] * down)),
        )
    )


def _answer(request: PageRequest, shown: Page, what: str, draw: Callable[[], Image.Image]) -> HttpResponse:
    rights = rights_of(request.user, shown.item)
    words = watermark(request, rights)
    tag = f'"{hashlib.sha256(f"{shown.file.original.sha256} {shown.pk} {what} {words}".encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return _private(HttpResponseNotModified(), tag)
    drawn = draw()
    answer = HttpResponse(
        stamping.as_jpeg(stamping.stamped(drawn, words) if words else drawn), content_type="image/jpeg"
    )
    return _private(answer, tag)


def watermark(request: PageRequest, rights: Rights) -> str:
    """What is drawn across a page for this reader; "" for who may take it away anyway."""
    if not rights.is_stamped:
        return ""
    return f"{request.user.display_name} {request.user.username} {localtime(clock.now()):%Y-%m-%d %H:%M} 仅供查阅"


def _private(answer: HttpResponse, tag: str) -> HttpResponse:
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
