"""Whole numbers as officials write them: 12, １２, 12.0, 12人, 1,234, 十二. A blank is not a nought."""

import re
from collections.abc import Mapping
from typing import Final

from bianzhi.kernel.characters import compact

_DIGITS: Final[Mapping[str, int]] = {
    "〇": 0, "○": 0, "零": 0, "一": 1, "壹": 1, "二": 2, "贰": 2, "两": 2, "三": 3, "叁": 3, "四": 4, "肆": 4, "五": 5,
    "伍": 5, "六": 6, "陆": 6, "七": 7, "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
}  # fmt: skip
_UNITS: Final[Mapping[str, int]] = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS: Final[Mapping[str, int]] = {"廿": 20, "卅": 30}
_CHINESE: Final = frozenset([*_DIGITS, *_UNITS, *_TENS, "万"])
_COUNTERS: Final = re.compile(
    r"\(?(?:个编制|个岗位|个|人次|人|名|岗|位|员额|名额|编制|职数|编|所|家|年|岁|元|次|条|页)\)?$"
)
_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.0*)?")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.0*)?")
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_BLANK: Final = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "空", "不详"})
_LONGEST: Final = 15


class NumberError(ValueError):
    """A text is not a whole number; the message says why, in Chinese."""


def parse_whole_number(value: object, *, negative: bool = False) -> int | None:
    """Read a cell as a whole number; None when it is blank (a dash, 「无」 and an empty cell are blank, 0 is not).

    Negative numbers are refused unless `negative` is allowed. Raises NumberError with a Chinese explanation.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NumberError(f"「{value}」不是整数")
    number = _from_text(value) if isinstance(value, str) else _from_number(value)
    if number is not None and number < 0 and not negative:
        raise NumberError(f"「{str(value).strip()}」是负数，此处应为 0 或正整数")
    return number


def _from_number(value: float) -> int:
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise NumberError(f"「{value}」不是整数，此处不能有小数")
    if abs(value) >= 10**_LONGEST:
        raise NumberError(_too_long(str(value)))
    return int(value)


def _too_long(text: str) -> str:
    told = text if len(text) <= 2 * _LONGEST else f"{text[: 2 * _LONGEST]}…"
    return f"「{told}」位数过多，不像人数或编制数，请检查是否填错列"


def _from_text(value: str) -> int | None:
    plain = compact(value).replace("，", ",").replace("−", "-").replace("－", "-").replace("'", "")
    if plain in _BLANK:
        return None
    counted = _COUNTERS.sub("", plain).removeprefix("共").removeprefix("计")
    if _PLAIN.fullmatch(counted) or _GROUPED.fullmatch(counted):
        digits = counted.replace(",", "").split(".")[0]
        if len(digits) > _LONGEST:
            raise NumberError(_too_long(value.strip()))
        return int(digits)
    if _SCIENTIFIC.fullmatch(counted):
        return _from_number(float(counted))
    if counted and set(counted) <= _CHINESE:
        return parse_chinese_number(counted)
    if re.fullmatch(r"[+-]?\d*\.\d+", counted):
        raise NumberError(f"「{value.strip()}」不是整数，此处不能有小数")
    if re.search(r"\d\s*[-~—至到+/]\s*\d", counted):
        raise NumberError(f"「{value.strip()}」是一个范围或多个数，此处应填一个整数")
    raise NumberError(f"「{value.strip()}」不是整数，请填阿拉伯数字")


def parse_chinese_number(text: str) -> int:
    """十二 → 12, 二十三 → 23, 一百零五 → 105, 一万二千 → 12000, 二〇二五 → 2025.

    The spoken short forms 三百五 and 一万二 are refused: on paper they may mean 305 or 350. Raises NumberError when the
    characters do not make a number.
    """
    if all(character in _DIGITS for character in text) and text:
        if len(text) > _LONGEST:
            raise NumberError(_too_long(text))
        if len(text) > 1 and "两" in text:
            raise NumberError(f"「{text}」不是规范的数字")
        return int("".join(str(_DIGITS[character]) for character in text))
    head, myriad, tail = text.rpartition("万")
    if myriad:
        if tail and "千" not in tail and "仟" not in tail and tail[0] not in "零〇○":
            raise NumberError(f"「{text}」不是规范的数字")
        return _below_myriad(head, text) * 10_000 + (_below_myriad(tail, text) if tail else 0)
    return _below_myriad(text, text)


def _below_myriad(part: str, whole: str) -> int:
    """A number below ten thousand written with 千百十; units must fall from left to right."""
    total, digit, last_unit = 0, None, 10_000
    for position, character in enumerate(part):
        if character in _TENS:
            total, last_unit = total + _TENS[character], 10
        elif character in _UNITS:
            unit = _UNITS[character]
            if unit >= last_unit or (digit is None and (unit != 10 or position != 0)):
                raise NumberError(f"「{whole}」不是规范的数字")
            total, digit, last_unit = total + (1 if digit is None else digit) * unit, None, unit
        elif character not in _DIGITS or digit not in (None, 0):
            raise NumberError(f"「{whole}」不是规范的数字")
        else:
            digit = _DIGITS[character]
    if not part or (digit and 10 < last_unit < 10_000 and part[-2] not in "零〇○"):
        raise NumberError(f"「{whole}」不是规范的数字")
    return total + (digit or 0)


def chinese_digits_to_ascii(text: str) -> str:
    """Runs of Chinese numerals inside a text become Arabic ones: 二〇二五年十二月三日 → 2025年12月3日.

    A run that makes no number is left as it is.
    """
    return re.sub(f"[{''.join(sorted(_CHINESE))}]+", _replaced, text)


def _replaced(match: re.Match[str]) -> str:
    try:
        return str(parse_chinese_number(match[0]))
    except NumberError:
        return match[0]
