"""What a bag proves before a row is written: digests, marks of secrecy, states, the nature of its originals.

All of it is done outside any transaction: reading a bag takes minutes, and on SQLite one writer stops all others.
"""

import logging
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import DataError, IntegrityError

from bianzhi.accounts.policies import Denied
from bianzhi.archives.derivatives import keep_words
from bianzhi.archives.models import Item, ItemSource, ItemState
from bianzhi.archives.rules.marking import mark_on
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.packages.checking import BAD, FORMAT, OpenBag, opened
from bianzhi.archives.services.packages.kept import forget_unregistered
from bianzhi.archives.services.packages.writing import Progress, no_progress
from bianzhi.archives.storage import originals
from bianzhi.common.kept_files import sha256_of
from bianzhi.common.working_files import workspace
from bianzhi.intake import malware
from bianzhi.kernel.file_digests import PIECE, digests_of
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.kernel.secrecy import mark_in
from bianzhi.recognition.document import PageText
from bianzhi.recognition.identify import Format, Unacceptable
from bianzhi.recognition.workshop import WorkFailed, Workshop

log = logging.getLogger(__name__)

TAKEN: Final = (ItemState.FILED, ItemState.DISPOSED)
CHUNK: Final = 500


@dataclass(frozen=True)
class ProvenBag:
    """A bag whose originals and whose own file are kept; `formats` tells by digest what each original is."""

    digest: str
    size: int
    told: Mapping[str, Any]
    records: Sequence[dict[str, Any]]
    formats: Mapping[str, Format]
    opened: OpenBag
    fresh: set[str] = field(default_factory=set)
    """Digests of the originals the archive did not have before; taking the bag in fills it."""

    def keep_words(self) -> None:
        """Keep the words of the pages of originals that came with this bag, once it has been taken in.

        What this archive has read itself is never replaced by what somebody else says it reads.
        """
        for sha256, page in _words(self.opened, self.records):
            if sha256 in self.fresh:
                keep_words(sha256, page)


@contextmanager
def proven(path: Path, progress: Progress = no_progress) -> Iterator[ProvenBag]:
    """A bag that may be taken in, as long as the block lasts; refused then or in the block, its file is not kept.

    Raises Refused: archives.package with all that is wrong, archives.codes_taken, R27.
    """
    digest = sha256_of(path)
    try:
        with opened(path) as bag:
            progress(0, 1, "正在核对移交包")
            with faults_of_bag("移交目录"):
                told, records = _contents(bag)
                refuse_if([*_objections_to(records), *_marked(bag, records), *codes_taken(records)])
            formats = _keep_originals(bag, records, progress)
            PACKAGES.keep(path)
            yield ProvenBag(digest, path.stat().st_size, told, records, formats, bag)
    except (Refused, Denied):
        forget_unregistered(digest)
        raise


@contextmanager
def faults_of_bag(where: str) -> Iterator[None]:
    """Tell what only a badly made record can cause as the fault of the bag."""
    try:
        yield
    except KeyError as error:
        raise refused(f"{where}缺少项目 {error}") from error
    except (TypeError, ValueError, AttributeError, OverflowError, DataError, IntegrityError) as error:
        log.warning("a package is refused: %s", where, exc_info=error)
        raise refused(f"{where}有项目的值不合规，无法写入") from error


def refused(told: str) -> Refused:
    """The refusal of a bag for one reason."""
    return Refused([_objection(told)])


def codes_taken(records: Iterable[Mapping[str, Any]]) -> list[Objection]:
    """档号 of the bag that this archive has given already."""
    codes = [str(record["code"]) for record in records]
    taken = [
        str(code)
        for start in range(0, len(codes), CHUNK)
        for code in Item.objects.filter(code__in=codes[start : start + CHUNK]).values_list("code", flat=True)
    ]
    if not taken:
        return []
    message = f"包内 {len(taken)} 件的档号本馆已有：{'、'.join(taken[:5])}{'等' if len(taken) > 5 else ''}。"
    return [Objection("archives.codes_taken", message, next_step="请核对是否已经接收过；档号不得重复")]


def _contents(bag: OpenBag) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    told = bag.json("data/catalogue.json")
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        message = "移交包不合格：catalogue.json 不是本平台的移交目录。"
        raise Refused([Objection(BAD, message, next_step="请移交方用本平台导出")])
    records = list(bag.records())
    if not records:
        raise Refused([Objection(BAD, "移交包不合格：包内没有任何档案。", next_step="请移交方重新导出")])
    return told, records


def _objections_to(records: Iterable[Mapping[str, Any]]) -> Iterator[Objection]:
    """States and sources a package cannot have, and a 档号 that is missing or stands twice."""
    seen: set[str] = set()
    for record in records:
        code, source = record["code"], record["source"]
        named = f"“{code or record['title']}”"[:80]
        if record["state"] not in TAKEN or not code or not record["filed_at"]:
            yield _objection(f"{named}没有归档，只接收有档号的已归档、已销毁档案")
        if code in seen:
            yield _objection(f"档号 {code} 重复")
        seen.add(code)
        if source not in ItemSource.values:
            yield _objection(f"{named}的来源“{source}”不在代码表内")
        if source == ItemSource.INDEX_ONLY and (record["files"] or record["pages"]):
            yield _objection(f"{named}为仅目录档案，却带有文件")


def _marked(bag: OpenBag, records: Sequence[Mapping[str, Any]]) -> Iterator[Objection]:
    """R27 for the names of files, the text of pages and their words, as reception asks it."""
    names = {file["sha256"]: file["name"] for record in records for file in record["files"]}
    for name in names.values():
        if mark := mark_in(name):
            yield _secret(f"文件名“{name}”", mark)
    for record in records:
        for page in record["pages"]:
            if mark := mark_on(page["text"]):
                yield _secret(f"{record['code']} 第 {page['number']} 页", mark)
    for sha256, words in _words(bag, records):
        if mark := mark_on(words.text):
            yield _secret(f"文件“{names[sha256]}”第 {words.number} 页", mark)


def _words(bag: OpenBag, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, PageText]]:
    """The words of the records' own pages with the digest of their original. Raises Refused for words that are none."""
    pages = _pages(records)
    for name in bag.names:
        parts = name.split("/")
        if len(parts) == 4 and parts[:2] == ["data", "words"] and parts[2] in pages:
            try:
                page = PageText.from_data(bag.json(name))
            except (KeyError, TypeError, ValueError, AttributeError):
                raise refused(f"{name} 不是页面文字") from None
            if page.number in pages[parts[2]]:
                yield parts[2], page


def _pages(records: Iterable[Mapping[str, Any]]) -> Mapping[str, Collection[int]]:
    """The pages of each original that the records are made of."""
    pages: dict[str, set[int]] = defaultdict(set)
    for record in _with_files(records):
        digests = {(file["version"], file["position"]): file["sha256"] for file in record["files"]}
        for page in record["pages"]:
            pages[digests[tuple(page["file"])]].add(page["source_page"])
    return pages


def _keep_originals(bag: OpenBag, records: Sequence[Mapping[str, Any]], progress: Progress) -> dict[str, Format]:
    """Keep the bytes of a bag's originals, each looked at as if it had been uploaded; returns what each is.

    Content-addressed and written once: what is kept of a bag that is refused later harms nothing. Raises Refused for a
    file of a forbidden kind, one malware was found in, and for names that are not its digests.
    """
    files = {file["sha256"]: file for record in _with_files(records) for file in record["files"]}
    formats: dict[str, Format] = {}
    with Workshop() as shop, workspace("archive-") as folder:
        for done, (sha256, file) in enumerate(files.items(), 1):
            name = f"data/originals/{sha256}.{file['extension']}"
            path = folder / "original"
            with bag.open(name) as stream, path.open("wb") as target:
                shutil.copyfileobj(stream, target, PIECE)
            told = digests_of(path)
            if (told.sha256, told.sm3, told.size) != (sha256, file["sm3"], file["size"]):
                raise refused(f"{name} 的摘要或大小与著录不符")
            formats[sha256] = _look_at(shop, path, file)
            originals().keep(path)
            progress(done, len(files), "正在核对原件")
    return formats


def _look_at(shop: Workshop, path: Path, file: Mapping[str, Any]) -> Format:
    try:
        found = shop.identify(path, file["name"])
    except (Unacceptable, WorkFailed) as error:
        raise refused(f"“{file['name']}”不能接收：{error}") from None
    if malware.is_set_up():
        _look_for_malware(path, file["name"])
    return found


def _look_for_malware(path: Path, name: str) -> None:
    try:
        found = malware.found_in(path)
    except malware.ScannerDown as error:
        raise refused(f"“{name}”未能查毒：{error}") from None
    if found:
        raise refused(f"“{name}”含恶意程序 {found}")


def _with_files(records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The records whose files are in the bag: of a destroyed item only the description travels."""
    return (record for record in records if record["state"] != ItemState.DISPOSED)


def _secret(where: str, mark: str) -> Objection:
    message = f"{where}标有“{mark}”：本平台是非涉密系统，不得接收秘密级以上文件（R27），整包未接收。"
    step = "请报告保密工作机构处理；需要留目录的，请移交方改为“仅目录”后重新导出"
    return Objection("R27", message, figures={"mark": mark}, next_step=step)


def _objection(told: str) -> Objection:
    return Objection(BAD, f"移交包不合格：{told}。", next_step="请移交方更正后重新导出")
