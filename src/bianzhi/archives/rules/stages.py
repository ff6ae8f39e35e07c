"""The stages of a file from its arrival to the moment a person describes it, in their order.

The order is the safety of the archive: nothing is opened before it was checked for malware, nothing is kept before
it was read and found to bear no mark of secrecy (R27), nothing is proposed before it is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; what a file passed under another version is done again as long as the file is on its way."""

    name: str
    title: str
    version: str = "1"


STAGES: Final = (
    Stage("receive", "接收完整"),
    Stage("scan", "隔离查毒"),
    Stage("digest", "计算摘要（SHA-256、SM3）"),
    Stage("unique", "查重"),
    Stage("identify", "识别格式与安全检查"),
    Stage("unpack", "拆开压缩包"),
    Stage("read", "识读文字（文本层优先，校正、版面、文字识别、阅读顺序）", "2"),
    Stage("secrecy", "密级检查"),
    Stage("keep", "保存原件"),
    Stage("images", "生成页面图像"),
    Stage("split", "分件"),
    Stage("candidates", "提取著录项"),
    Stage("suggest", "建议单位、门类和期限"),
)
"""After the last of them a file waits for a person."""

BY_NAME: Final = {stage.name: stage for stage in STAGES}


def remaining(passed: Mapping[str, str]) -> list[Stage]:
    """The stages still to be done: from the first not passed under its present version on. `passed` is version by name.

    What follows a stage that is done again is done again as well.
    """
    for place, stage in enumerate(STAGES):
        if passed.get(stage.name) != stage.version:
            return list(STAGES[place:])
    return []


def title_of(name: str) -> str:
    """What a stage is called on the pages; the name itself when it is none."""
    return BY_NAME[name].title if name in BY_NAME else name
