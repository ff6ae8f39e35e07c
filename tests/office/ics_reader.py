"""Reading iCalendar the way RFC 5545 says (§3.1 unfolding, §3.3.11 unescaping), independent of the writer."""

from __future__ import annotations

import re

WIDEST = 75


def events(octets: bytes) -> list[dict[str, str]]:
    """Every VEVENT as {property with its parameters: value}; what is not well formed fails."""
    assert octets.endswith(b"\r\n")
    lines = octets[:-2].split(b"\r\n")
    assert all(len(line) <= WIDEST and b"\n" not in line and b"\r" not in line for line in lines)
    texts = [line.decode() for line in lines]  # raises where a character was cut
    unfolded: list[str] = []
    for text in texts:
        if text.startswith(" "):
            unfolded[-1] += text[1:]
        else:
            unfolded.append(text)
    assert unfolded[0] == "BEGIN:VCALENDAR"
    assert unfolded[-1] == "END:VCALENDAR"
    found: list[dict[str, str]] = []
    inside = False
    for line in unfolded:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
            inside = True
        elif line == "END:VEVENT":
            inside = False
            assert {"UID", "DTSTAMP", "SUMMARY"} <= set(found[-1])
        elif inside:
            assert name not in found[-1], f"{name} twice"
            found[-1][name] = _plain(value)
    return found


def _plain(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda match: "\n" if match[1] in "nN" else match[1], value)
