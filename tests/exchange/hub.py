"""A hub with accepted deliveries, and runs whose tables are written by hand: one place says what was found each month.

    def test_something(hub):
        run = hub.run("2026-01", findings=[hub.finding(occupancy)])       # taken in, with everything it brings about

Today is tests.cast.TODAY (2026-03-02); people are those of tests.matters.people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.exchange.models import Delivery, DeliveryState, Run, Source
from bianzhi.exchange.services.runs import note_running, start_run
from bianzhi.exchange.services.taking_in import take_in
from bianzhi.personnel.models import Occupancy
from bianzhi.reconciliation.sources import DEPARTMENTS, ROSTER_COLUMNS
from tests.cast import TODAY, Cast
from tests.matters.people import People

HUB = System("数据核对")


def silent(done: int, total: int, message: str = "") -> None:
    """Progress nobody looks at."""


@dataclass
class Hub:
    """The hub of a district, on one day."""

    people: People
    folder: Path
    today: date = TODAY
    sources: dict[str, Source] = field(default_factory=dict)

    @property
    def cast(self) -> Cast:
        return self.people.cast

    def deliver(self, period: str, departments: Iterable[str] | None = None, *, part: int = 1, parts: int = 1) -> None:
        """An accepted delivery of each department."""
        for code in departments if departments is not None else self.sources:
            digest = hashlib.sha256(f"{code}{period}{part}".encode()).hexdigest()
            facts = {"sm3": digest, "file_name": f"{code}.csv", "size": 1, "roster": digest, "rows": 1}
            Delivery.objects.get_or_create(
                source=self.sources[code],
                period=period,
                sha256=digest,
                defaults={**facts, "part": part, "parts": parts, "state": DeliveryState.ACCEPTED},
            )

    def begin(self, period: str, departments: Iterable[str] | None = None) -> Run:
        """A run asked for by the office and taken up by a worker, with its tables still to be written."""
        self.deliver(period, departments)
        run = start_run(
            actor=self.people.office_clerk, period=period, today=self.today, allow_missing=departments is not None
        )
        note_running(actor=HUB, run_id=run.pk)
        return run

    def run(self, period: str, departments: Iterable[str] | None = None, **tables: Sequence[Mapping[str, Any]]) -> Run:
        """A run that has found this, taken in."""
        return self.take(self.begin(period, departments), **tables)

    def take(self, run: Run, **tables: Sequence[Mapping[str, Any]]) -> Run:
        """Write the tables of a run and take them in."""
        place = self.folder / str(run.pk)
        place.mkdir(exist_ok=True)
        for name, rows in tables.items():
            write(place / f"{name}.parquet", rows)
        return take_in(actor=HUB, run_id=run.pk, folder=place, today=self.today, progress=silent)

    def news(self) -> None:
        """Deliver the outbox until nothing waits."""
        while deliver_waiting():
            pass

    def row(self, occupancy: Occupancy, source: str = "establishment", **cells: Any) -> dict[str, Any]:
        """A row of a roster about somebody on quota."""
        person = occupancy.person
        empty: dict[str, Any] = dict.fromkeys(ROSTER_COLUMNS)
        told = {"source": source, "delivery": "d" * 64, "row": 2, "id_number": person.id_number, "name": person.name}
        return {**empty, **told, "unit": "测试区财政局", **cells}

    def finding(
        self, occupancy: Occupancy, kind: str = "ghost_payroll", lane: str = "accuse", **cells: Any
    ) -> dict[str, Any]:
        """A line of the table of findings about somebody on quota."""
        rows = cells.pop("rows", None) or [self.row(occupancy, "finance")]
        key = cells.pop("key", hashlib.md5(f"{kind}{occupancy.person_id}".encode(), usedforsecurity=False).hexdigest())
        return {
            "key": key,
            "kind": kind,
            "person_key": f"P{occupancy.person_id:020d}",
            "name": occupancy.person.name,
            "unit": "测试区财政局",
            "owner": "finance",
            "severity": "red",
            "lane": lane,
            "sources": ",finance,",
            "facts": {"paid": 1, "listed": 0},
            "rows": rows,
            "explanation": "工资册有在发工资的行，编办名册没有在编行。",
            **cells,
        }

    def event(self, kind: str, name: str, **cells: Any) -> dict[str, Any]:
        """A line of the table of events."""
        evidence = {"id_number": cells.pop("id_number", ""), "signals": [], **cells.pop("evidence", {})}
        return {
            "key": hashlib.md5(f"{kind}{name}".encode(), usedforsecurity=False).hexdigest(),
            "kind": kind,
            "person_key": "",
            "name": name,
            "from_unit": None,
            "to_unit": None,
            "happened_on": "2026-02-01",
            "sources": ",establishment,hr,",
            "confidence": 0.95,
            "lane": "candidate",
            "evidence": evidence,
            **cells,
        }


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A table as a stage writes it: facts, rows and evidence are JSON texts."""
    lines = [
        {
            name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
            for name, value in row.items()
        }
        for row in rows
    ]
    pq.write_table(pa.Table.from_pylist(lines), path)


@unit_of_work
def make_sources(*, actor: System) -> dict[str, Source]:
    """One source for each department."""
    rows = {code: Source.objects.create(code=code, name=label, department=code) for code, label in DEPARTMENTS}
    record("tests.built", actor=actor, subject=rows["hr"], facts={}, wrote=list(rows.values()))
    return rows


def assemble_hub(people: People, folder: Path) -> Hub:
    """The hub with a source of each department."""
    return Hub(people, folder, sources=make_sources(actor=System("测试")))
