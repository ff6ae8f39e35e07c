"""The words of a page as a file of its own, written in one step."""

import json
import os
from pathlib import Path

from bianzhi.recognition.document import PageText


def words_name(number: int) -> str:
    """The name under which the words of a page are written."""
    return f"words-{number:05}.json"


def write_words(folder: Path, page: PageText) -> None:
    """Write the words of a page: a killed process leaves all of a page or nothing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / words_name(page.number)
    fresh = place.with_suffix(f".{os.getpid()}.new")
    fresh.write_text(json.dumps(page.as_data(), ensure_ascii=False), encoding="utf-8")
    fresh.replace(place)


def read_words(folder: Path, number: int) -> PageText | None:
    """The words of a page; None where there are none, or what lies there is none of ours."""
    try:
        return PageText.from_data(json.loads((folder / words_name(number)).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, KeyError):
        return None
