"""What does not agree within one row, before the register is asked anything."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.kernel.dates import Precision, WrittenDate

Finding = tuple[str, str, bool]
_OUTSIDE_QUOTA: Final = frozenset({"total", "E1", "E2"})
_SEX_LABELS: Final = {"1": "男", "2": "女"}
_YOUNGEST_AT_WORK: Final = 14


def totals_agree(values: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The approved total against the sum of the types beside it; filed headcount and the non-quota cap are not 编制."""
    total = values.get("approved.total")
    parts = [
        number
        for key, number in values.items()
        if key.startswith("approved.") and key.removeprefix("approved.") not in _OUTSIDE_QUOTA
    ]
    if total is None or not parts or total == sum(parts):
        return ()
    difference = abs(total - sum(parts))
    message = f"核定编制总数写 {total}，各类编制相加为 {sum(parts)}，相差 {difference}，请核对"
    return (("approved.total", message, False),)


def identity_agrees(values: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Birth and sex as written against what the identity number says (R16); the personnel file may rightly differ."""
    number: str | None = values.get("id_number")
    if number is None:
        return ()
    found: list[Finding] = []
    birth: WrittenDate | None = values.get("birth")
    own = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if birth is not None and not _same_birth(birth, own):
        message = (
            f"出生日期写 {birth}，身份证号中是 {own.year}年{own.month}月{own.day}日，两者不一致；以档案认定为准的请注明"
        )
        found.append(("birth", message, False))
    sex = values.get("sex")
    own_sex = "1" if int(number[16]) % 2 else "2"
    if sex in _SEX_LABELS and sex != own_sex:
        message = f"性别写“{_SEX_LABELS[sex]}”，按身份证号应为“{_SEX_LABELS[own_sex]}”，请核对"
        found.append(("sex", message, False))
    return tuple(found)


def _same_birth(birth: WrittenDate, own: date) -> bool:
    if birth.precision is Precision.YEAR:
        return birth.day.year == own.year
    if birth.precision is Precision.MONTH:
        return (birth.day.year, birth.day.month) == (own.year, own.month)
    return birth.day == own


def dates_in_order(values: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Born, started work, entered the quota, left it: in that order."""
    found: list[Finding] = []
    birth, started = values.get("birth"), values.get("started_work_on")
    enlisted, exited = values.get("enlisted_on"), values.get("exited_on")
    if birth and started and started.last_day.year - birth.day.year < _YOUNGEST_AT_WORK:
        message = f"参加工作时间 {started} 距出生日期 {birth} 不足 {_YOUNGEST_AT_WORK} 年，请核对"
        found.append(("started_work_on", message, False))
    if enlisted and exited and exited.last_day < enlisted.day:
        found.append(("exited_on", f"出编时间 {exited} 早于入编时间 {enlisted}，请核对", True))
    return tuple(found)


def changes_agree(values: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Within a ledger row: before + change = after, and 增减 = 增 − 减."""
    found: list[Finding] = []
    increase, decrease, delta = values.get("increase"), values.get("decrease"), values.get("delta")
    before, after = values.get("balance_before"), values.get("balance")
    change = (increase or 0) - abs(decrease or 0) if increase is not None or decrease is not None else delta
    if delta is not None and change is not None and delta != change:
        found.append(("delta", f"增减数写 {delta}，按增、减两列应为 {change}，请核对", True))
    if before is not None and after is not None and change is not None and before + change != after:
        message = f"变动前 {before}，变动 {change:+d}，变动后应为 {before + change}，表中写 {after}，请核对"
        found.append(("balance", message, False))
    return tuple(found)
