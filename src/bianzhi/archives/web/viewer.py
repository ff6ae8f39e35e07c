"""The viewer: a page with its words over it, marks where they were looked for, and beside it facts or text."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.archives import derivatives
from bianzhi.archives.models import Item, Page
from bianzhi.archives.rules.marks import contains, marks_on, phrases_of
from bianzhi.archives.selectors.rights import Rights, rights_of
from bianzhi.archives.selectors.subjects import proofs_on
from bianzhi.archives.services.openings import note_opening
from bianzhi.archives.web import pdf_files
from bianzhi.archives.web.facts import facts_of
from bianzhi.archives.web.pictures import TILE, VIEW, box_in, levels_of
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.redirects import render_partial
from bianzhi.recognition.document import Box, PageText

A4: Final = 1.414
"""Height of a sheet by its width, where a page was not measured."""
UNITS: Final = 1000
"""Width of the page in the units of the layer that lies over it."""
LARGE_INCHES: Final = 12
"""A side longer than that of A4 makes a large sheet, shown in tiles."""
SIDES: Final = {"facts": "著录", "text": "文字", "off": "只看原件"}
MODES: Final = ("image", "large", "pdf")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in its place, in units of the layer; `size` is the letters' height."""

    text: str
    x: float
    y: float
    width: float
    size: float


@dataclass(frozen=True, slots=True)
class Area:
    """A mark or a frame, in units of the layer."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Thumb:
    """A page in the strip at the left."""

    number: int
    url: str
    is_current: bool
    is_hit: bool


@page(VIEW)
@require_safe
def viewer(request: PageRequest, pk: int) -> HttpResponse:
    """One page; the first where none is named, or where the named one is not there. Of a destroyed item none."""
    item = get_visible_or_404(Item, request.user, pk)
    pages = [] if item.is_disposed else list(item.pages.select_related("file__original").order_by("number"))
    shown = _wanted(request, pages)
    rights = rights_of(request.user, item)
    context: dict[str, Any] = {"item": item, "facts": facts_of(item), "rights": rights, "total": len(pages)}
    if shown is None:
        return render_partial(request, "archives/viewer.html", "viewer", context)
    note_opening(actor=request.user, item=item, kind="view", page=shown.number)
    question = request.GET.get("q", "").strip()
    context |= _sheet(request, shown, question)
    context |= _ways(request, pages, shown, question)
    context |= _mode(request, shown, rights)
    if context["mode"] == "large":
        context["tiles"] = _tiles(shown, context["marks"], context["frame"])
    if context["mode"] == "pdf":
        address = reverse("archives:pdf", args=[shown.item_id])
        context["pdf"] = {"url": address, "page": shown.number, "phrases": phrases_of(question)}
    return render_partial(request, "archives/viewer.html", "viewer", context)


def _wanted(request: PageRequest, pages: Sequence[Page]) -> Page | None:
    text = request.GET.get("page", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len("1000000") else 1
    return next((each for each in pages if each.number == number), pages[0] if pages else None)


def _sheet(request: PageRequest, shown: Page, question: str) -> dict[str, Any]:
    words = words_of(shown)
    height = round(UNITS * (shown.height / shown.width), 1) if shown.width else UNITS * A4
    framed = box_in(request.GET.get("box", ""))
    return {
        "page": shown,
        "units": UNITS,
        "height": height,
        "lines": _lines(words, height) if words else [],
        "marks": [_area(box, height) for box in marks_on(words, question)] if words and question else [],
        "frame": _area(framed, height) if framed else None,
        "proofs": proofs_on(request.user, shown),
        "question": question,
    }


def words_of(shown: Page) -> PageText | None:
    """The page's words with their places; None where they cannot be had just now."""
    try:
        return derivatives.page_words(shown)
    except derivatives.NoPageImage:
        return None


def _lines(words: PageText, height: float) -> list[Line]:
    lines = []
    for word in words.words:
        left, top, width, tall = word.box
        lines.append(
            Line(
                word.text,
                round(left * UNITS, 1),
                round((top + tall * 0.82) * height, 1),
                round(width * UNITS, 1),
                round(max(tall * height * 0.86, 1), 1),
            )
        )
    return lines


def _area(box: Box, height: float) -> Area:
    left, top, width, tall = box
    return Area(round(left * UNITS, 1), round(top * height, 1), round(width * UNITS, 1), round(tall * height, 1))


def _ways(request: PageRequest, pages: Sequence[Page], shown: Page, question: str) -> dict[str, Any]:
    """Links to the other pages, and what stands beside the page."""
    side = request.GET.get("side", "facts")
    side = side if side in SIDES else "facts"

    def to(number: int, **changes: str) -> str:
        query = {"page": str(number), "q": question, "side": side, "mode": request.GET.get("mode", ""), **changes}
        return f"{request.path}?{urlencode({key: value for key, value in query.items() if value})}"

    hits = {each.number for each in pages if question and contains(each.text, question)}
    at = pages.index(shown)
    later, earlier = [n for n in sorted(hits) if n > shown.number], [n for n in sorted(hits) if n < shown.number]
    return {
        "thumbs": [Thumb(e.number, to(e.number), e is shown, e.number in hits) for e in pages],
        "previous_url": to(pages[at - 1].number) if at else "",
        "next_url": to(pages[at + 1].number) if at + 1 < len(pages) else "",
        "hit_count": len(hits),
        "next_hit_url": to(later[0]) if later else "",
        "previous_hit_url": to(earlier[-1]) if earlier else "",
        "side": side,
        "sides": [(label, to(shown.number, side=key), key == side) for key, label in SIDES.items()],
        "here": {mode: to(shown.number, mode=mode) for mode in MODES},
    }


def _mode(request: PageRequest, shown: Page, rights: Rights) -> dict[str, Any]:
    """How the page is shown: as a picture, in tiles, or as PDF to who may take the file away."""
    has_pdf = rights.may_download and pdf_files.has_pdf(shown.item)
    wanted = request.GET.get("mode", "")
    usual = "large" if is_large(shown) else "image"
    mode = wanted if wanted in MODES and (wanted != "pdf" or has_pdf) else usual
    drawn = derivatives.format_of(shown.file).code in derivatives.DRAWN
    return {"mode": mode if drawn else "image", "has_pdf": has_pdf, "has_picture": drawn}


def is_large(shown: Page) -> bool:
    """Whether the sheet is larger than A4: maps, A3 tables, charts."""
    return bool(shown.dpi) and max(shown.width, shown.height) / shown.dpi > LARGE_INCHES


def _tiles(shown: Page, marks: Sequence[Area], frame: Area | None) -> dict[str, Any]:
    """What the script of large sheets needs; places in units of the sheet's width."""
    widths = levels_of(shown)
    ratio = shown.height / shown.width if shown.width else A4
    address = reverse("archives:tile", args=[shown.item_id, shown.number, 0, 0, 0])

    def place(area: Area) -> dict[str, float]:
        return {name: round(value / UNITS, 4) for name, value in asdict(area).items()}

    return {
        "width": widths[-1],
        "height": round(widths[-1] * ratio),
        "levels": len(widths),
        "size": TILE,
        "url": address.removesuffix("0/0/0/"),
        "marks": [place(mark) for mark in marks],
        "frame": place(frame) if frame else None,
    }
