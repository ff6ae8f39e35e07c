"""The cascade from end to end: its order is the order in which one of two claims to a row wins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa

from bianzhi.reconciliation.link.aliases import learn_aliases
from bianzhi.reconciliation.link.assembling import assemble, publish
from bianzhi.reconciliation.link.consensus import settle_odd_ids
from bianzhi.reconciliation.link.constraints import apply_constraints
from bianzhi.reconciliation.link.merging import merge_reissued
from bianzhi.reconciliation.link.naming import match_names
from bianzhi.reconciliation.link.people import gather_incomplete, separate_loose
from bianzhi.reconciliation.link.repair import repair_numbers
from bianzhi.reconciliation.link.residue import compare_residue, decide_residue
from bianzhi.reconciliation.link.scoring import weigh_pairs
from bianzhi.reconciliation.link.settings import LinkSettings
from bianzhi.reconciliation.sql.engine import Engine

Report = Callable[[str, int, int], None]

CONSTRAINT_COLUMNS: Final = ("kind", "left_source", "left_fingerprint", "right_source", "right_fingerprint")
ALIAS_COLUMNS: Final = ("source", "text", "unit")
_MADE_ON_THE_WAY: Final = (
    "id_groups", "written_units", "odd_records", "odd_entities", "odd_links", "alias_ranks", "loose", "repaired",
    "members", "masks", "facts", "remaining", "residue_pairs", "weighed_pairs", "questions", "asked_pairs",
    "decided_pairs",
)  # fmt: skip


def make_links(engine: Engine, settings: LinkSettings | None = None, report: Report | None = None) -> None:
    """What `make_records` leaves, `constraints`, `approved_aliases` → `links`, `pairs_for_review`, `unit_aliases`.

    Also left are `homes` and `office_units`, by which units are compared, `link_weights`, and `link_overrides`, from
    which `links` are read together with `records`. The last two inputs may be empty but must be there
    (`empty_inputs`). The outcome depends on what the rows say alone, not on the order of rows, files or columns.
    """
    chosen = settings or LinkSettings()
    steps: tuple[Callable[[Engine], None], ...] = (
        learn_aliases,
        settle_odd_ids,
        separate_loose,
        repair_numbers,
        gather_incomplete,
        merge_reissued,
        match_names,
        compare_residue,
        lambda given: weigh_pairs(given, chosen),
        decide_residue,
        assemble,
        apply_constraints,
        publish,
    )
    for number, step in enumerate(steps):
        if report is not None:
            report("links", number, len(steps))
        step(engine)
    engine.drop(*_MADE_ON_THE_WAY)


def empty_inputs(engine: Engine) -> None:
    """Register `constraints` and `approved_aliases` without rows: a run about which nobody decided anything yet."""
    for table, columns in (("constraints", CONSTRAINT_COLUMNS), ("approved_aliases", ALIAS_COLUMNS)):
        engine.register(table, pa.table({column: pa.array([], pa.string()) for column in columns}))
