"""A rule's predicate evaluated on one line in plain Python, unknown values as in SQL: the oracle of the engines."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlglot
from sqlglot import exp

Value = Any
Line = Mapping[str, Value]

COMPARISONS: Final[Mapping[type[exp.Expr], Callable[[Any, Any], bool]]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
}


def holds(predicate: str, line: Line) -> bool:
    """Whether the predicate is true of the line; false and unknown are both no. Raises KeyError for other columns."""
    return _value(sqlglot.parse_one(predicate, read="duckdb"), line) is True


def _value(node: exp.Expr, line: Line) -> Value:
    if isinstance(node, exp.Paren):
        return _value(node.this, line)
    if isinstance(node, exp.Column):
        return line[node.name]
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else int(node.this)
    if isinstance(node, exp.And | exp.Or):
        return _joined(node, line)
    if isinstance(node, exp.Coalesce):
        values = (_value(part, line) for part in (node.this, *node.expressions))
        return next((value for value in values if value is not None), None)
    compare = COMPARISONS.get(type(node))
    if compare is None:
        raise ValueError(f"a predicate may not use {type(node).__name__}")
    left, right = _value(node.this, line), _value(node.expression, line)
    return None if left is None or right is None else compare(left, right)


def _joined(node: exp.And | exp.Or, line: Line) -> bool | None:
    """Three-valued: one part that decides is enough, otherwise an unknown part leaves the whole unknown."""
    decides = isinstance(node, exp.Or)
    parts = (_value(node.this, line), _value(node.expression, line))
    if decides in parts:
        return decides
    return None if None in parts else not decides
