"""What is made of originals and can be made again: words with their places, page images, searchable PDF.

    BIANZHI_HOME/archive/derivatives/<ab>/<sha256>/<version>/words-00001.json, page-00001-1400.webp …

Sealed where files are encrypted. Nothing here is proof of anything: a folder that is gone, or of an older version,
costs time and nothing else.
"""

import hashlib
import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

from bianzhi.archives.models import Item, ItemFile, Page
from bianzhi.archives.rules.stages import BY_NAME
from bianzhi.archives.selectors.files import newest_files
from bianzhi.archives.storage import archive_home, originals
from bianzhi.common import sealed_files
from bianzhi.common.sealed_places import Stored, on_disk
from bianzhi.common.working_files import workspace
from bianzhi.kernel.encryption.sealed_stream import BrokenSeal, LockedFile
from bianzhi.recognition.document import PageText
from bianzhi.recognition.identify import Format, Unacceptable, format_by_code
from bianzhi.recognition.workshop import WorkFailed, Workshop
from bianzhi.recognition.workshop.words import read_words, words_name, write_words

log = logging.getLogger(__name__)

SMALL: Final = 240
USUAL: Final = 1_400
"""Widths in pixels that are drawn on arrival; others are drawn when somebody asks."""
NARROWEST, WIDEST = 16, 4_800
DRAWN: Final = frozenset({"pdf", "tiff", "jpeg", "png"})
"""Formats whose pages can be drawn."""

_turn: Final = threading.RLock()
"""One thing at a time is made on demand in a server: its readers ask for many pages at once, all of one sheet."""


class NoPageImage(FileNotFoundError):
    """The page cannot be drawn: its format has no pages, or its original cannot be read."""


def folder_of(sha256: str, stage: str) -> Path:
    """The folder of what a stage makes of an original."""
    if len(sha256) != len(hashlib.sha256().hexdigest()) or not sha256.isalnum():
        raise ValueError(f"not a digest: {sha256!r}")
    return archive_home() / "derivatives" / sha256[:2] / sha256 / f"{stage}-{BY_NAME[stage].version}"


def words_folder(sha256: str) -> Path:
    """Where the words of an original's pages lie, one file a page."""
    return folder_of(sha256, "read")


def image_path(sha256: str, number: int, width: int) -> Path:
    """Where the image of a page at a width lies once it was drawn."""
    return folder_of(sha256, "images") / f"page-{number:05}-{width}.webp"


def keep_words(sha256: str, page: PageText) -> None:
    """Keep the words of a page that was read, or is known otherwise: from a generator, from a package."""
    place = words_folder(sha256) / words_name(page.number)
    content = json.dumps(page.as_data(), ensure_ascii=False).encode()
    sealed_files.write(place, content, context_of(place))


def words_of(sha256: str, number: int) -> PageText | None:
    """The words of a page of an original; None when it has not been read, or what was kept is damaged."""
    place = words_folder(sha256) / words_name(number)
    try:
        return PageText.from_data(json.loads(sealed_files.read(place, context_of(place))))
    except FileNotFoundError:
        return None
    except LockedFile:
        raise
    except (ValueError, KeyError) as error:
        log.warning("words of page %s of %s are read anew: %s", number, sha256[:12], error)
        return None


def all_words(sha256: str) -> list[PageText]:
    """The pages of an original that have been read, in their order."""
    found = (int(path.stem.rpartition("-")[2]) for path in words_folder(sha256).glob("words-*.json"))
    return [page for number in sorted(found) if (page := words_of(sha256, number)) is not None]


def read_pages(
    shop: Workshop, path: Path, file_format: Format, sha256: str, heard: Callable[[PageText], None] | None = None
) -> None:
    """Read the pages of an original that have no words yet; each is kept as soon as it is read, and told to `heard`.

    Raises Unacceptable, WorkFailed, and what `heard` raises to give up.
    """
    with workspace("words-") as folder:

        def take(event: Mapping[str, Any]) -> None:
            number = int(event["page"])
            page = read_words(folder, number)
            (folder / words_name(number)).unlink()
            if page is not None:
                keep_words(sha256, page)
                if heard is not None:
                    heard(page)

        shop.read(path, file_format, folder, known=[page.number for page in all_words(sha256)], heard=take)


def page_words(page: Page) -> PageText:
    """The words of a page with their places, read again when they are gone.

    Raises NoPageImage when the original cannot be read; a page without text has no words.
    """
    sha256 = page.file.original.sha256
    found = words_of(sha256, page.source_page)
    if found is None:
        with _opened(page) as (path, file_format, shop):
            read_pages(shop, path, file_format, sha256)
        found = words_of(sha256, page.source_page)
    return found or PageText(page.source_page, page.width, page.height, page.dpi, 0, 0.0, True, "layer")


def page_image(page: Page, width: int = USUAL) -> Path:
    """Where a WebP of the page lies (`open_image` reads it), drawn when it is not there: upright as the boxes of its
    words are, `width` pixels wide where the original has as many.

    Raises NoPageImage.
    """
    width = min(max(width, NARROWEST), WIDEST)
    place = image_path(page.file.original.sha256, page.source_page, width)
    if not place.exists():
        with _turn:
            if not place.exists():
                with _opened(page) as (path, file_format, shop):
                    draw(shop, path, file_format, page.file.original.sha256, page.source_page, [width], looks_of(page))
    return place


def open_image(page: Page, width: int = USUAL) -> BinaryIO:
    """The WebP itself; one that was damaged is drawn anew. Raises NoPageImage."""
    place = page_image(page, width)
    try:
        return open_made(place)
    except BrokenSeal as error:
        log.warning("a page image of %s is drawn anew: %s", page.file.original.sha256[:12], error)
        place.unlink(missing_ok=True)
        return open_made(page_image(page, width))


def open_made(place: Path) -> BinaryIO:
    """A derivative, to be read from anywhere. Raises FileNotFoundError, BrokenSeal (an OSError), LockedFile."""
    return sealed_files.open_file(place, context_of(place))


def draw(
    shop: Workshop,
    path: Path,
    file_format: Format,
    sha256: str,
    number: int,
    widths: Sequence[int],
    looks: Mapping[str, Any],
) -> None:
    """Draw a page of an original at several widths and keep the images. Raises Unacceptable, WorkFailed."""
    with workspace("images-") as folder:
        outs = [(width, folder / image_path(sha256, number, width).name) for width in widths]
        shop.draw(path, file_format, outs, number=number, page=looks)
        for width, drawn in outs:
            _keep(image_path(sha256, number, width), drawn)


def thumbnail(page: Page) -> Path:
    """The page as a small picture. Raises NoPageImage."""
    return page_image(page, SMALL)


def looks_of(page: Page | PageText) -> dict[str, Any]:
    """How a page was turned to stand upright, and its size; what drawing it asks for."""
    return {"rotation": page.rotation, "skew": page.skew, "page_width": page.width, "page_dpi": page.dpi}


def format_of(file: ItemFile) -> Format:
    """The format of an item's file by its original's ending."""
    codes = {"jpg": "jpeg", "tif": "tiff"}
    extension = file.original.extension
    return format_by_code(codes.get(extension, extension))


def searchable_pdf(item: Item) -> Path | None:
    """The item as one PDF whose text can be searched; None where its pages cannot be drawn.

    A PDF that is all typed text is its own; pages of scans get their words as invisible text. Raises NoPageImage when
    an original cannot be read.
    """
    files = newest_files(item)
    if not files or any(format_of(file).code not in DRAWN for file in files):
        return None
    place = _pdf_path(files)
    if not place.exists():
        with _turn:
            if not place.exists():
                _build_pdf(item, files, place)
    return place


def every() -> Iterator[Stored]:
    """All derivatives, for `common.sealed_places`."""
    return on_disk(sorted((archive_home() / "derivatives").glob("??/*/*/*")), context_of)


def forget(sha256: str) -> None:
    """Throw away everything made of a file."""
    shutil.rmtree(archive_home() / "derivatives" / sha256[:2] / sha256, ignore_errors=True)


def forget_pages(sha256: str, numbers: Iterable[int]) -> None:
    """Throw away what was made of some pages of a file, and the PDFs they may be bound into."""
    folder = archive_home() / "derivatives" / sha256[:2] / sha256
    names = ["searchable-*.pdf"]
    for number in numbers:
        names += [words_name(number), f"page-{number:05}-*.webp"]
    for name in names:
        for place in folder.glob(f"*/{name}"):
            place.unlink(missing_ok=True)


def _pdf_path(files: Iterable[ItemFile]) -> Path:
    parts = [[file.original.sha256, file.first_page, file.last_page] for file in files]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return folder_of(str(parts[0][0]), "images") / f"searchable-{key[:32]}.pdf"


def _build_pdf(item: Item, files: list[ItemFile], place: Path) -> None:
    pages = list(item.pages.select_related("file__original").order_by("number"))
    for page in pages:
        page_words(page)
    if _is_typed(files, pages):
        with _local(files) as paths:
            _keep(place, paths[files[0].pk])
        return
    with _local(files) as paths, workspace("pdf-") as folder, Workshop() as shop, _told():
        for page in pages:
            sha256 = page.file.original.sha256
            write_words(folder / sha256, words_of(sha256, page.source_page) or page_words(page))
        parts = [
            {
                "path": str(paths[page.file_id]),
                "code": format_of(page.file).code,
                "number": page.source_page,
                "words": str(folder / page.file.original.sha256),
            }
            for page in pages
        ]
        shop.bind(parts, folder / place.name)
        _keep(place, folder / place.name)


def _is_typed(files: list[ItemFile], pages: list[Page]) -> bool:
    """Whether the item is one whole PDF whose text needs no adding."""
    is_whole = len(files) == 1 and files[0].first_page == 1 and files[0].last_page is None
    return is_whole and format_of(files[0]).code == "pdf" and all(page.text_origin == "layer" for page in pages)


def _keep(place: Path, made: Path) -> None:
    sealed_files.write(place, made, context_of(place))


def context_of(place: Path) -> str:
    """What a derivative is bound to: its original, the version of its stage, and its name."""
    return f"archive-derivative|{'/'.join(place.parts[-3:])}"


@contextmanager
def _opened(page: Page) -> Iterator[tuple[Path, Format, Workshop]]:
    file_format = format_of(page.file)
    with _local([page.file]) as paths, Workshop() as shop, _told():
        path = paths[page.file_id]
        yield path, _counted(shop, path, file_format), shop


def _counted(shop: Workshop, path: Path, file_format: Format) -> Format:
    """The format with its number of pages, which reading needs to know what is missing."""
    return shop.identify(path, f"x.{file_format.extension}") if file_format.code in DRAWN else file_format


@contextmanager
def _local(files: Iterable[ItemFile]) -> Iterator[dict[int, Path]]:
    """The originals of some files as paths. Raises NoPageImage when one is gone."""
    with ExitStack() as held:
        try:
            paths = {file.pk: held.enter_context(originals().local(file.original.sha256)) for file in files}
        except (FileNotFoundError, BrokenSeal) as error:
            raise NoPageImage(str(error)) from error
        yield paths


@contextmanager
def _told() -> Iterator[None]:
    """Let what the workshop could not do be an image that is not there."""
    try:
        yield
    except (Unacceptable, WorkFailed) as error:
        raise NoPageImage(str(error)) from error
