"""What a comparison computes with: the engine, the inputs as tables, the stages, and then the taking in."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from django.conf import settings

from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.working_files import workspace
from bianzhi.exchange import files
from bianzhi.exchange.models import Run
from bianzhi.exchange.parameters import MEMORY, SPARK_MASTER
from bianzhi.exchange.rules.periods import last_day
from bianzhi.exchange.run_tables import SealingEngine
from bianzhi.exchange.selectors.inputs import (
    ALIAS_COLUMNS,
    CONSTRAINT_COLUMNS,
    approved_aliases,
    approved_quotas,
    constraints,
)
from bianzhi.exchange.services.taking_in import take_in
from bianzhi.kernel.file_digests import PIECE
from bianzhi.reconciliation import running
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine
from bianzhi.reconciliation.sql.engine import Engine
from bianzhi.reconciliation.sql.spark_engine import SparkEngine, SparkUnavailableError
from bianzhi.reconciliation.stages import QUOTAS, STAGES

HUB: Final = System("数据核对")
TITLES: Final = {stage.name: stage.title for stage in STAGES}


def compute(run: Run, context: jobs.JobContext, today: date) -> Mapping[str, Any]:
    """Run the stages in the run's folder and take the results in as found on `today`; returns what the job tells.

    Raises JobFailed without Spark where a run asks for it.
    """
    folder = folder_of(run)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with workspace("run-") as plain:
        engine = SealingEngine(_engine(run.engine, plain), plain)
        try:
            running.run(inputs_of(run, today, plain), folder, engine, _report(context))
        finally:
            engine.close()
    take_in(
        actor=HUB,
        run_id=run.pk,
        folder=folder,
        today=today,
        progress=context.progress,
        finish=context.complete,
    )
    return {"run": run.pk}


def folder_of(run: Run) -> Path:
    """Where the tables of a run lie."""
    return Path(settings.MEDIA_ROOT) / run.folder


def inputs_of(run: Run, today: date, plain: Path) -> running.RunInputs:
    """The rosters of the run's deliveries by department, approved quotas, what people have decided for good.

    The rosters are copied into the folder `plain`, under their digests.
    """
    rosters: dict[str, list[Path]] = {}
    for delivery in run.deliveries.select_related("source").order_by("pk"):
        rosters.setdefault(delivery.source.department, []).append(_copied(delivery.roster, plain))
    measured_by = approved_quotas(min(last_day(run.period), today))
    quotas = [dict(zip(QUOTAS.names, line, strict=True)) for line in measured_by]
    return running.RunInputs(
        rosters=rosters,
        period=run.period,
        previous=folder_of(run.previous) if run.previous is not None else None,
        constraints=_table(constraints(), CONSTRAINT_COLUMNS),
        aliases=_table(approved_aliases(), ALIAS_COLUMNS),
        quotas=pa.Table.from_pylist(quotas, schema=QUOTAS),
    )


def _copied(roster: str, folder: Path) -> Path:
    copy = folder / roster
    with files.open_file(roster) as stream, copy.open("wb") as target:
        shutil.copyfileobj(stream, target, PIECE)
    return copy


def _engine(name: str, folder: Path) -> Engine:
    """The engine, with everything it puts aside in `folder`; what it spills there is encrypted by itself."""
    if name != "spark":
        return DuckDBEngine(memory_limit=f"{MEMORY.number}GB", temp_directory=folder, is_checked=False)
    settings = {"spark.local.dir": str(folder), "spark.io.encryption.enabled": "true"}
    try:
        return SparkEngine(str(SPARK_MASTER.value), folder=folder, settings=settings)
    except SparkUnavailableError as error:
        raise jobs.JobFailed(f"{error}；或改用 duckdb") from error


def _table(rows: Sequence[tuple[str, ...]], names: Sequence[str]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


def _report(context: jobs.JobContext) -> Callable[[str, int, int], None]:
    def report(stage: str, done: int, total: int) -> None:
        context.progress(done, total, f"正在{TITLES[stage]}" if stage in TITLES else "正在登记结果")

    return report
