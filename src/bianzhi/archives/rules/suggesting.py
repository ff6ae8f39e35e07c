"""What is proposed for a draft beyond what stands on its pages: category, term of keeping, year.

Terms follow 机关文件材料归档范围和文书档案保管期限规定 (国家档案局令第8号): what founds a body, its quota, its posts
and its reorganisation is kept for good; other business 30 years; routine 10 years. A person confirms.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

RULE: Final = "国家档案局令第8号"
_FOR_GOOD_KINDS: Final = frozenset({"批复", "决定", "命令", "条例", "规定", "纪要", "决议", "三定规定", "方案"})
_FOR_GOOD_WORDS: Final = re.compile(
    "三定|主要职责|职能配置|内设机构|人员编制规定|设立|撤销|合并|更名|划转|机构改革|领导职数|机构规格|挂牌"
    "|(?:核定|核增|核减|增加|减少|收回|调整|划转).{0,16}(?:编制|职数)"
)
_ROUTINE: Final = re.compile("会议通知|值班|放假|培训|征求意见|节假日|转发.*通知|参加|报名|收文|简报")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value proposed for a field, how sure it is (0 to 1) and by what."""

    field: str
    value: str
    confidence: float
    method: str


def suggest_retention(title: str, language: str) -> Suggestion:
    """Y, D30 or D10 by what the paper decides."""
    if _ROUTINE.search(title):
        return Suggestion("retention", "D10", 0.6, f"事务性文件（{RULE}）")
    if _FOR_GOOD_WORDS.search(title):
        return Suggestion("retention", "Y", 0.9, f"题名涉及机构、编制或职数（{RULE}）")
    if language in _FOR_GOOD_KINDS:
        return Suggestion("retention", "Y", 0.7, f"文种为{language}（{RULE}）")
    return Suggestion("retention", "D30", 0.5, f"一般业务文件（{RULE}）")


def suggest_category(code: str, name: str) -> Suggestion:
    """The category official papers belong to."""
    return Suggestion("category", code, 0.8, f"公文归入{name}门类")


def suggest_year(dated_on: str) -> Suggestion | None:
    """The year of the date of the paper (ISO text); None where it is no date."""
    try:
        year = date.fromisoformat(dated_on).year
    except ValueError:
        return None
    return Suggestion("year", str(year), 0.9, "成文日期所在年度")
