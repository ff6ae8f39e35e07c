"""What changed between two months: rows that went and rows that came, as a bag.

Rows are compared by all their columns at once through a hash (exchange.md §5), never by ID number: two people with one
number would cross. The same row twice before and once after is one row that went.
"""

from __future__ import annotations

from collections.abc import Sequence

from bianzhi.reconciliation.sql.engine import Engine


def bag_difference(
    engine: Engine, before: str, after: str, columns: Sequence[str], *, keep: Sequence[str], name: str = "difference"
) -> None:
    """Make the relations `<name>_gone` and `<name>_came`, each with the columns `keep` of the rows that differ.

    Rows that `keep` does not tell apart are one line there. One scan, one hash and one join over everything; only
    where a row occurs more than once, which the number of matches gives away, are repetitions counted.
    """
    engine.hash_rows(f"{name}_before", before, columns, keep=keep)
    engine.hash_rows(f"{name}_after", after, columns, keep=keep)
    engine.create(f"{name}_joined", _joined(name, keep))
    engine.create(f"{name}_gone", _side(name, "gone", keep))
    engine.create(f"{name}_came", _side(name, "came", keep))
    if not _is_each_row_once(engine, before, after, name):
        _count_repetitions(engine, name, keep)
    engine.drop(f"{name}_joined", f"{name}_before", f"{name}_after")


def _is_each_row_once(engine: Engine, before: str, after: str, name: str) -> bool:
    """As many matches as rows that matched, on both sides: then no row met two."""
    counted = engine.rows(f"SELECT gone, came, CAST(sum(matched) AS BIGINT) FROM {name}_joined GROUP BY gone, came")
    times = {(gone, came): number for gone, came, number in counted}
    matches = times.get((0, 0), 0)
    kept_before = engine.count(before) - times.get((1, 0), 0)
    kept_after = engine.count(after) - times.get((0, 1), 0)
    return bool(matches == kept_before == kept_after)


def _joined(name: str, keep: Sequence[str]) -> str:
    """Every row without a partner on a line of its own; all that have one on a single line that counts them."""
    gone, came = "a.row_hash IS NULL", "b.row_hash IS NULL"
    columns = [f"CASE WHEN {gone} THEN b.{one} WHEN {came} THEN a.{one} END AS {one}" for one in keep]
    fates = [f"CASE WHEN {gone} THEN 1 ELSE 0 END AS gone", f"CASE WHEN {came} THEN 1 ELSE 0 END AS came"]
    inner = (
        f"SELECT {', '.join([*fates, *columns])} FROM {name}_before b FULL JOIN {name}_after a"
        " ON a.row_hash = b.row_hash"
    )
    grouped = ", ".join(["gone", "came", *keep])
    return f"SELECT {grouped}, count(*) AS matched FROM ({inner}) AS pairs GROUP BY {grouped}"


def _side(name: str, fate: str, keep: Sequence[str]) -> str:
    return f"SELECT {', '.join(keep)} FROM {name}_joined WHERE {fate} = 1"


def _count_repetitions(engine: Engine, name: str, keep: Sequence[str]) -> None:
    """Add the rows that occur oftener on one side than on the other, as many as there are too many."""
    for side in ("before", "after"):
        engine.create(
            f"{name}_{side}_often",
            f"SELECT row_hash, count(*) AS times FROM {name}_{side} GROUP BY row_hash HAVING count(*) > 1",
        )
    for side, other, fate in (("before", "after", "gone"), ("after", "before", "came")):
        placed = ", ".join(f"s.{one}" for one in keep)
        ordinal = f"row_number() OVER (PARTITION BY s.row_hash ORDER BY {placed}) AS nth_of_them"
        surplus = (
            f"SELECT {placed}, {ordinal}, coalesce(o.times, 1) AS times_there FROM {name}_{side} s"
            f" JOIN {name}_{side}_often f ON f.row_hash = s.row_hash"
            f" JOIN (SELECT DISTINCT row_hash FROM {name}_{other}) AS met ON met.row_hash = s.row_hash"
            f" LEFT JOIN {name}_{other}_often o ON o.row_hash = s.row_hash"
        )
        columns = ", ".join(keep)
        engine.create(
            f"{name}_{fate}",
            f"SELECT {columns} FROM {name}_{fate} UNION ALL"
            f" SELECT {columns} FROM ({surplus}) AS ranked WHERE nth_of_them > times_there",
        )
    engine.drop(f"{name}_before_often", f"{name}_after_often")
