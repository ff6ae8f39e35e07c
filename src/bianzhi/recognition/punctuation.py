"""Signs as Chinese is written with them: engines mix up full-width and half-width ones, which look alike."""

import re

from bianzhi.recognition.characters import is_chinese

FULL = str.maketrans(":;,?!(", "：；，？！（")
PAGE_NUMBER = re.compile(r"^[-–—－_]\s*\d{1,4}\s*[-–—－_]?$|^\d{1,4}\s*[-–—－_]$")
DASHES = str.maketrans("-–－_", "————")


def as_written(text: str) -> str:
    """The line with the signs after Chinese characters full width, and 一字线 beside a page number (GB/T 9704, 7.5).

    One character stays one character, so that places keep.
    """
    if PAGE_NUMBER.match(text):
        return text.translate(DASHES)
    made: list[str] = []
    opened: list[str] = []
    for place, char in enumerate(text):
        before = made[-1] if made else ""
        if char in "(（":
            char = "（" if is_chinese(before) or is_chinese(text[place + 1 : place + 2]) else char
            opened.append(char)
        elif char in ")）" and opened:
            char = "）" if opened.pop() == "（" else ")"
        elif is_chinese(before):
            char = char.translate(FULL)
        made.append(char)
    return "".join(made)
