"""Weights learned by Splink from people whose number already says who they are.

Splink 5 estimates m from rows of one number (what one person's rows look like to another department) and u from random
pairs. Its own edit distances count bytes in DuckDB, so its levels are our per-character SQL. Only the estimates are
taken over, as whole bits: pairs are then weighed by the same SQL on every engine, and each weight can be shown.
"""

from __future__ import annotations

import logging
import math
from typing import Any, Final

import duckdb
import pyarrow as pa

from bianzhi.reconciliation.link import weights
from bianzhi.reconciliation.link.births import agreement_sql
from bianzhi.reconciliation.link.weights import Scale, Weights
from bianzhi.reconciliation.normalise.character_distance import cd_sql, same_given_sql
from bianzhi.reconciliation.sql.engine import Engine

SAMPLE: Final = 10_000  # people looked at
PAIRS: Final = 1_000_000  # random pairs looked at
HEAVIEST: Final = 20  # bits: no single agreement may decide alone
SEED: Final = 1


def train(engine: Engine, *, least_people: int) -> Weights:
    """Weights learned from `records`, `id_groups`, `homes`; the declared ones where fewer than `least_people` serve.

    The same rows give the same weights. A level nobody in the sample shows keeps its declared weight; what numbers
    weigh is never learned, since they choose the sample.
    """
    people = engine.count("id_groups")
    if people < least_people:
        return weights.DECLARED
    rows = engine.rows(_SAMPLE.format(step=max(1, people // SAMPLE) | 1))
    learned = _estimate(_table(rows))
    scales = {name: _scale(declared, learned.get(name, {})) for name, declared in weights.DECLARED.scales.items()}
    return Weights("trained", scales)


def _scale(declared: Scale, learned: dict[str, float]) -> Scale:
    return {level: _bits(learned[level]) if level in learned else weight for level, weight in declared.items()}


def _bits(weight: float) -> int:
    return max(-HEAVIEST, min(HEAVIEST, round(weight)))


def _table(rows: list[tuple[Any, ...]]) -> pa.Table:
    text, whole = pa.string(), pa.int64()
    kinds = {"unique_id": text, "person": whole, "name_key": text, "birth": whole, "home": text}
    return pa.table({name: pa.array([row[i] for row in rows], kind) for i, (name, kind) in enumerate(kinds.items())})


def _estimate(people: pa.Table) -> dict[str, dict[str, float]]:
    """log2(m/u) of each level of each comparison, where both were seen."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415 - half a second nobody else should wait for

    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect(config={"threads": 1}) as connection:
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=list(_COMPARISONS),
            blocking_rules_to_generate_predictions=[block_on("person")],
        )
        linker = Linker(DuckDBAPI(connection=connection).register(people), settings, log_level=logging.ERROR)
        linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS, seed=SEED)
        linker.training.estimate_m_from_label_column("person")
        model = linker.misc.save_model_to_json()
    return {one["output_column_name"]: _weights_of(one["comparison_levels"]) for one in model["comparisons"]}


def _weights_of(levels: list[dict[str, Any]]) -> dict[str, float]:
    return {
        level["label_for_charts"]: math.log2(level["m_probability"] / level["u_probability"])
        for level in levels
        if level.get("m_probability") and level.get("u_probability")
    }


def _comparison(name: str, nothing: str, *levels: tuple[str, str]) -> dict[str, Any]:
    return {
        "output_column_name": name,
        "comparison_levels": [
            {"sql_condition": nothing, "label_for_charts": "nothing", "is_null_level": True},
            *({"sql_condition": condition, "label_for_charts": label} for label, condition in levels),
        ],
    }


_FAR: Final = cd_sql("name_key_l", "name_key_r")
_AGREEMENT: Final = agreement_sql("birth_l", "birth_r")
_COMPARISONS: Final = (
    _comparison(
        "name",
        "name_key_l = '' OR name_key_r = ''",
        ("same", "name_key_l = name_key_r"),
        ("near", f"length(name_key_l) > 2 AND length(name_key_r) > 2 AND ({_FAR}) = 1"),
        ("given", same_given_sql("name_key_l", "name_key_r")),
        ("near_short", f"({_FAR}) = 1"),
        ("different", "ELSE"),
    ),
    _comparison(
        "birth",
        "birth_l IS NULL OR birth_r IS NULL",
        *((str(level), f"({_AGREEMENT}) = {level}") for level in (2, 1, -1)),
        ("-2", "ELSE"),
    ),
    _comparison(
        "home",
        "home_l IS NULL OR home_r IS NULL",
        ("same", "home_l = home_r"),
        ("other", "ELSE"),
    ),
)
_SAMPLE: Final = """
    SELECT records.fingerprint, records.id_body, records.name_key, records.written_birth, homes.home
    FROM records JOIN id_groups ON records.id_body = id_groups.id_body
    LEFT JOIN homes ON records.unit_no = homes.unit_no AND homes.place = 1
    WHERE id_groups.id_body % {step} = 0
    ORDER BY records.fingerprint
"""
