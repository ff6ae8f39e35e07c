"""The difference of two months is a difference of bags."""

from collections import Counter

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from bianzhi.reconciliation.diff import bag_difference
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine

ROWS = st.lists(st.tuples(st.sampled_from("PQ"), st.sampled_from(["教育局", "卫生局", None])), max_size=12)


def table(rows, first):
    places = range(first, first + len(rows))
    return pa.table(
        {
            "place": pa.array(places, pa.int64()),
            "person_key": pa.array([key for key, _ in rows], pa.string()),
            "unit": pa.array([unit for _, unit in rows], pa.string()),
        }
    )


def difference(before, after):
    with DuckDBEngine(threads=1) as engine:
        engine.register("was", table(before, 1))
        engine.register("is_now", table(after, 1001))
        bag_difference(engine, "was", "is_now", ["person_key", "unit"], keep=["place"])
        gone = [before[place - 1] for (place,) in engine.rows("SELECT place FROM difference_gone")]
        came = [after[place - 1001] for (place,) in engine.rows("SELECT place FROM difference_came")]
    return Counter(gone), Counter(came)


@given(before=ROWS, after=ROWS)
@settings(max_examples=60, deadline=None)
def test_what_went_and_what_came_are_the_differences_of_the_bags(before, after):
    was, now = Counter(before), Counter(after)
    assert difference(before, after) == (was - now, now - was)


def test_a_row_twice_that_is_there_once_afterwards_went_once():
    row = ("P", "教育局")
    assert difference([row, row], [row]) == (Counter([row]), Counter())
    assert difference([row], [row, row, row]) == (Counter(), Counter([row, row]))
