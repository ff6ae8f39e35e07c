"""Personal data shown to those who may not see it whole. Revealing is an audited act elsewhere."""

import re
from typing import Final

STAR: Final = "*"
COMPOUND_SURNAMES: Final = frozenset(
    re.findall(
        "..",
        "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容"
        "仲孙钟离长孙宇文司徒鲜于司空令狐百里呼延东郭南门西门公西颛孙拓跋",
    )
)


def mask_id_number(value: str) -> str:
    """Keep the region and the last character: 33069919870605123X becomes 330699***********X. Too short: all stars.

    Not the last four, as is often seen: the birth date stands in the next column, and both together give the number.
    """
    if len(value) < 15:
        return STAR * len(value)
    return f"{value[:6]}{STAR * (len(value) - 7)}{value[-1]}"


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
