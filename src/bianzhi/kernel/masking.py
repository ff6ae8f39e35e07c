"""Personal data shown to those who may not see it whole. Revealing is an audited act elsewhere."""

import re
from typing import Final

STAR: Final = "*"
COMPOUND_SURNAMES: Final = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 "
    "仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 百里 呼延 东郭 南门 西门 公西 颛孙 拓跋".split()
)


def mask_id_number(value: str) -> str:
    """Keep the region and the last character: 33069919870605123X becomes 330699***********X. Too short: all stars.

    Not the last four, as is often seen: the birth date stands in the next column, and both together give the number.
    """
    if len(value) < 15:
        return STAR * len(value)
    return f"{value[:6]}{STAR * (len(value) - 7)}{value[-1]}"


def mask_name(value: str) -> str:
    """Keep the surname: 张三 becomes 张*, 欧阳修文 becomes 欧阳**; a name with a dot keeps its first part's first character."""
    kept = 2 if value[:2] in COMPOUND_SURNAMES and len(value) > 2 else 1
    return value[:kept] + STAR * (len(value) - kept)


def mask_phone(value: str) -> str:
    """Keep the first three and last four digits of a mobile number, the last two of any other."""
    digits = re.sub(r"\D", "", value)
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}{STAR * 4}{digits[-4:]}"
    return f"{STAR * max(len(digits) - 2, 0)}{digits[-2:]}" if len(digits) > 4 else STAR * len(digits)
