"""Reading the pages of a file in the workshop's process."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bianzhi.recognition.document import PageText
from bianzhi.recognition.engines import engine
from bianzhi.recognition.reading import read_pages
from bianzhi.recognition.rendering import NoPageImages
from bianzhi.recognition.workshop.tasks import Request, Say, Task, format_in
from bianzhi.recognition.workshop.words import words_name, write_words


def _read(request: Request, say: Say) -> list[int]:
    """Read the pages that are not read yet; returns the numbers of all that were read now."""
    found = format_in(request)
    folder = Path(request["folder"])
    numbers = None
    if found.pages is not None:
        known = set(request.get("known", ()))
        numbers = [number for number in range(1, found.pages + 1) if number not in known]
        numbers = [number for number in numbers if not (folder / words_name(number)).exists()]
        if not numbers:
            return []
    chosen = engine(request["engine"]) if request.get("engine") else None
    read = []
    for page in _pages(read_pages(Path(request["path"]), found, engine=chosen, numbers=numbers)):
        write_words(folder, page)
        read.append(page.number)
        say({"page": page.number})
    return read


def _pages(pages: Iterator[PageText]) -> Iterator[PageText]:
    """The pages; formats whose text nobody can read have none."""
    try:
        yield from pages
    except NoPageImages:
        return


TASKS: Final[Mapping[str, Task]] = {"read": _read}
