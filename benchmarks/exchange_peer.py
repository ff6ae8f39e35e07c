"""Splink 5 on everything: the same four rosters, one model, no rules before it.

Names and ID numbers are compared character by character: DuckDB's own distances count bytes (exchange.md §0.2), which
would put the peer at a disadvantage on Chinese names.
"""

import logging
from pathlib import Path

import duckdb

LONGEST_NAME = 8


def link_everything(paths: list[Path], out: Path, *, memory: str, spill: Path) -> None:
    """Prepare, train, predict and cluster; writes (source, delivery, row, cluster) to `out`."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    con = duckdb.connect(config={"memory_limit": memory, "temp_directory": str(spill)})
    con.execute(f"CREATE TABLE prepared AS {_prepared(paths)}")
    api = DuckDBAPI(connection=con)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_numbers(), _names(), _births(), _units()],
        blocking_rules_to_generate_predictions=[
            block_on("number"),
            block_on("name", "birth"),
            block_on("name", "unit"),
            block_on("substr(number, 7, 12)"),
        ],
        retain_matching_columns=False,
    )
    linker = Linker(api.register("prepared"), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("number", "name")], recall=0.93)
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("number"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name", "birth"))
    predicted = linker.inference.predict(threshold_match_weight=6)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_weight=10)
    con.execute(
        f"""COPY (SELECT p.source, p.delivery, p.row, CAST(c.cluster_id AS VARCHAR) AS cluster, 'auto' AS lane,
        CAST(p.unique_id AS VARCHAR) AS fingerprint
        FROM prepared p JOIN {clusters.physical_name} c USING (unique_id)) TO '{out}' (FORMAT parquet)"""
    )
    con.close()


def _prepared(paths: list[Path]) -> str:
    """The usual preparation: numbers without decoration and of 18 places, names without spaces, births as digits."""
    files = ", ".join(f"'{path}'" for path in paths)
    number = "upper(regexp_replace(translate(id_number, '０１２３４５６７８９Ｘ', '0123456789X'), '[^0-9Xx]', '', 'g'))"
    digits = "regexp_replace(birth, '[^0-9]', '', 'g')"
    return f"""
WITH cleaned AS (
    SELECT source, delivery, row, nullif({number}, '') AS short, replace(replace(name, ' ', ''), '　', '') AS name,
        CASE WHEN birth LIKE '____.__' THEN NULL WHEN length({digits}) = 8 THEN {digits} END AS written, unit
    FROM read_parquet([{files}])
), numbered AS (
    SELECT *, CASE WHEN length(short) = 15 THEN substr(short, 1, 6) || '19' || substr(short, 7) || '?' ELSE short END
        AS number FROM cleaned
)
SELECT row_number() OVER (ORDER BY source, delivery, row) AS unique_id, source, delivery, row, number, name, unit,
    coalesce(written, CASE WHEN length(number) = 18 THEN substr(number, 7, 8) END) AS birth FROM numbered"""


def _characters(column: str, places: int) -> str:
    """SQL of how many places differ, character by character, between texts of equal length."""
    differing = " + ".join(
        f"CASE WHEN substr({column}_l, {place}, 1) <> substr({column}_r, {place}, 1) THEN 1 ELSE 0 END"
        for place in range(1, places + 1)
    )
    return f"length({column}_l) = length({column}_r) AND ({differing})"


def _comparison(column: str, *levels: tuple[str, str]) -> dict[str, object]:
    return {
        "output_column_name": column,
        "comparison_levels": [
            {
                "sql_condition": f"{column}_l IS NULL OR {column}_r IS NULL",
                "label_for_charts": "missing",
                "is_null_level": True,
            },
            *({"sql_condition": condition, "label_for_charts": label} for condition, label in levels),
            {"sql_condition": "ELSE", "label_for_charts": "different"},
        ],
    }


def _numbers() -> dict[str, object]:
    body = "substr(number_l, 1, 17) = substr(number_r, 1, 17)"
    return _comparison(
        "number",
        ("number_l = number_r", "same"),
        (body, "same but for the check"),
        (f"{_characters('number', 18)} <= 1", "one place differs"),
        (f"{_characters('number', 18)} <= 2", "two places differ"),
    )


def _names() -> dict[str, object]:
    return _comparison(
        "name",
        ("name_l = name_r", "same"),
        (f"{_characters('name', LONGEST_NAME)} <= 1", "one character differs"),
    )


def _births() -> dict[str, object]:
    return _comparison(
        "birth",
        ("birth_l = birth_r", "same"),
        ("substr(birth_l, 1, 6) = substr(birth_r, 1, 6)", "same month"),
        ("substr(birth_l, 1, 4) = substr(birth_r, 1, 4)", "same year"),
    )


def _units() -> dict[str, object]:
    return _comparison("unit", ("unit_l = unit_r", "same"))
