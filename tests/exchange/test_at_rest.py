"""The hub at rest: deliveries, rosters, tables of runs and lists lie sealed, on either engine."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bianzhi.common import field_keys, jobs, sealed_files
from bianzhi.exchange import files
from bianzhi.exchange.jobs import computing
from bianzhi.exchange.models import Delivery, Finding, Run, RunState
from bianzhi.exchange.run_tables import open_table
from bianzhi.exchange.services.runs import resume_run, start_run
from bianzhi.reconciliation.sql.spark_engine import why_no_spark
from tests.cast import TODAY
from tests.exchange.rosters import as_csv, bring, source_of
from tests.exchange.rosters import people as people_of
from tests.exchange.test_computing import delivered, ran, rosters  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.FIELD_KEYS = tmp_path / "keys" / "fields.json"
    settings.ENCRYPT_FILES = True
    field_keys.establish(anything_sealed=lambda: False)
    return tmp_path


def plain_files(home: Path) -> list[str]:
    """What lies plain, but for the run's account of itself (counts, versions, digests) and locks."""
    kept = [path for path in home.rglob("*") if path.is_file() and "keys" not in path.parts and path.name != ".lock"]
    return [str(path) for path in kept if path.suffix != ".json" and not sealed_files.is_sealed(path)]


def test_a_delivery_and_its_roster_lie_sealed_and_nothing_is_left_of_the_reading(people, home):
    delivery = bring(people.liaison_finance, source_of(people.director), as_csv(people_of(5)))
    assert Delivery.objects.get(pk=delivery.pk).roster
    assert plain_files(home) == []
    assert files.read(delivery.sha256) == as_csv(people_of(5))


@pytest.mark.parametrize(
    "engine",
    [
        "duckdb",
        pytest.param("spark", marks=[pytest.mark.slow, pytest.mark.skipif(bool(why_no_spark()), reason="no Spark")]),
    ],
)
def test_the_tables_of_a_run_lie_sealed_whatever_computes_them(delivered, home, engine):  # noqa: F811
    run = start_run(actor=delivered.people.office_clerk, period="2026-01", today=TODAY, engine=engine)
    jobs.run_waiting()
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.error
    tables = sorted(computing.folder_of(run).glob("*.parquet"))
    assert {"findings.parquet", "links.parquet"} <= {path.name for path in tables}
    assert all(sealed_files.is_sealed(path) for path in tables)
    assert plain_files(home) == []
    assert pq.read_table(open_table(computing.folder_of(run) / "links.parquet")).num_rows > 0
    assert Finding.objects.filter(last_run=run).exists()


def test_a_run_computed_sealed_finds_what_one_computed_plain_finds(delivered, settings):  # noqa: F811
    ran(delivered, "2026-01")
    sealed = dict(Finding.objects.values_list("key", "state"))
    settings.ENCRYPT_FILES = False
    run = ran(delivered, "2026-01")
    assert dict(Finding.objects.values_list("key", "state")) == sealed
    assert not sealed_files.is_sealed(computing.folder_of(run) / "links.parquet")
    settings.ENCRYPT_FILES = True
    following = ran(delivered, "2026-02")
    assert following.previous == run, "the tables of the month before are read plain"


def test_a_changed_byte_fails_the_run_in_words_and_takes_nothing_in(delivered):  # noqa: F811
    run = start_run(actor=delivered.people.office_clerk, period="2026-01", today=TODAY)
    place = files.path_of(run.deliveries.get(source__code="hr").roster)
    whole = place.read_bytes()
    place.write_bytes(whole[:-500] + bytes([whole[-500] ^ 1]) + whole[-499:])
    jobs.run_waiting()
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "文件内容已被改动" in run.error
    assert run.job is not None
    assert "./bianzhi check" in run.job.error
    assert not Finding.objects.exists()
    place.write_bytes(whole)
    resume_run(actor=delivered.people.office_clerk, run_id=run.pk)
    jobs.run_waiting()
    assert Run.objects.get().state == RunState.DONE
