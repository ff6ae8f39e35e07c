"""Breaking Chinese text into lines: none begins with a closing mark or ends with an opening one."""

from typing import Final

from bianzhi.recognition.sheets.fonts import Style, width_of

NEVER_FIRST: Final = frozenset("，。；：、！？）》〉〕］】”’·%％号年月日名")
NEVER_LAST: Final = frozenset("（《〈〔［【“‘")
_NUMBER: Final = frozenset("0123456789")


def broken(text: str, style: Style, width: float, indent: float = 0.0) -> list[str]:
    """Lines of a text within `width` (in shares of the size), the first one shorter by `indent`.

    Numbers stay whole, and so do 号, 年, 月, 日 and 名 with what they follow.
    """
    lines: list[str] = []
    rest, room = text, width - indent
    while rest:
        end = _fitting(rest, style, room)
        lines.append(rest[:end])
        rest, room = rest[end:], width
    return lines


def balanced(text: str, style: Style, width: float) -> list[str]:
    """Lines of a heading, as equal in length as they can be."""
    count = len(broken(text, style, width))
    total = sum(width_of(style, character) for character in text)
    narrow = total / count
    while len(lines := broken(text, style, narrow)) > count:
        narrow += 0.5
    return lines


def _fitting(text: str, style: Style, room: float) -> int:
    used = 0.0
    for place, character in enumerate(text):
        used += width_of(style, character)
        if used > room + 1e-6:
            return max(1, _allowed(text, place))
    return len(text)


def _allowed(text: str, place: int) -> int:
    """The nearest place at or before `place` where a line may end; `place` itself where there is none."""
    for end in range(place, max(0, place - 12), -1):
        first, last = text[end], text[end - 1]
        if first in NEVER_FIRST or last in NEVER_LAST or (first in _NUMBER and last in _NUMBER):
            continue
        return end
    return place
