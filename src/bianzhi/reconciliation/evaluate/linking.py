"""Links against the truth: pairs, wrong merges, and which mistakes kept records apart."""

import duckdb

from bianzhi.reconciliation.evaluate.scores import Joined, Score

MILLION = 1_000_000
GROUPINGS = {"auto": "coalesce(cluster_auto, alone)", "all": "coalesce(cluster_any, alone)"}


def prepare(con: duckdb.DuckDBPyConnection, links: str, truth: str) -> tuple[int, int]:
    """Make relation `judged` (a true record with its cluster in either lane); returns records and those not in links.

    A record the run left for review counts as alone in `cluster_auto`.
    """
    con.execute(
        f"""CREATE TABLE judged AS
        SELECT t.source, t.delivery, t.row, t.person, t.kinds, l.fingerprint, l.cluster AS cluster_any,
            CASE WHEN l.lane = 'auto' THEN l.cluster END AS cluster_auto,
            t.source || '/' || t.delivery || '/' || t.row AS alone
        FROM read_parquet('{truth}') t LEFT JOIN read_parquet('{links}') l USING (source, delivery, row)"""
    )
    row = con.execute("SELECT count(*), count(*) FILTER (fingerprint IS NULL) FROM judged").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def pairs(con: duckdb.DuckDBPyConnection, lane: str) -> Score:
    """Pairs of records said to be one person, against pairs that are."""
    row = con.execute(
        f"""
WITH cells AS (SELECT {GROUPINGS[lane]} AS cluster, person, count(*) AS n FROM judged GROUP BY ALL),
    clusters AS (SELECT sum(n) AS n FROM cells GROUP BY cluster),
    people AS (SELECT sum(n) AS n FROM cells GROUP BY person)
SELECT (SELECT sum(n * (n - 1) / 2) FROM people), (SELECT sum(n * (n - 1) / 2) FROM clusters),
    (SELECT sum(n * (n - 1) / 2) FROM cells)"""
    ).fetchone()
    return Score(*(int(value or 0) for value in row)) if row else Score(0, 0, 0)


def wrong_merges(con: duckdb.DuckDBPyConnection) -> int:
    """Records the strict lane put among records of somebody else: all of a cluster but its main person's."""
    row = con.execute(
        f"""
WITH cells AS (SELECT {GROUPINGS["auto"]} AS cluster, person, count(*) AS n FROM judged GROUP BY ALL)
SELECT coalesce(sum(wrong), 0) FROM (SELECT sum(n) - max(n) AS wrong FROM cells GROUP BY cluster)"""
    ).fetchone()
    return int(row[0]) if row else 0


def by_mistake(con: duckdb.DuckDBPyConnection, lane: str = "auto") -> dict[str, Joined]:
    """For each kind of mistake: records whose person has others, and those of them that were joined to their own."""
    rows = con.execute(
        f"""
WITH grouped AS (SELECT *, {GROUPINGS[lane]} AS cluster FROM judged),
    cells AS (SELECT cluster, person, count(*) AS n FROM grouped GROUP BY ALL),
    sizes AS (SELECT cluster, max(n) AS most, sum(n) AS n FROM cells GROUP BY cluster),
    people AS (SELECT person, sum(n) AS n FROM cells GROUP BY person HAVING sum(n) > 1),
    exploded AS (SELECT g.cluster, g.person, unnest(string_split(trim(g.kinds, ','), ',')) AS kind FROM grouped g)
SELECT CASE kind WHEN '' THEN 'none' ELSE kind END AS mistake, count(*),
    count(*) FILTER (c.n = s.most AND c.n > 1 AND 2 * c.n > s.n)
FROM exploded e JOIN people p USING (person) JOIN cells c USING (cluster, person) JOIN sizes s USING (cluster)
GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    return {str(kind): Joined(int(records), int(joined)) for kind, records, joined in rows}


def by_rule(con: duckdb.DuckDBPyConnection, links: str) -> dict[str, Score]:
    """For each rule that joined a record: how many, and how many sit with their own person's records."""
    rows = con.execute(
        f"""
WITH cells AS (SELECT cluster_any AS cluster, person, count(*) AS n FROM judged GROUP BY ALL),
    main AS (SELECT cluster, arg_max(person, n) AS person FROM cells GROUP BY cluster)
SELECT l.rule || '/' || l.lane, count(*), count(*) FILTER (j.person = m.person)
FROM judged j JOIN read_parquet('{links}') l USING (source, delivery, row) JOIN main m ON m.cluster = j.cluster_any
GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    return {str(rule): Score(int(n), int(n), int(right)) for rule, n, right in rows}
