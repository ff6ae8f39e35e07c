"""Only SQL that means the same on both engines runs at all."""

import pytest

from bianzhi.reconciliation.sql.dialect import DialectError, check, to_spark


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("SELECT levenshtein(a, b) FROM t", "Levenshtein"),
        ("SELECT damerau_levenshtein(a, b) FROM t", "Anonymous"),
        ("SELECT hash(a) FROM t", "Anonymous"),
        ("SELECT jaro_winkler_similarity(a, b) FROM t", "JarowinklerSimilarity"),
        ("SELECT any_value(a) FROM t", "IgnoreNulls"),
        ("SELECT arg_max(a, b) FROM t", "ArgMax"),
        ("SELECT a / b FROM t", "`/` divides"),
        ("SELECT a FROM t WHERE a IN (SELECT b FROM u)", "IN over a subquery"),
        ("SELECT [a, b] FROM t", "Array"),
        ("SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t", "WindowSpec"),
        ("SELECT CAST(a AS DATE) FROM t", "type outside"),
        ("SELECT CAST(a AS VARCHAR) FROM (SELECT CAST(1 AS FLOAT) AS a) AS t", "type outside"),
        ("DROP TABLE t", "exactly one SELECT"),
        ("SELECT 1; SELECT 2", "exactly one SELECT"),
        ("SELECT FROM WHERE", "not SQL"),
    ],
)
def test_what_engines_read_differently_is_refused_by_name(sql, what):
    with pytest.raises(DialectError, match=what):
        check(sql)


def test_whole_division_stays_whole_division_on_spark():
    assert to_spark("SELECT a // 10 FROM t") == "SELECT a DIV 10 FROM t"


def test_empty_values_come_last_on_both_engines():
    assert "NULLS LAST" in to_spark("SELECT a FROM t ORDER BY a")


def test_a_null_joined_by_concat_is_left_out_on_both_engines():
    assert to_spark("SELECT concat(a, b) FROM t") == "SELECT CONCAT(COALESCE(a, ''), COALESCE(b, '')) FROM t"
