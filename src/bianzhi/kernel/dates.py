"""Dates as officials write them, read with the precision they were written in.

Two-digit years: 「87.06」 is 1987 and 「05.12」 is 2005. A two-digit year up to that of `latest` (the last day the
fact may bear, usually today) is this century, a larger one the last; without `latest` the border is 30. What had to be
guessed is said in `remark`, so that an importer can show it as a warning.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from bianzhi.kernel.characters import compact
from bianzhi.kernel.numbers import chinese_digits_to_ascii

EXCEL_EPOCH: Final = date(1899, 12, 30)  # day 0 of the 1900 system, its false 29 February 1900 allowed for
EXCEL_FIRST: Final = 10_000  # 1927-05-18: a number of fewer digits is a year or a mistake, not a day
EXCEL_LAST: Final = 73_415  # 2100-12-31
EARLIEST_YEAR: Final = 1900
LATEST_YEAR: Final = 2100
LONGEST: Final = 100
"""Characters of the longest text that is read at all: the patterns below take time with the square of its length."""
PIVOT_YEAR: Final = 30  # without `latest`: 00–30 is 20xx, 31–99 is 19xx

_TRAILING: Final = re.compile(
    r"(?:起至今|至今|以来|以后|开始|前后|左右|起|止|生|出生|参加工作|入党|入编)+$|[。，,;；、.]+$|\((?:起|止|公历|阳历)\)$|[-—–~_]+$"
)
_LEADING: Final = re.compile(r"^(?:自|从|于|约|公元)")
_TIME: Final = re.compile(r"[\sT]\d{1,2}[:：]\d{2}(?:[:：]\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$")
_PARTS: Final = re.compile(
    r"(?P<year>\d{4}|\d{2})(?:年|[-./\\—－–~_])(?P<month>\d{1,2})(?:(?:月|[-./\\—－–~_])(?:(?P<day>\d{1,2})[日号]?)?)?"
)
_YEAR: Final = re.compile(r"(?P<year>\d{4}|\d{2})年(?:度)?")
_DIGITS: Final = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})?(?P<day>\d{2})?")
_SHORT_DIGITS: Final = re.compile(r"(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_REPEATED: Final = re.compile(r"([-./])\1+")
_MERGED: Final = re.compile(r"(?P<year>\d{4})[年./-](?P<month>\d{2})(?P<day>\d{2})")
_MARKS: Final = re.compile(r"['‘’`\"“”]")
_EMPTY: Final = frozenset({"", "-", "--", "—", "——", "/", "无", "不详", "未知", "空", "无此项"})
_ONGOING: Final = frozenset({"至今", "今", "现在", "目前", "长期"})


class Precision(StrEnum):
    """How much of the date was written."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class DateError(ValueError):
    """A text is not a date; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date with the precision it was given in: 「1987年6月」 is the 1st of June 1987, precision month.

    `remark` is empty, or says in Chinese what was guessed.
    """

    day: date
    precision: Precision = Precision.DAY
    remark: str = ""

    def __str__(self) -> str:
        if self.precision is Precision.YEAR:
            return f"{self.day.year}年"
        if self.precision is Precision.MONTH:
            return f"{self.day.year}年{self.day.month}月"
        return f"{self.day.year}年{self.day.month}月{self.day.day}日"

    @property
    def last_day(self) -> date:
        """The last day the writing may mean: 30 June for 「1987年6月」."""
        if self.precision is Precision.YEAR:
            return date(self.day.year, 12, 31)
        if self.precision is Precision.MONTH:
            return self.day.replace(day=monthrange(self.day.year, self.day.month)[1])
        return self.day


def parse_date(value: object, *, latest: date | None = None) -> WrittenDate | None:
    """Read a cell: text in any usual writing, a date, a datetime, or an Excel serial number. None when it is blank.

    The number 1987.1 may have been 「1987.10」 before the sheet took it for a number: read as January, with a remark.
    `latest` is the last day the fact may bear; it decides the century of two-digit years and refuses later dates.
    Raises DateError with a Chinese explanation.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return _within(WrittenDate(value.date()), str(value), latest)
    if isinstance(value, date):
        return _within(WrittenDate(value), str(value), latest)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DateError(f"「{value}」不是日期")
    written = str(value).strip()
    if len(written) > LONGEST:
        raise DateError(f"「{written[:10]}…」有 {len(written)} 个字，不是日期，请检查是否填错位置")
    plain = _stripped(repr(value) if isinstance(value, float) else written)
    if plain in _EMPTY:
        return None
    if plain in _ONGOING:
        raise DateError(f"「{written}」表示尚未结束，不是一个日期；结束日期未到的请留空")
    found = _within(_parsed(plain, written, latest), written, latest)
    if isinstance(value, float) and re.fullmatch(r"\d{4}\.1", plain):
        doubt = f"「{written}」可能是 1 月，也可能是 10 月（表格把 {plain}0 当作小数省去了末尾的 0）"
        return replace(found, remark=f"{doubt}，暂按 1 月，请核对")
    return found


def require_date(value: object, *, latest: date | None = None) -> WrittenDate:
    """As `parse_date`, but a blank is an error too."""
    found = parse_date(value, latest=latest)
    if found is None:
        raise DateError("未填写日期")
    return found


def from_excel_serial(serial: float) -> date:
    """The day an Excel serial number means in the 1900 date system; a fraction is the time of day and is dropped.

    Raises DateError outside 1927–2100.
    """
    if not EXCEL_FIRST <= serial < EXCEL_LAST + 1:
        raise DateError(f"「{serial:g}」不是日期：不在表格日期序号的合理范围内")
    return EXCEL_EPOCH + timedelta(days=int(serial))


def to_excel_serial(day: date) -> int:
    """The Excel serial number of a day in the 1900 date system."""
    return (day - EXCEL_EPOCH).days


def _stripped(text: str) -> str:
    """Half-width, Chinese digits as digits, without the words and marks people put around a date."""
    without_time = _TIME.sub("", text.strip())
    plain = _REPEATED.sub(r"\1", _MARKS.sub("", chinese_digits_to_ascii(compact(without_time))))
    if plain in _EMPTY or plain in _ONGOING:
        return plain
    plain = _LEADING.sub("", plain)
    while (shorter := _TRAILING.sub("", plain)) != plain:
        plain = shorter
    return plain


def _parsed(plain: str, written: str, latest: date | None) -> WrittenDate:
    if re.fullmatch(r"\d{5}(\.\d+)?", plain):
        return WrittenDate(from_excel_serial(float(plain)))
    for pattern in (_PARTS, _MERGED, _YEAR, _digits_pattern(plain)):
        if found := pattern.fullmatch(plain.removesuffix(".0") if pattern in (_DIGITS, _SHORT_DIGITS) else plain):
            parts = found.groupdict()
            return _built(parts["year"], parts.get("month"), parts.get("day"), written, latest)
    raise DateError(_why_not(plain, written))


def _digits_pattern(plain: str) -> re.Pattern[str]:
    """Six digits are YYYYMM when that gives a year we know, else YYMMDD."""
    six = re.fullmatch(r"(\d{4})\d\d(?:\.0)?", plain)
    return _SHORT_DIGITS if six and not EARLIEST_YEAR <= int(six[1]) <= LATEST_YEAR else _DIGITS


def _why_not(plain: str, written: str) -> str:
    if re.fullmatch(r"\d{1,2}[-./月]\d{1,2}日?", plain):
        return f"日期「{written}」缺少年份，请写成“1987年6月5日”或“1987-06-05”"
    if re.fullmatch(r"\d{1,2}[-./]\d{1,2}[-./]\d{4}", plain):
        return f"日期「{written}」的年份写在最后，月与日的先后无法判断，请写成“年-月-日”"
    if re.fullmatch(r"\d{4}[^至~—–-]*(?:至|[~—–-])\d{4}.*", plain):
        return f"「{written}」是一段起止时间，此处应填一个日期"
    if re.fullmatch(r"\d+", plain):
        return f"日期「{written}」的位数不对，请写成 8 位（19870605）或 6 位（198706）"
    return f"「{written}」不是能识别的日期，请写成“1987年6月5日”“1987-06-05”或“1987.06”"


def _built(
    year_text: str, month_text: str | None, day_text: str | None, written: str, latest: date | None
) -> WrittenDate:
    is_short = len(year_text) == 2
    year = _century(int(year_text), latest) if is_short else int(year_text)
    remark = f"「{written}」的年份只有两位，按 {year} 年理解，请核对" if is_short else ""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise DateError(f"日期「{written}」的年份 {year} 不在 {EARLIEST_YEAR}—{LATEST_YEAR} 之间，请核对")
    if month_text is None or int(month_text) == 0:
        return WrittenDate(date(year, 1, 1), Precision.YEAR, remark)
    month = int(month_text)
    if month > 12:
        raise DateError(f"日期「{written}」的月份是 {month}，应为 1—12")
    if day_text is None or int(day_text) == 0:
        return WrittenDate(date(year, month, 1), Precision.MONTH, remark)
    last = monthrange(year, month)[1]
    if int(day_text) > last:
        raise DateError(f"日期「{written}」不存在：{year}年{month}月只有 {last} 天")
    return WrittenDate(date(year, month, int(day_text)), Precision.DAY, remark)


def _century(two_digits: int, latest: date | None) -> int:
    pivot = latest.year % 100 if latest is not None and latest.year >= 2000 else PIVOT_YEAR
    return 2000 + two_digits if two_digits <= pivot else 1900 + two_digits


def _within(found: WrittenDate, written: str, latest: date | None) -> WrittenDate:
    if latest is not None and found.day > latest:
        raise DateError(f"日期「{written}」晚于 {latest}，请核对是否写错年份")
    return found
