"""The smallest papers that pass the gate for uploads: one blank page, one dot, told apart by their titles."""

from __future__ import annotations

import io
from functools import cache

import pikepdf
from PIL import Image, PngImagePlugin


@cache
def small_pdf(title: str) -> bytes:
    """A whole PDF of one blank page; the same bytes for the same title."""
    paper = pikepdf.new()
    paper.add_blank_page()
    paper.docinfo["/Title"] = title
    out = io.BytesIO()
    paper.save(out, deterministic_id=True)
    return out.getvalue()


@cache
def small_png(title: str) -> bytes:
    """A whole PNG of a few white dots; the same bytes for the same title."""
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Title", title)
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG", pnginfo=told)
    return out.getvalue()
