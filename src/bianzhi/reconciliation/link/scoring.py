"""What the pairs of the residue weigh, comparison by comparison."""

from __future__ import annotations

import pyarrow as pa

from bianzhi.reconciliation.link import weights
from bianzhi.reconciliation.link.settings import LinkSettings
from bianzhi.reconciliation.link.training import train
from bianzhi.reconciliation.link.weights import Weights
from bianzhi.reconciliation.normalise.texts import quoted
from bianzhi.reconciliation.sql.engine import Engine


def weigh_pairs(engine: Engine, settings: LinkSettings) -> None:
    """`residue_pairs` → `weighed_pairs`, the same with a weight for each comparison and their sum.

    Also left is `link_weights` (comparison, level, weight, origin): what was used, for the record of the run.
    """
    chosen = weights.DECLARED
    if settings.scorer == "splink":
        chosen = train(engine, least_people=settings.least_people_to_train)
    engine.register("link_weights", _as_table(chosen))
    engine.create("weighed_pairs", weighing_sql(chosen))


def weighing_sql(chosen: Weights) -> str:
    """The SELECT that weighs `residue_pairs`."""
    parts = []
    for comparison, scale in chosen.scales.items():
        level = f"CAST({comparison}_level AS VARCHAR)"
        cases = " ".join(f"WHEN {quoted(name)} THEN {weight}" for name, weight in scale.items())
        parts.append(f"CASE {level} {cases} END AS {comparison}_weight")
    total = " + ".join(f"{comparison}_weight" for comparison in chosen.scales)
    return f"SELECT *, {total} AS weight FROM (SELECT *, {', '.join(parts)} FROM residue_pairs) AS weighed"


def _as_table(chosen: Weights) -> pa.Table:
    lines = [(c, level, weight) for c, scale in chosen.scales.items() for level, weight in scale.items()]
    return pa.table(
        {
            "comparison": [c for c, _, _ in lines],
            "level": [level for _, level, _ in lines],
            "weight": [weight for _, _, weight in lines],
            "origin": [chosen.origin] * len(lines),
        }
    )
