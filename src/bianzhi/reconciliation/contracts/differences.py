"""What a new version of a contract changes, in sentences an official can read before publishing it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bianzhi.reconciliation.contracts.columns import COLUMN_LABELS
from bianzhi.reconciliation.contracts.shape import fields_of, part_of, texts_of

_FIELD_PARTS: Final = (
    ("title", "列名"),
    ("type", "类型"),
    ("description", "说明"),
)
_RULES: Final = (
    ("required", "必填"),
    ("pattern", "格式（正则表达式）"),
    ("maxLength", "最大长度"),
    ("enum", "代码表"),
)
_HUB: Final = (("format", "内容格式"), ("codes", "代码表"), ("closed", "只许代码表中的值"))
_WHOLE: Final = (("primaryKey", "主键"), ("missingValues", "视为空白的写法"))
_WHOLE_HUB: Final = (("period", "报送周期"), ("due_day", "报送日"), ("stale_days", "超期天数"), ("owner", "负责人"))
_LONGEST: Final = 60


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """One sentence for each thing that is different; empty when both mean the same."""
    return [*_fields(_by_name(before), _by_name(after)), *_parts("", before, after, _WHOLE), *_hub(before, after)]


def _by_name(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(one.get("name", "")): one for one in fields_of(schema)}


def _fields(before: dict[str, Mapping[str, Any]], after: dict[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, one in after.items():
        if name not in before:
            yield f"新增字段“{_title(one)}”{_fed(one)}"
    for name, one in before.items():
        if name not in after:
            yield f"删去字段“{_title(one)}”{_fed(one)}"
    for name, one in after.items():
        if name in before:
            yield from _field(before[name], one)
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield "字段的顺序变了"


def _field(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    where = f"字段“{_title(after)}”"
    yield from _parts(where, before, after, _FIELD_PARTS)
    yield from _parts(where, part_of(before, "constraints"), part_of(after, "constraints"), _RULES)
    old, new = part_of(before, "hub"), part_of(after, "hub")
    if old.get("column", "") != new.get("column", ""):
        yield f"{where}对应的名册列由“{_column(old)}”改为“{_column(new)}”"
    yield from _parts(where, old, new, _HUB)
    yield from _headings(where, texts_of(old, "headings"), texts_of(new, "headings"))


def _headings(where: str, before: list[str], after: list[str]) -> Iterator[str]:
    added = [heading for heading in after if heading not in before]
    dropped = [heading for heading in before if heading not in after]
    if added:
        yield f"{where}增加叫法：{'、'.join(added)}"
    if dropped:
        yield f"{where}删去叫法：{'、'.join(dropped)}"


def _hub(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    yield from _parts("", part_of(before, "hub"), part_of(after, "hub"), _WHOLE_HUB)


def _parts(
    where: str, before: Mapping[str, Any], after: Mapping[str, Any], named: tuple[tuple[str, str], ...]
) -> Iterator[str]:
    for key, label in named:
        old, new = before.get(key), after.get(key)
        if (old or None) != (new or None):
            yield f"{where}{'的' if where else ''}{label}由“{_said(old)}”改为“{_said(new)}”"


def _said(value: object) -> str:
    if value in (None, "", [], {}):
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return _short("、".join(f"{code}={word}" for code, word in value.items()))
    if isinstance(value, list | tuple):
        return _short("、".join(str(one) or "空白" for one in value))
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _title(one: Mapping[str, Any]) -> str:
    return str(one.get("title") or one.get("name") or "")


def _fed(one: Mapping[str, Any]) -> str:
    column = str(part_of(one, "hub").get("column", ""))
    return f"（对应“{COLUMN_LABELS.get(column, column)}”）" if column else ""


def _column(hub: Mapping[str, Any]) -> str:
    column = str(hub.get("column", ""))
    return COLUMN_LABELS.get(column, column) or "无"
