"""What DA/T 31-2017 asks of the scan of a page: resolution, skew, blanks, completeness, numbering."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LOWEST_DPI: Final = 200
"""Dots per inch a page is scanned with at least (§7)."""
GREATEST_SKEW: Final = 1.0
"""Degrees a page may lean after it was put straight."""
KINDS: Final = {
    "dpi": "分辨率不足",
    "skew": "偏斜",
    "blank": "空白页",
    "unread": "没有文本",
    "numbering": "页次不连续",
    "count": "页数不符",
    "gap": "漏扫",
    "empty": "没有图像",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPage:
    """A page as it was scanned; `dpi` 0 where it is unknown or the page is no scan."""

    number: int
    source: str
    source_page: int
    dpi: int
    skew: float
    is_blank: bool
    has_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedItem:
    """An item with what its files hold: `expected` are (source, page) of every page of its originals, where known."""

    code: str
    page_count: int
    pages: tuple[ScannedPage, ...]
    expected: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing found; `page` is None for what concerns the whole item."""

    code: str
    page: int | None
    kind: str
    told: str

    def as_row(self) -> dict[str, str | int | None]:
        """A plain dictionary, as it is kept and printed."""
        return {"code": self.code, "page": self.page, "kind": self.kind, "told": self.told}


def look_through(item: ScannedItem) -> list[Problem]:
    """Everything wrong with an item's scan, whole item first."""
    return [*_of_item(item), *(problem for page in item.pages for problem in _of_page(item.code, page))]


def _of_item(item: ScannedItem) -> Iterator[Problem]:
    numbers = [page.number for page in item.pages]
    if not numbers:
        yield Problem(item.code, None, "empty", "没有任何页面")
    elif numbers != list(range(1, len(numbers) + 1)):
        yield Problem(item.code, None, "numbering", f"页次为 {_shown(numbers)}")
    if numbers and len(numbers) != item.page_count:
        yield Problem(item.code, None, "count", f"著录 {item.page_count} 页，实有 {len(numbers)} 页")
    taken = {(page.source, page.source_page) for page in item.pages}
    for source, page in sorted(item.expected - taken):
        yield Problem(item.code, None, "gap", f"{source} 第 {page} 页没有编入")


def _of_page(code: str, page: ScannedPage) -> Iterator[Problem]:
    if 0 < page.dpi < LOWEST_DPI:
        yield Problem(code, page.number, "dpi", f"{page.dpi} dpi，应不低于 {LOWEST_DPI} dpi")
    if abs(page.skew) > GREATEST_SKEW:
        yield Problem(code, page.number, "skew", f"偏斜 {page.skew:.1f} 度，应不大于 {GREATEST_SKEW:.0f} 度")
    if page.is_blank:
        yield Problem(code, page.number, "blank", "空白页，请核对是否漏扫或应删去")
    elif not page.has_text:
        yield Problem(code, page.number, "unread", "没有识别出文字")


def _shown(numbers: Sequence[int]) -> str:
    more = "……" if len(numbers) > 10 else ""
    return "、".join(map(str, numbers[:10])) + more
