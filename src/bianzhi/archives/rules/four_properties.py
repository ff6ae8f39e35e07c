"""真实性、完整性、可用性、安全性 of one item (DA/T 70-2018), told from plain facts: every test with its outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bianzhi.kernel.secrecy import mark_in

ALLOWED: Final = frozenset(
    {"pdf", "tiff", "tif", "jpeg", "jpg", "png", "ofd", "docx", "xlsx", "doc", "xls", "wps", "txt"}
)
"""Formats fit for keeping or taken in beside a copy that is."""
OLDEST_YEAR: Final = 1900
SHOWN: Final = 10


class Property(StrEnum):
    """The four properties."""

    AUTHENTIC = "真实性"
    COMPLETE = "完整性"
    USABLE = "可用性"
    SAFE = "安全性"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One original of the item and what a reading of its bytes found."""

    name: str
    extension: str
    size: int
    state: str
    """"intact", "damaged" (the bytes are not those of the digest) or "missing"."""
    pages_from: int = 1
    pages_to: int | None = None
    checked_for_malware: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """One page as the catalogue holds it."""

    number: int
    is_blank: bool
    has_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What is checked of an item; texts are "" and days None where nothing is described."""

    code: str
    title: str
    responsible: str
    dated_on: date | None
    year: int | None
    retention: str
    category: str
    doc_no: str = ""
    classification: str = ""
    storage_place: str = ""
    is_index_only: bool = False
    page_count: int = 0
    files: tuple[FileFacts, ...] = ()
    pages: tuple[PageFacts, ...] = ()
    text: str = ""
    """The text of all pages without spaces."""
    retentions: frozenset[str] = frozenset({"Y", "D30", "D10"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test: `blocks` when an item that fails it can't be filed or handed over; other failures are told only."""

    code: str
    property: Property
    label: str
    passed: bool
    told: str
    blocks: bool = True

    def as_row(self) -> dict[str, str | bool]:
        """A plain dictionary, as it is kept and printed."""
        return {
            "code": self.code,
            "property": str(self.property),
            "label": self.label,
            "passed": self.passed,
            "told": self.told,
            "blocks": self.blocks,
        }


def assess(item: ItemFacts, *, today: date) -> list[Outcome]:
    """Every test of an item; for index-only entries (R27) those of contents fall away."""
    found = [*_described(item, today), *_safe(item)]
    if item.is_index_only:
        return found
    return [*found, *_contents(item), *_openable(item)]


def is_sound(outcomes: Sequence[Outcome]) -> bool:
    """Whether nothing failed that stands in the way."""
    return all(outcome.passed or not outcome.blocks for outcome in outcomes)


def _described(item: ItemFacts, today: date) -> Iterator[Outcome]:
    needed: dict[str, object] = {
        "题名": item.title,
        "年度": item.year,
        "保管期限": item.retention,
        "门类": item.category,
        "档号": item.code,
    }
    if item.is_index_only:
        needed["存放位置"] = item.storage_place
    else:
        needed |= {"责任者": item.responsible, "成文日期": item.dated_on}
    missing = [label for label, value in needed.items() if not value]
    yield _complete("C1", "必填元数据齐全", _told(missing, "缺少"), f"{len(needed)} 项齐全")
    wrong = "；".join(_out_of_range(item, today))
    yield _authentic("A1", "元数据类型、长度和值域", wrong, "均在值域内")


def _out_of_range(item: ItemFacts, today: date) -> Iterator[str]:
    if item.dated_on and item.dated_on > today:
        yield f"成文日期 {item.dated_on} 晚于今天"
    if item.year and not OLDEST_YEAR <= item.year <= today.year:
        yield f"年度 {item.year} 不在 {OLDEST_YEAR}—{today.year} 之间"
    if item.retention and item.retention not in item.retentions:
        yield f"保管期限代码 {item.retention} 不在代码表内"


def _safe(item: ItemFacts) -> Iterator[Outcome]:
    mark = "" if item.is_index_only else mark_in(item.classification)
    wrong = f"密级为“{mark}”" if mark else ""
    yield _outcome("S1", Property.SAFE, "不含涉密内容（R27）", wrong, "未见秘密以上密级")
    unchecked = [file.name for file in item.files if not file.checked_for_malware]
    wrong = _told(unchecked, "未经检查：")
    yield _outcome("S2", Property.SAFE, "经恶意程序和活动内容检查", wrong, "接收时已检查")


def _contents(item: ItemFacts) -> Iterator[Outcome]:
    none = "" if item.files else "没有任何文件"
    yield _complete("C2", "内容数据存在", none, f"{len(item.files)} 个文件")
    missing = [file.name for file in item.files if file.state == "missing"]
    yield _complete("C3", "文件均在库", _told(missing, "找不到："), "均在库")
    damaged = [file.name for file in item.files if file.state == "damaged"]
    yield _authentic("A2", "内容与固化的摘要一致", _told(damaged, "与摘要不符："), "SHA-256 一致")
    numbers = [page.number for page in item.pages]
    is_whole = numbers == list(range(1, item.page_count + 1))
    wrong = "" if is_whole else f"著录 {item.page_count} 页，实有 {len(numbers)} 页"
    yield _complete("C4", "页次连续、页数相符", wrong, f"{len(numbers)} 页，页次连续")
    is_elsewhere = item.doc_no and item.text and _bare(item.doc_no) not in _bare(item.text)
    wrong = f"正文中未见文号 {item.doc_no}" if is_elsewhere else ""
    yield _authentic("A3", "元数据与内容一致", wrong, "文号见于正文", blocks=False)


def _openable(item: ItemFacts) -> Iterator[Outcome]:
    other = sorted({file.extension for file in item.files} - ALLOWED)
    yield _usable("U1", "格式适于长期保存", _told(other, "不在允许之列："), "格式均在允许之列")
    empty = [file.name for file in item.files if file.size == 0]
    yield _usable("U2", "文件可打开、未加密压缩", _told(empty, "空文件："), "接收时已解析到页")
    unread = [str(page.number) for page in item.pages if not (page.has_text or page.is_blank)]
    yield _usable("U3", "各页可检索", _told(unread, "没有文本的页："), "各页有文本或为空白页", blocks=False)


def _outcome(code: str, of: Property, label: str, wrong: str, fine: str, *, blocks: bool = True) -> Outcome:
    return Outcome(code, of, label, not wrong, wrong or fine, blocks)


def _authentic(code: str, label: str, wrong: str, fine: str, *, blocks: bool = True) -> Outcome:
    return _outcome(code, Property.AUTHENTIC, label, wrong, fine, blocks=blocks)


def _complete(code: str, label: str, wrong: str, fine: str) -> Outcome:
    return _outcome(code, Property.COMPLETE, label, wrong, fine)


def _usable(code: str, label: str, wrong: str, fine: str, *, blocks: bool = True) -> Outcome:
    return _outcome(code, Property.USABLE, label, wrong, fine, blocks=blocks)


def _told(names: Sequence[str], what: str) -> str:
    """What is wrong, with the first of the names it is wrong with; "" when there are none."""
    if not names:
        return ""
    more = f"等 {len(names)} 个" if len(names) > SHOWN else ""
    return f"{what}{'、'.join(names[:SHOWN])}{more}"


def _bare(text: str) -> str:
    return "".join(character for character in text if character.isalnum()).casefold()
