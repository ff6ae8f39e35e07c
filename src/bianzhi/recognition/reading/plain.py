"""Plain text in the encodings Chinese offices write."""

from collections.abc import Iterator
from pathlib import Path

from bianzhi.recognition.document import PageText
from bianzhi.recognition.reading.flowing import Line, laid_out

LINES = 60
"""Lines of a page where the text has no page breaks of its own."""

MARKED = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_text(path: Path) -> Iterator[PageText]:
    """The text page by page: at its form feeds, and after so many lines."""
    number = 0
    for part in decoded(path.read_bytes()).split("\f"):
        lines = part.splitlines()
        for start in range(0, max(len(lines), 1), LINES):
            number += 1
            yield laid_out([Line((line,)) for line in lines[start : start + LINES]], number)


def decoded(data: bytes) -> str:
    """The characters: by byte order mark, as UTF-8, else as GB 18030, which holds GBK and GB 2312."""
    for mark, encoding in MARKED:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
