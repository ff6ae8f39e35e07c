"""The stages of a comparison, in one visible list: what each makes, and from what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from bianzhi.reconciliation.events.stage import find_events
from bianzhi.reconciliation.findings.judging import find
from bianzhi.reconciliation.findings.wide import COMPARED, make_person_wide, make_positions, note_changes
from bianzhi.reconciliation.identity import define_keyed_records, make_identities
from bianzhi.reconciliation.link import LinkSettings, define_linked, make_links
from bianzhi.reconciliation.normalise.records import make_records
from bianzhi.reconciliation.sql.engine import Engine

MANIFEST: Final = "manifest.json"
"""The file a finished run says everything about itself in."""

CONSTRAINTS: Final = pa.schema(
    [(name, pa.string()) for name in ("kind", "left_source", "left_fingerprint", "right_source", "right_fingerprint")]
)
ALIASES: Final = pa.schema([("source", pa.string()), ("text", pa.string()), ("unit", pa.string())])
RECORDS_ASKED: Final = """
SELECT r.* FROM records r JOIN (
    SELECT left_fingerprint AS fingerprint FROM pairs_for_review
    UNION SELECT right_fingerprint AS fingerprint FROM pairs_for_review
) AS asked ON asked.fingerprint = r.fingerprint
"""
QUOTAS: Final = pa.schema([("unit", pa.string()), ("quota_type", pa.string()), ("approved", pa.int64())])


@dataclass(frozen=True, slots=True)
class RunInputs:
    """What a comparison is made of.

    rosters: department → Parquet files in the columns of ROSTER_COLUMNS. period: the month, "2026-10".
    previous: the folder of the run of the month before, for events and for person keys that stay.
    constraints: decided links (CONSTRAINTS). aliases: approved names of units (ALIASES).
    quotas: approved numbers (QUOTAS), a line without quota_type being of all types together. settings: of linking.
    """

    rosters: Mapping[str, Sequence[Path]]
    period: str
    previous: Path | None = None
    constraints: pa.Table | None = None
    aliases: pa.Table | None = None
    quotas: pa.Table | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: its name, what officials read while it runs, the relations it leaves, and how it is computed.

    What it makes is saved when it is through, and loaded again when the run goes on after an interruption, or when
    another run asks for the same: `needs` are the facts of a run that it depends on besides the stage before it.
    What it `passes` on is for the stages after it alone: computed again when the run goes on, which costs no more than
    saving it every time.
    """

    name: str
    title: str
    makes: Sequence[str]
    needs: Sequence[str]
    compute: Callable[[Engine, RunInputs], None]
    passes: Sequence[str] = ()


def _rosters(engine: Engine, inputs: RunInputs) -> None:
    make_records(engine)


def _links(engine: Engine, inputs: RunInputs) -> None:
    engine.register("constraints", _or_empty(inputs.constraints, CONSTRAINTS))
    engine.register("approved_aliases", _or_empty(inputs.aliases, ALIASES))
    make_links(engine, LinkSettings(**inputs.settings))
    engine.create("records_asked", RECORDS_ASKED)


def _positions(engine: Engine, inputs: RunInputs) -> None:
    define_linked(engine)
    define_keyed_records(engine)
    make_positions(engine)
    make_identities(engine, former(inputs, "positions"), COMPARED)
    note_changes(engine)
    make_person_wide(engine)


def _findings(engine: Engine, inputs: RunInputs) -> None:
    engine.register("quota", _or_empty(inputs.quotas, QUOTAS))
    engine.register("constraints", _or_empty(inputs.constraints, CONSTRAINTS))
    find(engine)


def _events(engine: Engine, inputs: RunInputs) -> None:
    find_events(engine, inputs.period, former(inputs, "positions"))


STAGES: Final = (
    Stage(
        "records",
        "整理名册",
        (),
        ("program", "engine", "inputs"),
        _rosters,
        passes=("records", "written_units", "id_groups"),
    ),
    Stage(
        "links",
        "关联人员",
        ("links", "link_overrides", "pairs_for_review", "records_asked", "unit_aliases", "homes", "office_units"),
        ("constraints", "aliases", "settings"),
        _links,
    ),
    Stage(
        "positions",
        "沿用人员标识，归并每人情况",
        ("positions", "identities", "identity_events", "persons_changed", "person_wide"),
        ("previous",),
        _positions,
    ),
    Stage("findings", "查找差异", ("findings",), ("quotas",), _findings),
    Stage("events", "识别变动", ("events",), ("period",), _events),
)


def former(inputs: RunInputs, table: str) -> Path | None:
    """The file of a relation of the month before, where there is one."""
    if inputs.previous is None:
        return None
    path = inputs.previous / f"{table}.parquet"
    return path if path.exists() and (inputs.previous / MANIFEST).exists() else None


def _or_empty(table: pa.Table | None, schema: pa.Schema) -> pa.Table:
    return schema.empty_table() if table is None else table.select(schema.names).cast(schema)
