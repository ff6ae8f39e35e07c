"""A contract as a table an official can read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bianzhi.reconciliation.contracts.columns import COLUMN_LABELS
from bianzhi.reconciliation.contracts.model import Format
from bianzhi.reconciliation.contracts.shape import codes_of, fields_of, part_of, texts_of


@dataclass(frozen=True, slots=True)
class ContractRow:
    """One field: its heading, the roster column it feeds, what must hold, under which headings else it may stand."""

    title: str
    column: str
    rules: tuple[str, ...]
    headings: tuple[str, ...]


def contract_rows(schema: Mapping[str, Any]) -> list[ContractRow]:
    """The fields of a contract in their order; one that is no field at all is left out."""
    return [_row(one) for one in fields_of(schema)]


def _row(one: Mapping[str, Any]) -> ContractRow:
    hub = part_of(one, "hub")
    column = str(hub.get("column", ""))
    return ContractRow(
        title=str(one.get("title") or one.get("name", "")),
        column=COLUMN_LABELS.get(column, column),
        rules=tuple(_rules(one)),
        headings=tuple(texts_of(hub, "headings")),
    )


def _rules(one: Mapping[str, Any]) -> Iterator[str]:
    constraints, hub = part_of(one, "constraints"), part_of(one, "hub")
    if constraints.get("required"):
        yield "必填"
    form = str(hub.get("format", Format.ANY.value))
    if form in set(Format) and form != Format.ANY.value:
        yield Format(form).label
    if constraints.get("pattern"):
        yield f"格式 {constraints['pattern']}"
    if constraints.get("maxLength"):
        yield f"最多 {constraints['maxLength']} 字"
    codes = codes_of(one)
    if codes:
        closed = hub.get("closed", "enum" in constraints)
        yield f"代码 {len(codes)} 个{'，只许代码表中的值' if closed else ''}"
