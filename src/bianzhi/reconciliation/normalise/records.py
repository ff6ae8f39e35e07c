"""The `records` stage: every row of every roster with the keys it is compared by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bianzhi.reconciliation.masks import count_sql, mark_sql, mask_sql
from bianzhi.reconciliation.normalise.births import make_birth_keys
from bianzhi.reconciliation.normalise.id_numbers import (
    birth_of_sql,
    candidate_body_sql,
    check_digit_sql,
    check_of_sql,
    eighteen_digits_sql,
    has_rounded_flag_sql,
    is_day_sql,
    is_rounded_sql,
    plain_id_sql,
    remainder_sql,
)
from bianzhi.reconciliation.normalise.names import make_name_keys
from bianzhi.reconciliation.normalise.units import unit_key_sql
from bianzhi.reconciliation.sources import ESTABLISHMENT, ROSTER_COLUMNS
from bianzhi.reconciliation.sql.engine import Engine

KEY_COLUMNS: Final = (
    "fingerprint", "id18", "id_body", "id_flags", "id_plain", "name_key", "written_birth", "birth_key", "unit_key",
    "unit_no",
)  # fmt: skip
RECORD_COLUMNS: Final = (*ROSTER_COLUMNS, *KEY_COLUMNS)
LINK_COLUMNS: Final = (
    "source", "delivery", "row", "fingerprint", "id_body", "id_flags", "id_plain", "name_key", "written_birth",
    "unit_no",
)  # fmt: skip


def make_records(engine: Engine, columns: Sequence[str] = RECORD_COLUMNS) -> None:
    """`rosters` → `records`: the roster's columns and, of each row,

    fingerprint (MD5 of what it says once normalised; the second of two identical rows of a source ends in #2), id18 and
    id_body (NULL unless sound), id_flags (",checksum," …), id_plain (as written but for spaces and such; only where
    id_body is NULL), name_key, written_birth (from the column), birth_key (from the column, else from the number),
    unit_key, unit_no (a number, within this run, for each unit_key of a source; NULL for none). Who only links may ask
    for LINK_COLUMNS. Nothing depends on the order of rows, columns or files.

    Also left are `written_units` (source, unit, unit_code as written, unit_key, unit_no) and `id_groups`: each number
    with its lines, its departments (mask), its first and last name and its first and last unit_no at the 编办.
    """
    engine.create("written_names", "SELECT DISTINCT name AS text FROM rosters WHERE name IS NOT NULL")
    engine.create("written_births", "SELECT DISTINCT birth AS text FROM rosters WHERE birth IS NOT NULL")
    engine.create("unit_texts", _UNIT_TEXTS)
    engine.create("written_units", _WRITTEN_UNITS)
    make_name_keys(engine, "written_names")
    engine.create("folded_names", "SELECT text, key FROM name_keys WHERE text <> key")
    make_birth_keys(engine, "written_births")
    engine.create("records", f"SELECT {', '.join(columns)} FROM ({_RECORDS}) AS everything")
    engine.drop("written_names", "written_births", "unit_texts", "name_keys", "folded_names", "birth_keys")
    engine.create("id_groups", _ID_GROUPS)
    _number_repetitions(engine, columns)


def _number_repetitions(engine: Engine, columns: Sequence[str]) -> None:
    """Rows of a source saying the same are told apart by a number, in the order of what else they say.

    Few rows repeat, so only those are looked at and amended: they share a number and a source, or have no number.
    """
    engine.create("crowded", f"SELECT id_body FROM id_groups WHERE lines > {count_sql('mask')}")
    engine.create("repeated", _REPEATED)
    told = [column for column in columns if column not in (*_PLACE, *KEY_COLUMNS)]
    order = ", ".join([*told, *_PLACE])
    engine.create("repetitions", _REPETITIONS.replace("{order}", order))
    if engine.count("repetitions"):
        engine.amend("records", "fingerprint", fixes="repetitions", keys=_PLACE)
    engine.drop("crowded", "repeated", "repetitions")


_PLACE: Final = ("delivery", "row")
DIGEST_LENGTH: Final = 12  # of unit and code: with it, what is digested of nearly every row fits one block of MD5
_UNIT_TEXTS: Final = f"""
    SELECT source, unit, unit_code, {unit_key_sql("unit")} AS unit_key
    FROM (SELECT DISTINCT source, unit, unit_code FROM rosters) AS written
"""
_WRITTEN_UNITS: Final = f"""
    SELECT texts.source, unit, unit_code, texts.unit_key, unit_no,
           substr(md5(concat(texts.unit_key, '|', coalesce(unit_code, ''))), 1, {DIGEST_LENGTH}) AS digest
    FROM unit_texts AS texts LEFT JOIN (
        SELECT source, unit_key, row_number() OVER (ORDER BY source, unit_key) AS unit_no
        FROM (SELECT DISTINCT source, unit_key FROM unit_texts WHERE unit_key <> '') AS keys
    ) AS numbered ON texts.source = numbered.source AND texts.unit_key = numbered.unit_key
"""
_READ: Final = f"SELECT *, {eighteen_digits_sql('id_number')} AS digits FROM rosters"
_SPELT: Final = f"""
    SELECT read.*, CASE WHEN digits IS NULL THEN {plain_id_sql("id_number")} ELSE id_number END AS id_plain,
           coalesce(folded_names.key, name, '') AS name_key, births.key AS written_birth,
           births.written AS birth_digits, written_units.unit_key, written_units.unit_no, written_units.digest
    FROM ({_READ}) AS read
    LEFT JOIN folded_names ON read.name = folded_names.text
    LEFT JOIN (SELECT text, key, CAST(key AS VARCHAR) AS written FROM birth_keys) AS births ON read.birth = births.text
    JOIN written_units ON read.source = written_units.source AND read.unit IS NOT DISTINCT FROM written_units.unit
         AND read.unit_code IS NOT DISTINCT FROM written_units.unit_code
"""
_SUMMED: Final = f"""
    SELECT *, {remainder_sql("body")} AS remainder, CAST({birth_of_sql("body")} AS INT) AS born
    FROM (
        SELECT *, CASE WHEN digits IS NULL THEN {candidate_body_sql("id_plain")} ELSE digits // 10 END AS body
        FROM ({_SPELT}) AS spelt
    ) AS packed
"""
_JUDGED: Final = f"""
    SELECT *, CASE WHEN written_birth = born AND born % 100 >= 1 THEN TRUE ELSE {is_day_sql("born")} END AS is_dated,
           CASE WHEN digits IS NOT NULL THEN digits % 10 = {check_digit_sql("remainder")}
                WHEN body IS NULL THEN FALSE
                ELSE length(id_plain) = 15 OR substr(id_plain, 18, 1) = {check_of_sql("remainder")} END AS is_sound
    FROM ({_SUMMED}) AS summed
"""
_FLAGGED: Final = f"""
    SELECT *, CASE
        WHEN is_sound AND is_dated AND NOT {has_rounded_flag_sql("flags")}
        THEN CASE WHEN digits IS NULL AND length(id_plain) = 15 THEN ',fifteen,' ELSE '' END
        WHEN id_plain = '' THEN ',empty,'
        WHEN {is_rounded_sql("id_number", "flags", "id_plain", "is_sound")} THEN ',rounded,'
        WHEN length(id_plain) <> 15 AND length(id_plain) <> 18 THEN ',length,'
        WHEN body IS NULL THEN ',characters,'
        WHEN NOT is_dated THEN ',birth,' ELSE ',checksum,' END AS id_flags
    FROM ({_JUDGED}) AS judged
"""
_HAS_KEY: Final = "(id_flags = '' OR id_flags = ',fifteen,')"
_RECORDS: Final = f"""
    SELECT {", ".join(ROSTER_COLUMNS)},
           md5(concat(digest, {mark_sql("source")}, coalesce(birth_digits, ''),
                      CASE WHEN {_HAS_KEY} THEN '|' ELSE '!' END, id_plain, '|', name_key)) AS fingerprint,
           CASE WHEN id_flags = '' THEN id_plain WHEN id_flags = ',fifteen,'
                THEN substr(id_plain, 1, 6) || '19' || substr(id_plain, 7, 9) || {check_of_sql("remainder")}
                END AS id18,
           CASE WHEN {_HAS_KEY} THEN body END AS id_body, id_flags,
           CASE WHEN NOT {_HAS_KEY} THEN id_plain END AS id_plain,
           name_key, written_birth,
           CASE WHEN written_birth IS NOT NULL THEN written_birth
                WHEN {_HAS_KEY} THEN CAST(born AS BIGINT) END AS birth_key,
           unit_key, unit_no
    FROM ({_FLAGGED}) AS flagged
"""
_OFFICE: Final = f"CASE WHEN source = '{ESTABLISHMENT}' THEN unit_no END"
_ID_GROUPS: Final = f"""
    SELECT id_body, count(*) AS lines, {mask_sql("source")} AS mask, min(name_key) AS first_name,
           max(name_key) AS last_name, min({_OFFICE}) AS first_office, max({_OFFICE}) AS last_office
    FROM records WHERE id_body IS NOT NULL GROUP BY id_body
"""
_REPEATED: Final = """
    SELECT fingerprint FROM (
        SELECT fingerprint FROM records JOIN crowded ON records.id_body = crowded.id_body
        UNION ALL
        SELECT fingerprint FROM records WHERE id_body IS NULL
    ) AS suspects
    GROUP BY fingerprint HAVING count(*) > 1
"""
_REPETITIONS: Final = """
    SELECT delivery, row, fingerprint || '#' || CAST(place AS VARCHAR) AS fingerprint
    FROM (
        SELECT delivery, row, records.fingerprint,
               row_number() OVER (PARTITION BY records.fingerprint ORDER BY {order}) AS place
        FROM records JOIN repeated ON records.fingerprint = repeated.fingerprint
    ) AS placed
    WHERE place > 1
"""
