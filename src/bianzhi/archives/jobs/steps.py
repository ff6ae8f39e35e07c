"""What is done with a file at each stage. A step computes outside any transaction, then passes the stage in one."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image

from bianzhi.archives import derivatives, quarantine
from bianzhi.archives.models import IncomingFile, Item
from bianzhi.archives.rules.marking import UNCHECKED, mark_on
from bianzhi.archives.rules.splitting import as_pieces, whole
from bianzhi.archives.rules.suggesting import Suggestion, suggest_category, suggest_retention, suggest_year
from bianzhi.archives.selectors.arrivals import known_as, usual_category
from bianzhi.archives.selectors.units import unit_names
from bianzhi.archives.services.drafting import (
    Proposal,
    draft_items,
    keep_original,
    propose,
    receive_members,
    renumbered,
)
from bianzhi.archives.services.passing import note_progress, pass_stage
from bianzhi.archives.storage import originals
from bianzhi.audit.actors import System
from bianzhi.common.working_files import workspace
from bianzhi.intake import malware
from bianzhi.kernel.file_digests import Digests, digests_of, pieces_from
from bianzhi.kernel.secrecy import mark_in
from bianzhi.recognition.document import PageText
from bianzhi.recognition.extraction import extract
from bianzhi.recognition.identify import Format, Unacceptable, format_by_code
from bianzhi.recognition.pieces import split_by_barcode, split_by_blank
from bianzhi.recognition.workshop import WorkFailed, Workshop

HUB: Final = System("档案接收")


class Marked(Exception):
    """The file bears a mark of secrecy (R27)."""

    def __init__(self, mark: str, where: str) -> None:
        self.mark, self.where = mark, where
        super().__init__(f"{where}：{mark}")


class Known(Exception):
    """The archive has the same content already; the message says where, in Chinese."""


class Dissolved(Exception):
    """The file was an archive: its members go on, it does not."""


@dataclass
class Work:
    """A file being worked on, and who hears of it: `tell` is called with pages done and may raise to stop the work."""

    file: IncomingFile
    shop: Workshop
    tell: Callable[[str, int], None]
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long the stage has taken so far."""
        return time.monotonic() - self.began

    @property
    def format(self) -> Format:
        """The format it was identified as."""
        return format_by_code(self.file.format, self.file.total or None)

    def content(self) -> AbstractContextManager[Path]:
        """The bytes as a path: in quarantine, or among the originals once they are kept."""
        return quarantine.plain(self.file.pk) if self._is_waiting else originals().local(self.file.sha256)

    def stream(self) -> BinaryIO:
        """The bytes, to be read once; no copy of them is made."""
        return quarantine.open_content(self.file.pk) if self._is_waiting else originals().open(self.file.sha256)

    @property
    def _is_waiting(self) -> bool:
        return quarantine.content_of(self.file.pk).exists() or not self.file.sha256

    def passes(self, stage: str, facts: Mapping[str, Any], **changes: Any) -> None:
        """Write down that the file passed a stage."""
        self.file = pass_stage(
            actor=HUB, file_id=self.file.pk, stage=stage, seconds=self.seconds, facts=facts, changes=changes
        )


def receive(work: Work) -> None:
    """The file is there as announced, and its name bears no mark of secrecy."""
    if mark := mark_in(work.file.name):
        raise Marked(mark, "文件名")
    quarantine.join(work.file.pk)
    with work.stream() as stream:
        size = stream.seek(0, os.SEEK_END)
    if size != work.file.size:
        raise Unacceptable(f"文件应有 {work.file.size} 字节，实际收到 {size} 字节，没有传完整。请重新上传。")
    work.passes("receive", {"size": size})


def scan(work: Work) -> None:
    """Where a scanner is set up, it has to have seen the file; while it is down the file is held."""
    if not malware.is_set_up():
        work.passes("scan", {"scanner": ""})
        return
    with work.content() as path:
        found = malware.found_in(path)
    if found:
        raise Unacceptable(f"病毒检查发现“{found}”，已拒绝接收并隔离。请通知信息安全管理员，清除后重新提供。")
    work.passes("scan", {"scanner": "clamd"})


def digest(work: Work) -> None:
    """SHA-256 and SM3 of the bytes as they came."""
    with work.stream() as stream:
        told = digests_of(pieces_from(stream))
    work.passes("digest", {"sha256": told.sha256, "sm3": told.sm3, "size": told.size}, sha256=told.sha256)


def unique(work: Work) -> None:
    """The archive does not have the same content yet."""
    if work.file.original is None and (known := known_as(work.file.sha256)):
        raise Known(known)
    work.passes("unique", {})


def identify(work: Work) -> None:
    """What it is, whole and harmless; looked at in the workshop."""
    with work.content() as path:
        try:
            found = work.shop.identify(path, work.file.name)
        except WorkFailed as error:
            raise Unacceptable(str(error)) from error
    work.passes("identify", {"code": found.code, "pages": found.pages}, format=found.code, total=found.pages or 0)


def unpack(work: Work) -> None:
    """An archive is taken apart, its members become files of the batch; nothing else has anything to unpack."""
    if work.file.format != "zip":
        work.passes("unpack", {})
        return
    if work.file.parent_id is not None:
        raise Unacceptable("压缩包里还有压缩包，不予拆开。请解开后把文件放在一个压缩包里上传。")
    with work.content() as path, workspace("members-") as folder:
        members = work.shop.unpack(path, folder / "members")
        receive_members(actor=HUB, file_id=work.file.pk, members=members, seconds=work.seconds)
    raise Dissolved


def read(work: Work) -> None:
    """The text of every page, page by page; pages read before are not read again, and a marked one ends it."""
    done = len(derivatives.all_words(work.file.sha256))

    def heard(page: PageText) -> None:
        nonlocal done
        done += 1
        work.tell("read", done)
        _refuse_mark(page)

    with work.content() as path:
        derivatives.read_pages(work.shop, path, work.format, work.file.sha256, heard)
    pages = _pages(work)
    facts = {
        "pages": len(pages),
        "by_ocr": sum(page.origin == "ocr" for page in pages.values()),
        "characters": sum(len(page.text) for page in pages.values()),
    }
    work.passes("read", facts, total=work.file.total or len(pages), done=len(pages))


def secrecy(work: Work) -> None:
    """No page bears a mark of secrecy (R27)."""
    pages = _pages(work)
    for page in pages.values():
        _refuse_mark(page)
    work.passes("secrecy", {"pages": len(pages)})


def keep(work: Work) -> None:
    """The file becomes an original."""
    told = work.file.stages.get(stage="digest").facts
    digests = Digests(told["size"], told["sha256"], told["sm3"])
    with work.content() as path:
        original = keep_original(
            actor=HUB,
            file_id=work.file.pk,
            content=path,
            told=digests,
            file_format=work.format,
            seconds=work.seconds,
        )
    if original is None:
        raise Known(known_as(work.file.sha256))
    work.file.original = original


def images(work: Work) -> None:
    """Pictures of the pages for the viewer, where the format has pages; those that are there are not drawn again."""
    pages = _pages(work) if work.format.code in derivatives.DRAWN else {}
    with work.content() as path:
        for number, page in pages.items():
            _draw(work, path, number, page)
            work.tell("images", number)
    work.passes("images", {"pages": len(pages)})


def split(work: Work) -> None:
    """Drafts: one of the file, or one of each piece."""
    pages = _pages(work)
    pieces = _pieces(work, list(pages.values()))
    draft_items(actor=HUB, file_id=work.file.pk, pieces=pieces, pages=pages, seconds=work.seconds)


def candidates(work: Work) -> None:
    """What stands on the pages, proposed for the fields of each draft; without a page, that nobody saw its 密级."""
    units, pages = unit_names(), _pages(work)
    found: dict[int, list[Proposal]] = {}
    for item in _items(work):
        own = [pages[page.source_page] for page in item.pages.order_by("number") if page.source_page in pages]
        unseen = [] if pages else [Proposal("classification", UNCHECKED, 0.0, "文字无法识读，请打开原件核对")]
        found[item.pk] = unseen + [
            Proposal(
                "organization" if each.field == "unit" else each.field,
                each.value,
                each.confidence,
                each.method,
                each.page,
                each.box,
            )
            for each in extract(renumbered(own), units)
        ]
    propose(actor=HUB, file_id=work.file.pk, stage="candidates", proposals=found, seconds=work.seconds)


def suggest(work: Work) -> None:
    """Category, term and year by what was found."""
    proposals = {item.pk: [_proposal(each) for each in _suggestions(item)] for item in _items(work)}
    propose(actor=HUB, file_id=work.file.pk, stage="suggest", proposals=proposals, seconds=work.seconds)


STEPS: Final[Mapping[str, Callable[[Work], None]]] = {
    step.__name__: step
    for step in (
        receive, scan, digest, unique, identify, unpack, read, secrecy, keep, images, split, candidates, suggest,
    )
}  # fmt: skip


def _refuse_mark(page: PageText) -> None:
    if mark := mark_on(page.text):
        raise Marked(mark, f"第 {page.number} 页")


def _pages(work: Work) -> dict[int, PageText]:
    return {page.number: page for page in derivatives.all_words(work.file.sha256)}


def _items(work: Work) -> list[Item]:
    return [origin.item for origin in work.file.items.select_related("item").order_by("item_id")]


def _draw(work: Work, path: Path, number: int, page: PageText) -> None:
    sha256 = work.file.sha256
    widths = (derivatives.SMALL, derivatives.USUAL)
    if not all(derivatives.image_path(sha256, number, width).exists() for width in widths):
        derivatives.draw(work.shop, path, work.format, sha256, number, widths, derivatives.looks_of(page))


def _pieces(work: Work, pages: list[PageText]) -> list[tuple[int, int]]:
    """First and last page of each 件; a stack that no sheet divides is one."""
    way = work.file.batch.splitting
    divided: list[range] = []
    if work.format.code in derivatives.DRAWN and way == "blank":
        divided = split_by_blank(pages)
    elif work.format.code in derivatives.DRAWN and way == "barcode":
        divided = split_by_barcode(_pictures(work, pages))
    return as_pieces(divided) or whole(len(pages))


def _pictures(work: Work, pages: list[PageText]) -> Iterator[Image.Image]:
    for page in pages:
        place = derivatives.image_path(work.file.sha256, page.number, derivatives.USUAL)
        with derivatives.open_made(place) as stream, Image.open(stream) as image:
            yield image.convert("RGB")


def _suggestions(item: Item) -> Iterator[Suggestion]:
    best: dict[str, str] = {}
    for name, value in item.candidates.order_by("-confidence", "pk").values_list("field", "value"):
        best.setdefault(name, value)
    if item.organization_id is not None:
        yield Suggestion("organization", str(item.organization_id), 1.0, "批次所属单位")
    category = usual_category()
    if category is not None:
        yield suggest_category(category.code, category.name)
    title, language = best.get("title", item.title), best.get("language", "")
    if item.page_count:
        yield suggest_retention(title, language)
    year = suggest_year(best.get("dated_on", ""))
    if year is not None:
        yield year


def _proposal(suggestion: Suggestion) -> Proposal:
    return Proposal(suggestion.field, suggestion.value, suggestion.confidence, suggestion.method)


def say(work: Work, stage: str) -> None:
    """Begin a stage: those who watch see it, and the time starts."""
    work.began = time.monotonic()
    note_progress(actor=HUB, file_id=work.file.pk, stage=stage)
