"""Personal data shown to those who may not see it whole. Revealing is an audited act elsewhere."""

import re
from typing import Final

from bianzhi.kernel.identifiers.credit_code import CreditCodeError, parse_credit_code

STAR: Final = "*"
_ID_NUMBERS: Final = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")
COMPOUND_SURNAMES: Final = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
        "仲孙钟离长孙宇文司徒鲜于司空令狐百里呼延东郭南门西门公西颛孙拓跋",
    )
)


_BORN: Final = (
    r"(?:1\s?9|2\s?0)", "[0-9]", "[0-9]", r"(?:0\s?[1-9]|1\s?[0-2])", r"(?:0\s?[1-9]|[12]\s?[0-9]|3\s?[01])",
)  # fmt: skip
_ID_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z])" + r"\s?".join(["[1-9]", *["[0-9]"] * 5, *_BORN, *["[0-9]"] * 3, "[0-9Xx]"]) + r"(?![0-9A-Za-z])"
)
"""As it is printed: a text layer or a recognition may have put a space between any two characters."""
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z])1[3-9](?:[ -]?[0-9]){9}(?![0-9A-Za-z])")


def mask_numbers(text: str) -> str:
    """A text for many readers, with every ID number and mobile number in it masked; credit codes stay."""
    if not any(character.isdigit() for character in text):
        return text
    return _MOBILE.sub(lambda found: mask_phone(found[0]), _ID_NUMBER.sub(_masked_number, text))


def _masked_number(found: re.Match[str]) -> str:
    plain = "".join(found[0].split())
    return found[0] if _is_credit_code(plain) else mask_id_number(plain)


def _is_credit_code(text: str) -> bool:
    """Agencies and institutions have eighteen characters too, which may all be digits."""
    try:
        parse_credit_code(text)
    except CreditCodeError:
        return False
    return True


def mask_id_number(value: str) -> str:
    """Keep the region and the last character: 33069919870605123X becomes 330699***********X. Too short: all stars.

    Not the last four, as is often seen: the birth date stands in the next column, and both together give the number.
    """
    if len(value) < 15:
        return STAR * len(value)
    return f"{value[:6]}{STAR * (len(value) - 7)}{value[-1]}"


def without_id_numbers(text: str) -> str:
    """The text with every number that looks like a citizen's ID number masked."""
    return _ID_NUMBERS.sub(lambda found: mask_id_number(found[0]), text)


def mask_name(value: str) -> str:
    """Keep the surname, or the first character of a name without one: 张三 becomes 张*, 欧阳修文 becomes 欧阳**."""
    kept = 2 if value[:2] in COMPOUND_SURNAMES and len(value) > 2 else 1
    return value[:kept] + STAR * (len(value) - kept)


def mask_phone(value: str) -> str:
    """Keep the first three and last four digits of a mobile number, the last two of any other."""
    digits = re.sub(r"\D", "", value)
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}{STAR * 4}{digits[-4:]}"
    return f"{STAR * max(len(digits) - 2, 0)}{digits[-2:]}" if len(digits) > 4 else STAR * len(digits)
