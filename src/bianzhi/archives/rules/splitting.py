"""How the pages of a file become 件: one a file, divided by separator sheets, or put together by hand."""

from collections.abc import Sequence
from typing import Final

SPLITTINGS: Final = {
    "file": "一个文件一件",
    "blank": "以空白页分件",
    "barcode": "以条码页分件",
    "hand": "全部作为一件，手工分件",
}


def whole(count: int) -> list[tuple[int, int]]:
    """All pages as one piece; nothing of a file without pages."""
    return [(1, count)] if count else []


def as_pieces(ranges: Sequence[range]) -> list[tuple[int, int]]:
    """First and last page of each piece, counted from 1; pieces of no page are left out."""
    return [(each.start, each.stop - 1) for each in ranges if len(each)]


def title_of_draft(name: str, place: int, count: int) -> str:
    """What a draft is called until somebody describes it: its file's name, with its place among several."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rpartition(".")[0] or name
    return f"{stem}（{place}）" if count > 1 else stem
