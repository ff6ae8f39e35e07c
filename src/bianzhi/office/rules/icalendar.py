"""Writing iCalendar (RFC 5545): what Outlook, Thunderbird, phones and WPS read as a calendar.

Lines end in CRLF and are folded at 75 octets without cutting a character; text values are escaped; whole days are
DATE values whose end is exclusive, hours are written in UTC so that no VTIMEZONE is needed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

PRODUCT: Final = "-//Bianzhi//编制通//ZH"
LONGEST_LINE: Final = 75
ESCAPES: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a calendar.

    `uid` names it for ever: a program that reads the calendar again updates the entry instead of adding one. `starts`
    and `ends` are both days (the last one included) or both moments with a time zone.
    """

    uid: str
    starts: date | datetime
    ends: date | datetime
    summary: str
    changed_at: datetime
    description: str = ""
    location: str = ""
    category: str = ""
    url: str = ""
    sequence: int = 0
    is_cancelled: bool = False
    is_busy: bool = False


def written(name: str, items: Iterable[Item]) -> bytes:
    """A whole calendar as it is sent. Raises ValueError for an item that mixes days and moments."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{escaped(PRODUCT)}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for item in items:
        lines += _event(item)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(item: Item) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(item.uid)}"
    yield f"DTSTAMP:{_moment(item.changed_at)}"
    yield f"LAST-MODIFIED:{_moment(item.changed_at)}"
    yield from _span(item)
    yield f"SUMMARY:{escaped(item.summary)}"
    for name, text in (("DESCRIPTION", item.description), ("LOCATION", item.location), ("CATEGORIES", item.category)):
        if text:
            yield f"{name}:{escaped(text)}"
    if item.url:
        yield f"URL:{''.join(item.url.split())}"
    yield f"SEQUENCE:{item.sequence}"
    yield f"STATUS:{'CANCELLED' if item.is_cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'OPAQUE' if item.is_busy else 'TRANSPARENT'}"
    yield "END:VEVENT"


def _span(item: Item) -> Iterator[str]:
    starts, ends = item.starts, item.ends
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        yield f"DTSTART:{_moment(starts)}"
        yield f"DTEND:{_moment(ends)}"
    elif isinstance(starts, datetime) or isinstance(ends, datetime):
        raise ValueError(f"an item is of days or of moments, not of both: {item.uid}")
    else:
        yield f"DTSTART;VALUE=DATE:{starts:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{ends + timedelta(days=1):%Y%m%d}"


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {value}")
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line breaks escaped, other control characters left out."""
    return "".join(each for each in text if each in "\n\r\t" or each >= " ").translate(ESCAPES)


def folded(line: str) -> bytes:
    """The line with its CRLF, continued on further lines (each after a space) where it is longer than 75 octets."""
    parts: list[bytes] = []
    room, part = LONGEST_LINE, bytearray()
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > room:
            parts.append(bytes(part))
            room, part = LONGEST_LINE - 1, bytearray()
        part += octets
    parts.append(bytes(part))
    return b"\r\n ".join(parts) + b"\r\n"
