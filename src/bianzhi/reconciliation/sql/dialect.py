"""The part of DuckDB's SQL that means the same on Spark; everything else is refused before it runs.

sqlglot passes what it does not know through unchanged, and two engines agreeing proves nothing (exchange.md §0, §7).
So a statement may use only the constructs named here, each of which is covered by a test on both engines against an
independent oracle. Left out on purpose: edit distances (DuckDB counts bytes, Spark characters), `hash` (differs by
engine and version), `any_value`, `arg_max` (a NULL counts on Spark, not on DuckDB), `RANGE` frames, `/` but for a
DOUBLE divided (`//` is for whole numbers). Regular expressions keep to classes of characters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError


class DialectError(ValueError):
    """A statement uses something outside the restricted dialect."""


STRUCTURE: Final = frozenset(
    {
        exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Subquery,
        exp.With, exp.CTE, exp.Union, exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star,
        exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Window, exp.Distinct, exp.DataType, exp.Tuple,
        exp.Qualify,
    }
)  # fmt: skip
OPERATORS: Final = frozenset(
    {
        exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.In, exp.Between,
        exp.Add, exp.Sub, exp.Mul, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.Case, exp.If, exp.NullSafeEQ,
        exp.NullSafeNEQ, exp.Div,
    }
)  # fmt: skip
FUNCTIONS: Final = frozenset(
    {
        exp.Cast, exp.TryCast, exp.Coalesce, exp.Nullif, exp.Length, exp.Substring, exp.Replace, exp.Translate,
        exp.Upper, exp.Trim, exp.StartsWith, exp.EndsWith, exp.StrPosition, exp.Concat, exp.MD5, exp.Greatest,
        exp.Least, exp.Abs, exp.RegexpLike, exp.RegexpReplace,
        exp.Count, exp.Sum, exp.Min, exp.Max, exp.BitwiseOrAgg, exp.RowNumber,
    }
)  # fmt: skip
ALLOWED: Final = STRUCTURE | OPERATORS | FUNCTIONS
TYPES: Final = frozenset(
    {exp.DataType.Type.VARCHAR, exp.DataType.Type.BIGINT, exp.DataType.Type.INT, exp.DataType.Type.DOUBLE,
     exp.DataType.Type.BOOLEAN, exp.DataType.Type.TEXT}
)  # fmt: skip


@lru_cache(maxsize=512)
def check(sql: str) -> exp.Query:
    """The statement, read. Raises DialectError naming the first thing that is outside the dialect."""
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except SqlglotError as error:
        raise DialectError(f"not SQL: {error}") from None
    statement = statements[0] if len(statements) == 1 else None
    if not isinstance(statement, exp.Query):
        raise DialectError("exactly one SELECT is expected")
    for node in statement.walk():
        _require_allowed(node)
    return statement


def _require_allowed(node: exp.Expr) -> None:
    if type(node) not in ALLOWED:
        raise DialectError(f"outside the restricted dialect: {type(node).__name__} in {node.sql('duckdb')[:120]}")
    if isinstance(node, exp.DataType) and node.this not in TYPES:
        raise DialectError(f"type outside the restricted dialect: {node.sql('duckdb')}")
    if isinstance(node, exp.Div) and not (isinstance(node.this, exp.Cast) and node.this.is_type("double")):
        raise DialectError(f"`/` divides a CAST(… AS DOUBLE) only; `//` is for whole numbers: {node.sql('duckdb')}")
    if isinstance(node, exp.In) and node.args.get("query"):
        raise DialectError(f"IN over a subquery runs once a row; write a join: {node.sql('duckdb')[:120]}")


def to_spark(sql: str) -> str:
    """The statement in Spark's own words. Raises DialectError as `check` does."""
    return check(sql).sql(dialect="spark")
