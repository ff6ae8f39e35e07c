"""What each department shows of a change, in words an official reads; identity numbers stay masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.kernel.masking import mask_id_number
from bianzhi.reconciliation.sources import DEPARTMENTS

WHAT: Final[Mapping[str, str]] = {
    "entered": "新列入",
    "moved": "单位变化",
    "gone": "不再列入",
    "told": "记为离开",
    "changed": "内容变化",
    "agrees": "记录相符",
}
VALUES: Final[Mapping[str, str]] = {
    "on_quota": "在职",
    "dead": "死亡",
    "retired": "退休",
    "left": "已离开",
    "stopped": "停发",
    "non_quota": "编外",
}
FIELDS: Final[Mapping[str, str]] = {
    "name": "姓名",
    "id_number": "身份证号",
    "birth": "出生日期",
    "sex": "性别",
    "quota_type": "编制类型",
    "funding": "经费形式",
}
NAMES: Final = dict(DEPARTMENTS)
DAY_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class ShownSignal:
    """One department's part in a change: `source` is its code, the others are words."""

    source: str
    department: str
    what: str
    before: str
    after: str


def signals_of(evidence: Mapping[str, Any]) -> Iterator[ShownSignal]:
    """The signals of a change's evidence; what does not look like one is left out."""
    found = evidence.get("signals")
    attribute = str(evidence.get("field") or "")
    for signal in found if isinstance(found, list) else ():
        if isinstance(signal, Mapping):
            source, what = str(signal.get("source") or ""), str(signal.get("what") or "")
            yield ShownSignal(
                source,
                NAMES.get(source, source),
                WHAT.get(what, what),
                value_words(attribute, signal.get("before")),
                value_words(attribute, signal.get("after")),
            )


def value_words(attribute: str, value: Any) -> str:
    """What stands in an attribute, in words; numbers masked, days as 1990-05-06 (00 where only the month is known)."""
    text = str(value or "")
    if attribute == "id_number":
        return mask_id_number(text)
    if attribute == "birth" and len(text) == DAY_DIGITS and text.isdigit():
        return "-".join(part for part in (text[:4], text[4:6], text[6:]) if part != "00")
    return VALUES.get(text, text)
