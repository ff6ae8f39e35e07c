"""One cell into one typed value, or a sentence saying why not. Nothing is repaired by guessing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final

from bianzhi.common.tabular.cells import EXACT_DIGITS, CellValue, text_of
from bianzhi.common.tabular.kinds import Field, ValueKind
from bianzhi.kernel.characters import compact
from bianzhi.kernel.dates import DateError, parse_date
from bianzhi.kernel.identifiers.credit_code import CreditCodeError, parse_credit_code
from bianzhi.kernel.identifiers.document_number import parse_document_number
from bianzhi.kernel.identifiers.id_number import IdNumberError, parse_id_number
from bianzhi.kernel.names import name_problems, normalise_organisation_name, normalise_person_name
from bianzhi.kernel.numbers import NumberError, parse_whole_number

_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?[Ee]\+\d{1,3}")
_TRAILING_ZERO: Final = re.compile(r"(\d+)\.0+")
_SPACE_IN_CHINESE: Final = re.compile(r"(?<=[^\x00-\xff])\s+(?=[^\x00-\xff])")
_DAMAGED: Final = (
    f"{{label}}超过 {EXACT_DIGITS} 位，已被表格软件当作数字损坏，无法还原，请把该列设为文本格式后按原件重新填写"
)
_NOTHING: Final = frozenset({"", "-", "--", "—", "——", "/", "\\"})
_YES: Final = frozenset({"是", "有", "√", "✓", "✔", "y", "yes", "1", "需要", "需", "进行", "对"})
_NO: Final = frozenset({"否", "无", "×", "x", "✗", "n", "no", "0", "不需要", "不", "不进行", "非"})


class ValueProblem(ValueError):
    """A cell cannot be read as its field asks; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell was read as; `remark` is what its reader should be told although it could be read."""

    value: Any = None
    remark: str = ""


Reader = Callable[[CellValue, str, Field, "date | None"], Reading]


def read_value(value: CellValue, field: Field, *, latest: date | None = None) -> Reading:
    """Read a cell as the field asks; a blank cell or a dash reads as None. Raises ValueProblem.

    `latest` is the last day a date may name, usually today: it settles two-digit years.
    """
    text = text_of(value)
    if text in _NOTHING:
        return Reading()
    return READERS[field.kind](value, text, field, latest)


def _text(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    return Reading(_SPACE_IN_CHINESE.sub("", " ".join(text.split())))


def _long_text(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return Reading("\n".join(line for line in lines if line))


def _person_name(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    return Reading(normalise_person_name(text), "；".join(name_problems(text)))


def _organization(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    name = normalise_organisation_name(text)
    if name.replace(".", "").isdigit():
        raise ValueProblem(f"「{text}」是数字，不像单位名称，请检查是否填错列")
    return Reading(name)


def _code(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    if isinstance(value, int | float) and abs(value) >= 10**EXACT_DIGITS:
        raise ValueProblem(_DAMAGED.format(label=field.label))
    plain = compact(text)
    if _SCIENTIFIC.fullmatch(plain):
        raise ValueProblem(
            f"{field.label}「{text}」已变成科学计数法，原代码无法还原，请把该列设为文本格式后按原件重新填写"
        )
    if found := _TRAILING_ZERO.fullmatch(plain):
        plain = found[1]
    return Reading(plain)


def _count(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    if isinstance(value, bool | date | time | timedelta):
        raise ValueProblem(f"「{text}」不是人数或编制数，请填整数（该单元格可能被设成了日期格式）")
    try:
        return Reading(parse_whole_number(value, negative=field.kind is ValueKind.SIGNED_COUNT))
    except NumberError as error:
        raise ValueProblem(str(error)) from error


def _date(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    if isinstance(value, bool | time | timedelta):
        raise ValueProblem(f"「{text}」不是日期，请写成“1987年6月5日”“1987-06-05”或“1987.06”")
    try:
        found = parse_date(value, latest=latest)
    except DateError as error:
        raise ValueProblem(str(error)) from error
    return Reading(found, found.remark if found else "")


def _id_number(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    if isinstance(value, int | float) and abs(value) >= 10**EXACT_DIGITS:
        raise ValueProblem(_DAMAGED.format(label=field.label))
    try:
        found = parse_id_number(text)
    except IdNumberError as error:
        raise ValueProblem(str(error)) from error
    return Reading(found.value, "15 位旧身份证号已按国家标准换算为 18 位，请核对" if found.was_fifteen else "")


def _credit_code(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    try:
        found = parse_credit_code(text, allow_flagged=True)
    except CreditCodeError as error:
        raise ValueProblem(str(error)) from error
    remark = "" if found.is_sound else f"统一社会信用代码{'、'.join(found.flags)}，请与证书逐位核对"
    return Reading(found.value, remark)


def _document_number(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    found = parse_document_number(text)
    return Reading(found.text, found.remark)


def _choice(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    if field.choices is None:
        raise TypeError(f"field {field.key} is a choice without choices")
    code = field.choices.read(text)
    if code is not None:
        return Reading(code)
    message = f"「{text}」不是已知的{field.choices.name}，可填：{_some(field.choices.labels)}"
    if field.choices.closed:
        raise ValueProblem(message)
    return Reading(None, f"{message}；已按空白处理")


def _some(labels: tuple[str, ...]) -> str:
    return "、".join(labels[:8]) + (" 等" if len(labels) > 8 else "")


def _yes_no(value: CellValue, text: str, field: Field, latest: date | None) -> Reading:
    if isinstance(value, bool):
        return Reading(value)
    plain = compact(text).casefold()
    if plain in _YES:
        return Reading(True)
    if plain in _NO:
        return Reading(False)
    raise ValueProblem(f"「{text}」不是“是”或“否”")


READERS: Final[dict[ValueKind, Reader]] = {
    ValueKind.TEXT: _text,
    ValueKind.LONG_TEXT: _long_text,
    ValueKind.PERSON_NAME: _person_name,
    ValueKind.ORGANIZATION: _organization,
    ValueKind.CODE: _code,
    ValueKind.COUNT: _count,
    ValueKind.SIGNED_COUNT: _count,
    ValueKind.DATE: _date,
    ValueKind.ID_NUMBER: _id_number,
    ValueKind.CREDIT_CODE: _credit_code,
    ValueKind.DOCUMENT_NUMBER: _document_number,
    ValueKind.CHOICE: _choice,
    ValueKind.YES_NO: _yes_no,
}
