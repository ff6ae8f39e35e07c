"""Findings and events against the truth, class by class."""

from pathlib import Path

import duckdb

from bianzhi.reconciliation.evaluate.scores import LanedScore, Score

OF_UNITS = ("over_quota",)


def prepare_persons(con: duckdb.DuckDBPyConnection, run: Path, earlier: tuple[Path, Path] | None) -> None:
    """Make relation `known_as`: the true person behind each person key, by most of its records.

    Those who are gone have no record in this month; `earlier` (run folder, month's truth) tells who they were.
    """
    own = f"read_parquet('{run / 'identities.parquet'}')"
    parts = [f"SELECT i.person_key, j.person FROM judged j JOIN {own} i USING (source, fingerprint)"]
    if earlier is not None:
        before, truth = earlier
        parts.append(
            f"""SELECT i.person_key, t.person FROM read_parquet('{before / "identities.parquet"}') i
            JOIN read_parquet('{before / "links.parquet"}') l USING (source, fingerprint)
            JOIN read_parquet('{truth}') t USING (source, delivery, row)"""
        )
    con.execute(
        f"""CREATE TABLE known_as AS
        WITH votes AS (SELECT person_key, person, count(*) AS n FROM ({" UNION ALL ".join(parts)}) GROUP BY ALL)
        SELECT person_key, arg_max(person, (n, -person)) AS person FROM votes GROUP BY person_key"""
    )


def findings(con: duckdb.DuckDBPyConnection, path: Path, truth: Path) -> dict[str, LanedScore]:
    """Each class of finding, as accusation and in both lanes."""
    con.execute(
        f"""CREATE TABLE found AS
        SELECT DISTINCT f.kind, f.lane, CASE WHEN f.kind IN {_listed(OF_UNITS)} THEN f.unit ELSE '' END AS unit,
            CASE WHEN f.kind IN {_listed(OF_UNITS)} THEN -1 ELSE coalesce(k.person, -1) END AS person
        FROM read_parquet('{path}') f LEFT JOIN known_as k USING (person_key)"""
    )
    con.execute(
        f"""CREATE TABLE wanted AS
        SELECT DISTINCT kind, CASE WHEN kind IN {_listed(OF_UNITS)} THEN unit ELSE '' END AS unit,
            coalesce(person, -1) AS person, 'accuse' AS lane FROM read_parquet('{truth}')"""
    )
    return _laned(con, "found", "wanted", "accuse")


def events(con: duckdb.DuckDBPyConnection, path: Path, truth: Path) -> dict[str, LanedScore]:
    """Each kind of event, as candidate and in both lanes. People whose whole unit was merged are left out."""
    con.execute(f"""CREATE TABLE merged AS SELECT DISTINCT person FROM read_parquet('{truth}') WHERE kind = 'merger'""")
    con.execute(
        f"""CREATE TABLE happened AS
        SELECT DISTINCT e.kind, e.lane, '' AS unit, coalesce(k.person, -1) AS person
        FROM read_parquet('{path}') e LEFT JOIN known_as k USING (person_key)
        WHERE k.person IS NULL OR NOT EXISTS (SELECT 1 FROM merged m WHERE m.person = k.person)"""
    )
    con.execute(
        f"""CREATE TABLE really AS SELECT DISTINCT kind, '' AS unit, person, lane
        FROM read_parquet('{truth}') WHERE kind <> 'merger'"""
    )
    return _laned(con, "happened", "really", "candidate")


def merged_as_transfers(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, int]:
    """People whose whole unit was merged, and how many of them the run says were transferred."""
    row = con.execute(
        f"""SELECT (SELECT count(*) FROM merged), count(DISTINCT m.person)
        FROM merged m JOIN known_as k USING (person) JOIN read_parquet('{path}') e USING (person_key)
        WHERE e.kind = 'transfer'"""
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _laned(con: duckdb.DuckDBPyConnection, found: str, wanted: str, strict: str) -> dict[str, LanedScore]:
    """What the strict lane says rightly counts for it, even where the truth would have let it wait."""
    rows = con.execute(
        f"""
WITH best AS (
    SELECT kind, unit, person, bool_or(lane = '{strict}') AS is_strict FROM {found} GROUP BY ALL
), really_so AS (
    SELECT kind, unit, person, bool_or(lane = '{strict}') AS is_certain FROM {wanted} GROUP BY ALL
), compared AS (
    SELECT kind, is_strict IS NOT NULL AS is_found, coalesce(is_strict, false) AS is_strict,
        is_certain IS NOT NULL AS is_true, coalesce(is_certain, false) AS is_certain
    FROM best FULL JOIN really_so USING (kind, unit, person)
)
SELECT kind, count(*) FILTER (is_certain OR is_true AND is_strict), count(*) FILTER (is_strict),
    count(*) FILTER (is_strict AND is_true), count(*) FILTER (is_true), count(*) FILTER (is_found),
    count(*) FILTER (is_found AND is_true)
FROM compared GROUP BY kind ORDER BY kind"""
    ).fetchall()
    return {
        str(kind): LanedScore(Score(certain, strict_found, strict_right), Score(true, all_found, all_right))
        for kind, certain, strict_found, strict_right, true, all_found, all_right in rows
    }


def _listed(kinds: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{kind}'" for kind in kinds) + ")"
