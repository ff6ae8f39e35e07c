"""Person keys: minted once, carried over from month to month, never numbered anew.

A cluster of linked rows is this month's finding and may look different next month; a person key stays. Every cluster
comes with the key it would be given at first sight. Those with rows that had another key in the run before, or none,
take over the key most of their rows had; what comes together or apart is told as an event.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from bianzhi.reconciliation.diff import bag_difference
from bianzhi.reconciliation.link.rules import attribute_sql
from bianzhi.reconciliation.sql.engine import Engine

KEY_LENGTH: Final = 20
ROUNDS: Final = 2  # a cluster outbid for its first key may still have a second


def define_keyed_records(engine: Engine) -> None:
    """`linked` → `keyed_records`: every row with its lane and the `person_key` its cluster is given at first sight."""
    engine.define("keyed_records", _KEYED_RECORDS)


def make_identities(engine: Engine, previous: Path | None, compared: Sequence[str]) -> None:
    """`positions` → the same with the keys of the month before, `identities`, `identity_events`, `moved_rows`.

    `previous` is the positions file of the run before, None for the first. "merged": other_key's rows now belong to
    person_key. "split": person_key was minted for rows that belonged to other_key, which stays with the others.
    `moved_rows` (person_key, former_key) are the rows that came, went, or differ in a column of `compared`.
    """
    if previous is None:
        engine.register("identity_events", _nothing("kind", "person_key", "other_key"))
        engine.register("moved_rows", _nothing("person_key", "former_key"))
    else:
        engine.load("positions_before", [previous])
        columns = ("fingerprint", *compared)
        bag_difference(engine, "positions_before", "positions", columns, keep=_KEPT, name="moves")
        engine.create("moved_rows", _MOVED)
        engine.drop("moves_gone", "moves_came")
        _carry_over(engine)
    engine.define("identities", "SELECT fingerprint, source, person_key FROM positions")


def _carry_over(engine: Engine) -> None:
    """Only clusters with a row that had not their key are looked at, and those whose key such a row had."""
    engine.create("new_rows", _NEW_ROWS)
    engine.create("number_votes", _NUMBER_VOTES)
    engine.create("contested", _CONTESTED)
    engine.create("key_votes", _VOTES)
    engine.register("held_keys", _nothing("minted", "person_key"))
    for _ in range(ROUNDS):
        engine.create("key_bids", _BIDS)
        engine.create("held_keys", _HELD)
    engine.create("keyed", _KEYED)
    engine.create("identity_events", _EVENTS)
    engine.create("key_fixes", _FIXES)
    engine.amend("positions", "person_key", fixes="key_fixes", keys=["fingerprint"])
    engine.create("moved_rows", _MOVED_TO)
    engine.drop("new_rows", "number_votes", "contested", "key_votes", "held_keys", "key_bids", "keyed", "key_fixes")


def _nothing(*columns: str) -> pa.Table:
    return pa.table({name: pa.array([], pa.string()) for name in columns})


def _minted(text: str) -> str:
    return f"'P' || substr(md5({text}), 1, {KEY_LENGTH})"


_KEYED_RECORDS: Final = f"""
    SELECT linked.*, {attribute_sql("rule", "lane")} AS lane, {_minted("cluster")} AS person_key FROM linked
"""


_KEPT: Final = ("fingerprint", "person_key", "id18", "name_key")
_MOVED: Final = """
    SELECT own.fingerprint, own.person_key AS minted, former.person_key AS former_key, own.id18, own.name_key
    FROM moves_came AS own FULL JOIN moves_gone AS former ON own.fingerprint = former.fingerprint
"""
_NEW_ROWS: Final = """
    SELECT minted, id18, name_key FROM moved_rows
    WHERE fingerprint IS NOT NULL AND former_key IS NULL AND id18 IS NOT NULL
"""
_BY_NUMBER: Final = """
    SELECT former.id18, former.name_key, min(person_key) AS person_key
    FROM positions_before AS former
    JOIN (SELECT DISTINCT id18, name_key FROM new_rows) AS sought
    ON former.id18 = sought.id18 AND former.name_key = sought.name_key
    GROUP BY former.id18, former.name_key HAVING min(person_key) = max(person_key)
"""
_NUMBER_VOTES: Final = f"""
    SELECT minted, person_key FROM new_rows
    JOIN ({_BY_NUMBER}) AS by_number ON new_rows.id18 = by_number.id18 AND new_rows.name_key = by_number.name_key
"""
_CONTESTED: Final = """
    SELECT minted FROM moved_rows WHERE former_key IS NULL OR former_key <> minted
    UNION SELECT former_key AS minted FROM moved_rows WHERE former_key <> minted
    UNION SELECT person_key AS minted FROM number_votes
"""
_VOTES: Final = """
    SELECT minted, person_key, CAST(sum(votes) AS BIGINT) AS votes, CAST(sum(same_rows) AS BIGINT) AS same_rows FROM (
        SELECT contested.minted, former.person_key, 1 AS votes, 1 AS same_rows
        FROM positions AS own JOIN contested ON own.person_key = contested.minted
        JOIN positions_before AS former ON own.fingerprint = former.fingerprint
        UNION ALL
        SELECT minted, person_key, 1 AS votes, 0 AS same_rows FROM number_votes
    ) AS cast_votes
    GROUP BY minted, person_key
"""
_BIDS: Final = """
    SELECT minted, person_key, same_rows, votes FROM (
        SELECT key_votes.minted, key_votes.person_key, same_rows, votes, row_number() OVER (
            PARTITION BY key_votes.minted ORDER BY same_rows DESC, votes DESC, key_votes.person_key
        ) AS place
        FROM key_votes
        LEFT JOIN held_keys AS mine ON key_votes.minted = mine.minted
        LEFT JOIN held_keys AS taken ON key_votes.person_key = taken.person_key
        WHERE mine.minted IS NULL AND taken.person_key IS NULL
    ) AS choices
    WHERE place = 1
"""
_HELD: Final = """
    SELECT minted, person_key FROM held_keys
    UNION ALL
    SELECT minted, person_key FROM (
        SELECT minted, person_key, row_number() OVER (
            PARTITION BY person_key ORDER BY same_rows DESC, votes DESC, minted
        ) AS place
        FROM key_bids
    ) AS claims
    WHERE place = 1
"""
_KEYED: Final = f"""
    SELECT clusters.minted, CASE
        WHEN held_keys.person_key IS NOT NULL THEN held_keys.person_key
        WHEN known.person_key IS NULL THEN clusters.minted
        ELSE {_minted("'again|' || clusters.minted || '|' || clusters.first_row")} END AS person_key
    FROM (
        SELECT contested.minted, min(fingerprint) AS first_row
        FROM positions JOIN contested ON positions.person_key = contested.minted GROUP BY contested.minted
    ) AS clusters
    LEFT JOIN held_keys ON clusters.minted = held_keys.minted
    LEFT JOIN (
        SELECT DISTINCT person_key FROM positions_before JOIN contested
        ON positions_before.person_key = contested.minted
    ) AS known ON clusters.minted = known.person_key
"""
_EVENTS: Final = """
    SELECT 'merged' AS kind, keyed.person_key, key_votes.person_key AS other_key
    FROM key_votes JOIN keyed ON key_votes.minted = keyed.minted
    LEFT JOIN held_keys ON key_votes.person_key = held_keys.person_key
    WHERE held_keys.person_key IS NULL
    UNION
    SELECT 'split' AS kind, keyed.person_key, key_votes.person_key AS other_key
    FROM key_votes JOIN keyed ON key_votes.minted = keyed.minted
    LEFT JOIN held_keys AS mine ON key_votes.minted = mine.minted
    JOIN held_keys AS kept ON key_votes.person_key = kept.person_key
    WHERE mine.minted IS NULL
"""
_FIXES: Final = """
    SELECT fingerprint, keyed.minted, keyed.person_key FROM positions JOIN keyed ON positions.person_key = keyed.minted
    WHERE keyed.person_key <> keyed.minted
"""
_MOVED_TO: Final = """
    SELECT coalesce(key_fixes.person_key, moved_rows.minted) AS person_key, former_key
    FROM moved_rows LEFT JOIN key_fixes ON moved_rows.fingerprint = key_fixes.fingerprint
    UNION ALL
    SELECT person_key, minted AS former_key FROM key_fixes
"""
