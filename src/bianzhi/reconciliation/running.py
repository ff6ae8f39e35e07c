"""A comparison from rosters to findings: stage after stage, each kept when it is through.

A run that is stopped, by a person or by a power cut, goes on after the last stage that was through when it is started
again on the same folder with the same inputs; with other inputs, rules or program nothing is taken over. Files appear
whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bianzhi.kernel.objections import Objection, Refused
from bianzhi.reconciliation.counting import counts_of
from bianzhi.reconciliation.digests import digest_of, program_digest, versions
from bianzhi.reconciliation.findings.rules import rules_digest
from bianzhi.reconciliation.link.rules import DIGEST as LINK_RULES_DIGEST
from bianzhi.reconciliation.progress import Progress, write_json
from bianzhi.reconciliation.sources import DEPARTMENTS, ESTABLISHMENT
from bianzhi.reconciliation.sql.engine import Engine
from bianzhi.reconciliation.stages import MANIFEST, STAGES, RunInputs, Stage

Report = Callable[[str, int, int], None]

__all__ = ["MANIFEST", "RunInputs", "RunResult", "run"]


@dataclass(frozen=True, slots=True)
class RunResult:
    """Where the results of a run lie, what it counted, and its manifest (inputs, rules, versions, stages)."""

    folder: Path
    counts: Mapping[str, Mapping[str, int]]
    manifest: Mapping[str, Any]


def run(inputs: RunInputs, folder: Path, engine: Engine, report: Report | None = None) -> RunResult:
    """Compare the rosters and leave every relation of the stages as Parquet in `folder`, with manifest.json.

    `report(stage, done, total)` is told before each stage and at the end; whatever it raises stops the run, which can
    be started again later. Raises Refused when the establishment office's roster is missing, or there is only one.
    """
    _require_enough(inputs)
    folder.mkdir(parents=True, exist_ok=True)
    facts = _facts_of(inputs, engine)
    progress = Progress(folder)
    (folder / MANIFEST).unlink(missing_ok=True)
    engine.load("rosters", _each_delivery_once(inputs.rosters))
    digests = _digests(facts)
    is_finished = all(progress.is_done(one.name, digests[one.name], one.makes) for one in STAGES)
    for place, stage in enumerate(STAGES):
        if report is not None:
            report(stage.name, place, len(STAGES))
        if progress.is_done(stage.name, digests[stage.name], stage.makes):
            _take_over(stage, inputs, engine, progress, is_finished=is_finished)
        else:
            _compute(stage, inputs, engine, progress, digests[stage.name])
    manifest = {
        **facts,
        "rules": digest_of([LINK_RULES_DIGEST, rules_digest()]),
        "versions": dict(versions()),
        "stages": [{"name": one.name, "title": one.title, **progress.facts_of(one.name)} for one in STAGES],
        "counts": counts_of(engine),
    }
    write_json(folder / MANIFEST, manifest)
    if report is not None:
        report("done", len(STAGES), len(STAGES))
    return RunResult(folder, manifest["counts"], manifest)


def _digests(facts: Mapping[str, Any]) -> dict[str, str]:
    """Stage → everything its results depend on: its own facts, and those of the stages before it."""
    digests: dict[str, str] = {}
    digest = ""
    for stage in STAGES:
        digest = digest_of([digest, stage.name, {name: facts[name] for name in stage.needs}])
        digests[stage.name] = digest
    return digests


def _take_over(stage: Stage, inputs: RunInputs, engine: Engine, progress: Progress, *, is_finished: bool) -> None:
    """Load what a stage kept; what it passed on without keeping it is made again if a later stage will ask for it."""
    for table in stage.makes:
        engine.load(table, [progress.path_of(table)])
    if stage.passes and not is_finished:
        stage.compute(engine, inputs)


def _compute(stage: Stage, inputs: RunInputs, engine: Engine, progress: Progress, digest: str) -> None:
    """Compute a stage and keep what it makes."""
    began = time.monotonic()
    stage.compute(engine, inputs)
    for table in stage.makes:
        engine.save(table, progress.path_of(table))
    seconds = round(time.monotonic() - began, 3)
    progress.note(stage.name, digest, {"seconds": seconds, "rows": engine.count([*stage.passes, *stage.makes][0])})


def _require_enough(inputs: RunInputs) -> None:
    delivered = [code for code, paths in inputs.rosters.items() if paths]
    if ESTABLISHMENT not in delivered:
        raise Refused([Objection("X01", "缺少编办的实名制名册，无法核对。", next_step="请加入编办名册后再运行。")])
    if len(delivered) == 1:
        others = "、".join(label for code, label in DEPARTMENTS if code != ESTABLISHMENT)
        message = f"只有编办一方的名册，没有可比对的部门（{others}）。"
        raise Refused([Objection("X02", message, next_step="请至少再加入一个部门的名册。")])


def _facts_of(inputs: RunInputs, engine: Engine) -> dict[str, Any]:
    """Everything the results depend on; two runs with equal facts have equal results, file names apart."""
    return {
        "period": inputs.period,
        "engine": engine.name,
        "inputs": {code: [_file(path) for path in sorted(paths)] for code, paths in sorted(inputs.rosters.items())},
        "previous": _previous(inputs.previous),
        "constraints": _table_digest(inputs.constraints),
        "aliases": _table_digest(inputs.aliases),
        "quotas": _table_digest(inputs.quotas),
        "settings": dict(inputs.settings),
        "program": program_digest(),
    }


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"file": path.name, "sha256": digest, "rows": pq.read_metadata(path).num_rows}


def _previous(folder: Path | None) -> str | None:
    """The former run by what went into it, not by where it lies."""
    if folder is None or not (folder / MANIFEST).exists():
        return None
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    return digest_of({name: value for name, value in manifest.items() if name != "stages"})


def _table_digest(table: pa.Table | None) -> str | None:
    """A small table by its lines, in whatever order they come."""
    return None if table is None else digest_of(sorted(json.dumps(line, sort_keys=True) for line in table.to_pylist()))


def _each_delivery_once(rosters: Mapping[str, Sequence[Path]]) -> list[Path]:
    """The files without those that hold a delivery already taken: the same file twice is one delivery."""
    taken: set[tuple[str, str]] = set()
    chosen = []
    for code in sorted(rosters):
        for path in sorted(rosters[code]):
            deliveries = {(code, str(value)) for value in _deliveries(path)}
            if not deliveries <= taken:
                chosen.append(path)
                taken |= deliveries
    return chosen


def _deliveries(path: Path) -> list[str]:
    column = pq.read_table(path, columns=["delivery"], read_dictionary=["delivery"])["delivery"]
    return [str(value) for value in column.unique().to_pylist()]
