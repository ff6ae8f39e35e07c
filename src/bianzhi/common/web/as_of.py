"""The day a page shows. Every page accepts `?date=`; without it the page shows today."""

from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest

from bianzhi.kernel import clock
from bianzhi.kernel.dates import DateError, Precision, require_date

PARAMETER: Final = "date"
EARLIEST: Final = date(1949, 10, 1)


class BadDay(ValueError):
    """The text is no day a page can be shown for; the message says what is expected."""


def parse_day(text: str) -> date:
    """Read a day in any usual writing (2024-12-31, 2024.12.31, 20241231, 2024年12月31日).

    Raises BadDay with a message for the reader when the text is no such day or lies before 1949-10-01.
    """
    try:
        written = require_date(text)
    except DateError as error:
        raise BadDay(f"“{text}”不是可以识别的日期，请写成 2024-12-31 或 20241231。") from error
    if written.precision is not Precision.DAY:
        raise BadDay(f"“{text}”没有写到日，请写成 2024-12-31 或 20241231。")
    if written.day < EARLIEST:
        raise BadDay(f"“{text}”早于 1949-10-01，平台没有更早的数据。")
    return written.day


def set_day(request: HttpRequest) -> None:
    """Put `as_of`, `as_of_is_past` and `today` on the request.

    Raises BadDay when `?date=` cannot be read: showing another day's figures instead would mislead.
    """
    today = clock.today()
    text = request.GET.get(PARAMETER, "").strip()
    shown = parse_day(text) if text else today
    request.today = today  # type: ignore[attr-defined]
    request.as_of = shown  # type: ignore[attr-defined]
    request.as_of_is_past = shown < today  # type: ignore[attr-defined]


def day_query(request: HttpRequest) -> dict[str, str]:
    """The parameter that keeps the shown day in a link; empty when the page shows today."""
    shown: date = getattr(request, "as_of", clock.today())
    today: date = getattr(request, "today", clock.today())
    return {} if shown == today else {PARAMETER: shown.isoformat()}


def with_day(request: HttpRequest, url: str) -> str:
    """The address with the shown day kept, so that a reader of the past stays in the past."""
    query = day_query(request)
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def without_day(request: HttpRequest) -> str:
    """The address of this page as of today (返回当前)."""
    query = request.GET.copy()
    query.pop(PARAMETER, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path
