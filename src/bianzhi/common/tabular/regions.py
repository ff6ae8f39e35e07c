"""Sorts the rows under a header: data, totals, notes, section titles, repeated headers, blanks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from bianzhi.common.tabular.cells import folded, text_of
from bianzhi.common.tabular.headings import Header, repeats_header
from bianzhi.common.tabular.kinds import ImportKind
from bianzhi.common.tabular.recognition import SheetRecognition
from bianzhi.common.tabular.workbook import Sheet

_TOTAL_WORDS: Final = r"(?:合计|总计|小计|共计|累计|总数|合计数|总计数|全区合计|全市合计|全县合计|全省合计)"
_TOTAL: Final = re.compile(rf"{_TOTAL_WORDS}(?:\d+)?(?:人|名|个)?|(?:本页|本表|本单位)?{_TOTAL_WORDS}人?数?")
_TOTAL_AT_AN_END: Final = re.compile(
    rf"{_TOTAL_WORDS}\d*(?:人|名|个)?.{{0,6}}|.{{1,20}}{_TOTAL_WORDS}(?:\d+)?(?:人|名|个)?"
)
_NOTE: Final = re.compile(
    r"(?:备注|说明|填表说明|填报说明|注|附注|附|制表|填表|审核|复核|校对|单位负责人|负责人|分管领导|主要领导|经办人|联系人"
    r"|联系电话|联系方式|填报单位|填报人|填报日期|填表日期|制表日期|制表时间|填报时间|日期|盖章|公章|编办意见|主管部门意见"
    r"|审批意见|领导签字|报送单位|打印时间|导出时间|数据截止|截止日期|截至日期|以下空白|以下无正文|资料来源|数据来源"
    r"|第\d+页|共\d+页)(?P<rest>.*)",
    re.DOTALL,
)
_SIGNED: Final = re.compile(r"^\W*\w{1,8}\s*[(（]?\w{0,4}[)）]?\s*[:：]")
_NEEDS_MORE: Final = frozenset({"注", "附", "日期", "备注", "说明", "附注"})
_SECTION: Final = re.compile(
    r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]|第[一二三四五六七八九十]+[部章节])\S*"
)
_GROUP_NUMBER: Final = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．]?")
_NUMBERED_ROWS: Final = 200
_SHORT: Final = 24
_LONG_NOTE: Final = 40
_LONGEST_TITLE: Final = 80


class RowRole(StrEnum):
    """What a row under the header is."""

    DATA = "data"
    TOTAL = "total"
    NOTE = "note"
    SECTION = "section"
    REPEATED_HEADER = "repeated_header"
    NUMBERING = "numbering"
    BLANK = "blank"

    @property
    def label(self) -> str:
        """What an official reads."""
        return {
            "data": "数据",
            "total": "合计行",
            "note": "说明",
            "section": "分组标题",
            "repeated_header": "重复的表头",
            "numbering": "栏次",
            "blank": "空行",
        }[self.value]


@dataclass(frozen=True, slots=True)
class SortedRow:
    """A row with its role; `index` counts from 0."""

    index: int
    role: RowRole
    text: str = ""


def sort_rows(sheet: Sheet, kind: ImportKind, found: SheetRecognition) -> Iterator[SortedRow]:
    """Every row below the header, in order."""
    header = found.header
    if header is None:
        return
    sorter = _Sorter(sheet, kind, header, found.fields)
    for index in range(header.below, len(sheet.rows)):
        yield sorter.sort(index)


class _Sorter:
    def __init__(self, sheet: Sheet, kind: ImportKind, header: Header, fields: dict[str, int]) -> None:
        self._sheet = sheet
        self._header = header
        self._width = max(len(header.paths), 1)
        self._identity = [fields[key] for key in kind.identity if key in fields]
        self._needed = [fields[one.key] for one in kind.fields if one.required and one.key in fields]
        self._counts = {fields[one.key] for one in kind.fields if one.kind.is_count and one.key in fields}
        self._mapped = set(fields.values())
        self._numbered = self._columns_of_numbers()
        self._wide_titles = {
            block.top
            for block in sheet.merged
            if block.top >= header.below and block.columns >= max(3, self._width / 2)
        }

    def _columns_of_numbers(self) -> set[int]:
        """Columns that are no field and number the rows 1, 2, 3: there 「一、」 begins a group."""
        rows = self._sheet.rows[self._header.below : self._header.below + _NUMBERED_ROWS]
        return {
            column
            for column in range(self._width)
            if column not in self._mapped and any(column < len(row) and text_of(row[column]).isdigit() for row in rows)
        }

    def sort(self, index: int) -> SortedRow:
        row = self._sheet.rows[index]
        filled = [(column, text) for column, value in enumerate(row) if (text := text_of(value))]
        if not filled:
            return SortedRow(index, RowRole.BLANK)
        role = self._role(index, filled)
        return SortedRow(index, role, "" if role is RowRole.DATA else _title(filled))

    def _role(self, index: int, filled: list[tuple[int, str]]) -> RowRole:
        if self._is_numbering(index, filled):
            return RowRole.NUMBERING
        if repeats_header(self._header, self._sheet, index):
            return RowRole.REPEATED_HEADER
        if self._is_total(filled):
            return RowRole.TOTAL
        if self._is_section(index, filled):
            counted = any(column in self._counts for column, _ in filled[1:])
            return RowRole.TOTAL if counted else RowRole.SECTION
        if self._is_note(filled):
            return RowRole.NOTE
        return RowRole.DATA

    def _is_numbering(self, index: int, filled: list[tuple[int, str]]) -> bool:
        """The row of column numbers right under some headers: 1 2 3 … or 甲 乙 1 2 …."""
        if index > self._header.below + 1 or len(filled) < 3:
            return False
        numbers = [int(text) for _, text in filled if text.isdigit() and len(text) < 4]
        letters = [text for _, text in filled if text in "甲乙丙丁戊栏次"]
        consecutive = all(later == earlier + 1 for earlier, later in pairwise(numbers))
        return (
            len(numbers) >= 2
            and consecutive
            and numbers[0] in (0, 1)
            and len(numbers) + len(letters) >= len(filled) - 1
        )

    def _is_total(self, filled: list[tuple[int, str]]) -> bool:
        leading = [(column, folded(text)) for column, text in filled[:3] if len(text) <= _SHORT]
        if any(_TOTAL.fullmatch(text) for column, text in leading if column not in self._counts):
            return True
        if not leading or leading[0][0] != filled[0][0] or not _TOTAL_AT_AN_END.fullmatch(leading[0][1]):
            return False
        return all(column == filled[0][0] or self._blank(filled, column) for column in self._identity)

    def _is_section(self, index: int, filled: list[tuple[int, str]]) -> bool:
        column, text = filled[0]
        if column in self._numbered and _GROUP_NUMBER.fullmatch(text):
            return True
        others = [place for place, _ in filled[1:] if place not in self._counts]
        if others or not all(place == column or self._blank(filled, place) for place in self._identity):
            return False
        wide = index in self._wide_titles and len(filled) == 1
        return (wide and not _NOTE.match(folded(text))) or _SECTION.match(text) is not None

    def _is_note(self, filled: list[tuple[int, str]]) -> bool:
        column, text = filled[0]
        found = _NOTE.match(folded(text))
        if found and _SIGNED.match(text):
            return True
        lacking = [place for place in self._needed if place != column and self._blank(filled, place)]
        if len(self._needed) > 1 and not lacking:
            return False
        if found:
            word = folded(text)[: len(folded(text)) - len(found["rest"])]
            return word not in _NEEDS_MORE or bool(re.match(r"^\W*\w{1,4}[:：\d.、\s]", text)) or len(text) > _SHORT
        return len(filled) == 1 and (len(text) > _LONG_NOTE or column not in self._mapped)

    @staticmethod
    def _blank(filled: list[tuple[int, str]], column: int) -> bool:
        return all(place != column for place, _ in filled)


def _title(filled: list[tuple[int, str]]) -> str:
    """What a row that is no data calls itself: its total word if it has one, else its first texts."""
    for _, text in filled[:3]:
        if _TOTAL.fullmatch(folded(text)):
            return text[:_LONGEST_TITLE]
    first = filled[0][1]
    if _GROUP_NUMBER.fullmatch(first) and len(filled) > 1:
        first += filled[1][1]
    return first[:_LONGEST_TITLE]
