"""Answering with a kept file: in the browser what it can show safely, everything else as a download."""

from typing import Final
from urllib.parse import quote

from django.http import HttpResponse

from bianzhi.common.web.access import PageRequest

INLINE: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})
POLICY: Final = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:"
"""A file is no page of ours: nothing in it may run or reach out."""


def answer_with(request: PageRequest, data: bytes, *, name: str, content_type: str) -> HttpResponse:
    """The file itself; `?download` saves it."""
    shown = content_type in INLINE and "download" not in request.GET
    answer = HttpResponse(data, content_type=content_type)
    answer["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "private, no-store"
    return answer
