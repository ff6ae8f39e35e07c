"""Reading what was typed into a form into the values JSON keeps, with what stands against it in Chinese.

A draft keeps everything: what cannot be read stays as it was typed, and is only told. When a case is sent in, every
objection refuses it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.kernel.characters import sound
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.dates import DateError, require_date
from bianzhi.kernel.digests import canonical_json
from bianzhi.kernel.identifiers.document_number import parse_document_number
from bianzhi.kernel.numbers import NumberError, parse_whole_number
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.matters.rules.fields import CODES, KEYS, MOST_ROWS, FieldSpec, Kind

MISSING: Final = "M01"
UNREADABLE: Final = "M02"
TOO_LARGE: Final = "M03"
LARGEST_FORM: Final = 256 * 1024
"""Bytes of a form's JSON: a table of two hundred long rows fits, a book pasted into a field doesn't."""
LONGEST_RAW: Final = 4000
"""Characters kept of what could not be read."""
LARGEST_KEY: Final = 2**63 - 1
DOCUMENT_PARTS: Final[Mapping[str, tuple[str, int]]] = {
    "doc_no": ("文号", 120),
    "title": ("标题", 300),
    "issuer": ("发文机关", 120),
    "issuer_level": ("发文层级", 12),
    "kind": ("文件种类", 20),
    "issued_on": ("成文日期", 10),
}


class _Unreadable(ValueError):
    """A value is not what its field holds; the message says what is wrong, in Chinese."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A form as JSON keeps it, and what stands against it."""

    values: dict[str, Any]
    objections: list[Objection] = field(default_factory=list)


def clean(specs: Sequence[FieldSpec], submitted: Mapping[str, Any], *, complete: bool = True) -> Cleaned:
    """Read a form. With `complete`, required fields must be filled; a draft keeps what can't be read as it was typed.

    Only fields of the form are kept; one that is not asked for with these values is left out when complete.
    """
    values, found = _clean_row(specs, submitted, where="", keep=not complete)
    if complete:
        values = {spec.name: values[spec.name] for spec in specs if spec.name in values and spec.applies(values)}
        found = [*found, *_missing(specs, values, where="")]
        found += objections_to_secrecy(**_texts(specs, values))
    if len(canonical_json(values).encode()) > LARGEST_FORM:
        message = f"表单内容超过 {LARGEST_FORM // 1024} KB"
        found.append(Objection(TOO_LARGE, message, Severity.BLOCK, {}, "请删减，长篇内容请作为附件上传"))
    return Cleaned(values, found)


def is_blank(value: Any) -> bool:
    """Whether a field was left empty; 0 and 否 are answers."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping):
        return all(is_blank(part) for name, part in value.items() if name not in ("issuer_level", "kind"))
    return value is None or (isinstance(value, Sequence) and not value)


def _clean_row(
    specs: Sequence[FieldSpec], submitted: Mapping[str, Any], *, where: str, keep: bool
) -> tuple[dict[str, Any], list[Objection]]:
    values: dict[str, Any] = {}
    found: list[Objection] = []
    for spec in specs:
        given = submitted.get(spec.name)
        if is_blank(given):
            continue
        if spec.kind == Kind.TABLE:
            values[spec.name], inside = _table(spec, given, keep=keep)
            found += inside
            continue
        try:
            values[spec.name] = _READERS[Kind(spec.kind)](spec, given)
        except (_Unreadable, DateError, NumberError) as error:
            message = f"{where}“{spec.label}”：{str(error).rstrip('。')}"
            found.append(Objection(UNREADABLE, message, Severity.BLOCK, {"field": spec.name}, "请改正后重新提交"))
            if keep:
                values[spec.name] = as_typed(given)
    return values, found


def as_typed(value: Any) -> Any:
    """What was typed, in a form JSON can hold, cut where nobody types that much."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {sound(str(name))[:40]: as_typed(part) for name, part in list(value.items())[:20]}
    if isinstance(value, list | tuple):
        return [as_typed(part) for part in value[:MOST_ROWS]]
    return sound(str(value))[:LONGEST_RAW]


def _missing(specs: Sequence[FieldSpec], values: Mapping[str, Any], *, where: str) -> list[Objection]:
    """One objection for everything left out of the form or of one row of a table."""
    names = [spec.label for spec in specs if spec.required and spec.applies(values) and is_blank(values.get(spec.name))]
    found = []
    if names:
        message = f"{where}未填写：{'、'.join(names)}"
        found.append(Objection(MISSING, message, Severity.BLOCK, {"未填": len(names)}, "请补充后重新提交"))
    for spec in specs:
        if spec.kind == Kind.TABLE and spec.applies(values):
            for number, row in enumerate(values.get(spec.name) or (), start=1):
                found += _missing(spec.columns, row, where=f"“{spec.label}”第 {number} 行")
    return found


def _texts(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, str]:
    """Every text of the form under its label, for the question of secrecy (R27)."""
    found: dict[str, str] = {}
    for spec in specs:
        value = values.get(spec.name)
        if isinstance(value, str):
            found[spec.label] = value
        elif spec.kind == Kind.DOCUMENT and value:
            found |= {f"{spec.label}{label}": str(value.get(name, "")) for name, (label, _) in DOCUMENT_PARTS.items()}
        elif spec.kind == Kind.TABLE and value:
            for row in value:
                for label, text in _texts(spec.columns, row).items():
                    found[label] = f"{found.get(label, '')} {text}"
    return found


def _table(spec: FieldSpec, given: Any, *, keep: bool) -> tuple[list[dict[str, Any]], list[Objection]]:
    """The rows of a table; rows with nothing in them are left out."""
    if not isinstance(given, list | tuple) or not all(isinstance(row, Mapping) for row in given):
        message = f"“{spec.label}”不是表格"
        return [], [Objection(UNREADABLE, message, Severity.BLOCK, {"field": spec.name}, "请刷新页面后重新填写")]
    rows: list[dict[str, Any]] = []
    found: list[Objection] = []
    for number, row in enumerate(given[:MOST_ROWS], start=1):
        values, inside = _clean_row(spec.columns, row, where=f"“{spec.label}”第 {number} 行", keep=keep)
        found += inside
        if values:
            rows.append(values)
    most = spec.maximum or MOST_ROWS
    if len(given) > most:
        message = f"“{spec.label}”共 {len(given)} 行，最多 {most} 行"
        found.append(Objection(TOO_LARGE, message, Severity.BLOCK, {"行数": len(given)}, "请分次办理"))
    return rows, found


def _line(spec: FieldSpec, given: Any) -> str:
    return _within(spec, " ".join(_text(given).split()))


def _paragraphs(spec: FieldSpec, given: Any) -> str:
    lines = _text(given).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _within(spec, "\n".join(line.rstrip() for line in lines).strip("\n"))


def _text(given: Any) -> str:
    if isinstance(given, bool | Mapping | list | tuple):
        raise _Unreadable("应为文字")
    return sound(str(given))


def _within(spec: FieldSpec, text: str) -> str:
    if len(text) > spec.longest:
        raise _Unreadable(f"最多 {spec.longest} 个字，现为 {len(text)} 个字")
    return text


def _integer(spec: FieldSpec, given: Any) -> int:
    number = parse_whole_number(given, negative=spec.minimum is not None and spec.minimum < 0)
    if number is None:
        raise _Unreadable("应为整数")
    if spec.minimum is not None and number < spec.minimum:
        raise _Unreadable(f"不小于 {spec.minimum}，现为 {number}")
    if spec.maximum is not None and number > spec.maximum:
        raise _Unreadable(f"不大于 {spec.maximum}，现为 {number}")
    return number


def _day(spec: FieldSpec, given: Any) -> str:
    return require_date(given).day.isoformat()


_YES: Final = frozenset({"true", "1", "on", "yes", "是"})
_NO: Final = frozenset({"false", "0", "off", "no", "否"})


def _yes_no(spec: FieldSpec, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = _text(given).strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise _Unreadable("请选择是或否")


def _choice(spec: FieldSpec, given: Any) -> str:
    return _among(_text(given), [value for value, _ in spec.options])


def _code(spec: FieldSpec, given: Any) -> str:
    offered = [value for value, _ in spec.options]
    return _among(_text(given), offered or [entry.code for entry in codes(CODES.get(spec.kind) or spec.choices_of)])


def _quota_type(spec: FieldSpec, given: Any) -> str:
    return _among(_text(given), quota_types())


def _among(value: str, allowed: Sequence[str] | Mapping[str, Any]) -> str:
    if value not in allowed:
        raise _Unreadable(f"“{value[:20]}”不在可选范围内，请从列表中选择")
    return value


def _key(spec: FieldSpec, given: Any) -> int:
    text = _text(given).strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) <= LARGEST_KEY):
        raise _Unreadable(f"没有找到“{text[:20]}”，请从列表中选择")
    return int(text)


def _document(spec: FieldSpec, given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise _Unreadable("应为批准文件")
    parts = {}
    for name, (label, longest) in DOCUMENT_PARTS.items():
        text = given.get(name)
        if is_blank(text):
            raise _Unreadable(f"缺少{label}")
        parts[name] = " ".join(_text(text).split())
        if len(parts[name]) > longest:
            raise _Unreadable(f"{label}最多 {longest} 个字，现为 {len(parts[name])} 个字")
    parts["doc_no"] = parse_document_number(parts["doc_no"]).text
    day = given["issued_on"]
    parts["issued_on"] = (day if isinstance(day, date) else require_date(day).day).isoformat()
    return parts


def _evidence(spec: FieldSpec, given: Any) -> list[str]:
    if not isinstance(given, list | tuple):
        raise _Unreadable("应为材料清单")
    return list(dict.fromkeys(_line(spec, each) for each in given[:50]))


_READERS: Final[Mapping[Kind, Callable[[FieldSpec, Any], Any]]] = {
    Kind.TEXT: _line,
    Kind.TEXTAREA: _paragraphs,
    Kind.INTEGER: _integer,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CODE: _code,
    Kind.QUOTA_TYPE: _quota_type,
    Kind.DOCUMENT: _document,
    Kind.EVIDENCE: _evidence,
    **{Kind(kind): _code for kind in CODES},
    **dict.fromkeys(KEYS, _key),
}
