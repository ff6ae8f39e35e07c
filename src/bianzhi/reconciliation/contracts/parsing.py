"""Reads a contract from its JSON and says in Chinese, field by field, what is wrong with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bianzhi.common.tabular.cells import folded
from bianzhi.reconciliation.contracts.columns import COLUMN_LABELS
from bianzhi.reconciliation.contracts.model import Contract, ContractField, Format, Period
from bianzhi.reconciliation.contracts.patterns import engine_objection, for_the_engine
from bianzhi.reconciliation.sources import DEPARTMENT_CODES

MOST_FIELDS: Final = 200
LONGEST_PATTERN: Final = 200
MOST_CODES: Final = 2_000
_NAME: Final = re.compile(r"[A-Za-z_一-鿿][\w一-鿿]{0,59}")
_TYPES: Final = frozenset({"string", "any", "date", "yearmonth", "number", "integer"})
_UNSAFE_PATTERN: Final = re.compile(r"\(\?<?[=!]|\\\d")


class ContractError(ValueError):
    """A contract cannot be used; `problems` are Chinese sentences, each naming the place."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("；".join(self.problems))


def parse_contract(schema: Mapping[str, Any]) -> Contract:
    """The contract of a Frictionless Table Schema. Raises ContractError naming every problem there is."""
    reader = _Reader()
    contract = reader.contract(schema)
    if reader.problems or contract is None:
        raise ContractError(reader.problems)
    return contract


class _Reader:
    """Collects every problem instead of stopping at the first: whoever edits a contract sees them all."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def contract(self, schema: Mapping[str, Any]) -> Contract | None:
        fields = self._fields(schema.get("fields"))
        hub = self._mapping(schema.get("hub", {}), "hub")
        department = str(hub.get("department", ""))
        if department and department not in DEPARTMENT_CODES:
            self.problems.append(f"部门“{department}”不存在，应为 {'、'.join(DEPARTMENT_CODES)} 之一")
        period = str(hub.get("period", Period.MONTH.value))
        if period not in set(Period):
            self.problems.append(f"报送周期“{period}”不存在，应为 month、quarter、year 之一")
            period = Period.MONTH.value
        self._whole(fields)
        return Contract(
            fields=tuple(fields),
            department=department,
            owner=str(hub.get("owner", "")),
            period=Period(period),
            due_day=self._number(hub.get("due_day", 5), "报送日", 1, 28),
            stale_days=self._number(hub.get("stale_days", 10), "超期天数", 1, 366),
            key=self._key(schema.get("primaryKey", ()), fields),
            missing_values=self._texts(schema.get("missingValues", [""]), "缺失值 missingValues"),
        )

    def _fields(self, given: object) -> list[ContractField]:
        if not isinstance(given, Sequence) or isinstance(given, str) or not given:
            self.problems.append("没有字段：fields 应为至少一个字段的列表")
            return []
        if len(given) > MOST_FIELDS:
            self.problems.append(f"字段有 {len(given)} 个，超过上限 {MOST_FIELDS} 个")
            return []
        return [self._field(one, place) for place, one in enumerate(given, start=1) if self._is_mapping(one, place)]

    def _is_mapping(self, one: object, place: int) -> bool:
        if isinstance(one, Mapping):
            return True
        self.problems.append(f"第 {place} 个字段不是对象")
        return False

    def _field(self, one: Mapping[str, Any], place: int) -> ContractField:
        name = str(one.get("name", "")).strip()
        title = str(one.get("title", "")).strip() or name
        where = f"字段“{title or place}”"
        if not _NAME.fullmatch(name):
            self.problems.append(f"{where}：name 应以字母或汉字开头，只含字母、数字、汉字和下划线")
        if str(one.get("type", "string")) not in _TYPES:
            self.problems.append(f"{where}：类型“{one.get('type')}”不支持，应为 {'、'.join(sorted(_TYPES))} 之一")
        rules = self._mapping(one.get("constraints", {}), f"{where}的 constraints")
        hub = self._mapping(one.get("hub", {}), f"{where}的 hub")
        codes = self._codes(hub.get("codes", {}), rules.get("enum"), where)
        return ContractField(
            name=name,
            title=title,
            column=self._column(hub.get("column", ""), where),
            headings=self._texts(hub.get("headings", ()), f"{where}的 headings"),
            required=rules.get("required") is True,
            format=self._format(hub.get("format", Format.ANY.value), where),
            pattern=self._pattern(rules.get("pattern", ""), where),
            longest=self._number(rules.get("maxLength", 0), f"{where}的最大长度", 0, 10_000),
            codes=codes,
            closed=bool(codes) and hub.get("closed", "enum" in rules) is True,
            description=str(one.get("description", "")),
        )

    def _column(self, given: object, where: str) -> str:
        column = str(given or "")
        if column and column not in COLUMN_LABELS:
            self.problems.append(f"{where}：名册没有“{column}”一列，应为 {'、'.join(COLUMN_LABELS)} 之一")
        return column

    def _format(self, given: object, where: str) -> Format:
        if given not in set(Format):
            self.problems.append(f"{where}：格式“{given}”不存在，应为 {'、'.join(Format)} 之一")
            return Format.ANY
        return Format(str(given))

    def _pattern(self, given: object, where: str) -> str:
        pattern = str(given or "")
        if not pattern:
            return ""
        if len(pattern) > LONGEST_PATTERN:
            self.problems.append(f"{where}：正则表达式有 {len(pattern)} 个字符，超过上限 {LONGEST_PATTERN} 个")
            return ""
        try:
            re.compile(pattern)
        except re.error as error:
            self.problems.append(f"{where}：正则表达式有误（{error}）")
            return ""
        if _UNSAFE_PATTERN.search(pattern):
            self.problems.append(f"{where}：正则表达式不支持前后查找和反向引用")
            return ""
        pattern = for_the_engine(pattern)
        if objection := engine_objection(pattern):
            self.problems.append(f"{where}：正则表达式中有校验时不支持的写法（{objection}）")
            return ""
        return pattern

    def _codes(self, given: object, listed: object, where: str) -> dict[str, str]:
        codes = {str(code): str(word) for code, word in self._mapping(given, f"{where}的代码表").items()}
        if listed is not None:
            codes = {**{text: text for text in self._texts(listed, f"{where}的 enum")}, **codes}
        if len(codes) > MOST_CODES:
            self.problems.append(f"{where}：代码有 {len(codes)} 个，超过上限 {MOST_CODES} 个")
        return codes

    def _key(self, given: object, fields: Iterable[ContractField]) -> tuple[str, ...]:
        key = (given,) if isinstance(given, str) else self._texts(given, "主键 primaryKey")
        unknown = sorted(set(key) - {one.name for one in fields})
        if unknown:
            self.problems.append(f"主键中的“{'、'.join(unknown)}”不是字段")
        return key

    def _whole(self, fields: Sequence[ContractField]) -> None:
        """What concerns the fields together: names, fed columns and headings are each used once."""
        self._once([one.name for one in fields], "字段名")
        self._once([COLUMN_LABELS.get(one.column, one.column) for one in fields if one.column], "名册列")
        own = {folded(one.title): one.title for one in fields}
        if len(own) < len(fields):
            self._once([one.title for one in fields], "字段标题")
        for column in ("id_number", "name"):
            if fields and all(one.column != column for one in fields):
                self.problems.append(f"没有字段对应名册的“{COLUMN_LABELS[column]}”，无法识别人员")

    def _once(self, values: Sequence[str], what: str) -> None:
        self.problems += [
            f"{what}“{value}”出现了 {values.count(value)} 次，只能有一个"
            for value in dict.fromkeys(values)
            if value and values.count(value) > 1
        ]

    def _mapping(self, given: object, where: str) -> Mapping[str, Any]:
        if isinstance(given, Mapping):
            return given
        self.problems.append(f"{where}应为对象")
        return {}

    def _texts(self, given: object, where: str) -> tuple[str, ...]:
        if isinstance(given, Sequence) and not isinstance(given, str) and all(isinstance(one, str) for one in given):
            return tuple(dict.fromkeys(one.strip() for one in given))
        self.problems.append(f"{where}应为文字的列表")
        return ()

    def _number(self, given: object, what: str, least: int, most: int) -> int:
        if isinstance(given, int) and not isinstance(given, bool) and least <= given <= most:
            return given
        self.problems.append(f"{what}应为 {least} 至 {most} 的整数，现为“{given}”")
        return least
