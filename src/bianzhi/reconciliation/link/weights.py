"""What each agreement or disagreement of two rows weighs, in bits: declared here, or trained (`link.training`).

A weight is log2 of how much likelier the observation is of one person than of two. The declared figures come from the
error rates and frequencies in exchange.md §4 (a name is shared by about one in two thousand, a birthday by one in
fourteen thousand, a unit by one in several hundred once the block is allowed for). All are whole numbers, so that sums
are the same on every engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Scale = Mapping[str, int]

NAME: Final[Scale] = {"same": 11, "near": 6, "near_short": 3, "given": 5}
BIRTH: Final[Scale] = {"2": 13, "1": 8, "0": 0, "-1": -3, "-2": -8}
HOME: Final[Scale] = {"same": 9, "other": -4, "unknown": 0}
NUMBER: Final[Scale] = {"near": 14, "first_digits": 6, "none": 0, "differs": -10}
AUTO: Final = 15
REVIEW: Final = 11
TITLES: Final = {"name": "姓名", "birth": "出生日期", "home": "单位", "number": "身份证号"}
LEVEL_TITLES: Final = {
    "same": "相同",
    "near": "相近",
    "near_short": "两字名有一字不同",
    "given": "只有姓不同",
    "other": "不同",
    "unknown": "未知",
    "first_digits": "前十五位相同",
    "none": "无可用号码",
    "differs": "不同",
    "2": "年月日相同",
    "1": "年月相同",
    "0": "未知",
    "-1": "相近",
    "-2": "不同",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """A scale for each comparison, and where they come from ("declared" or "trained")."""

    origin: str = "declared"
    scales: Mapping[str, Scale] = field(
        default_factory=lambda: {"name": NAME, "birth": BIRTH, "home": HOME, "number": NUMBER}
    )


DECLARED: Final = Weights()
