"""A run leaves its tables and a manifest, goes on where it was stopped, and takes nothing over from other inputs."""

import json

import pyarrow.parquet as pq
import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.stages import STAGES
from tests.reconciliation.outcome import outcome
from tests.reconciliation.running.conftest import MONTHS, compare, rosters_of


class Stopped(Exception):
    pass


def stopping_at(name):
    """A report that stops the run before a stage, as a person pressing cancel does."""

    def report(stage, done, total):
        if stage == name:
            raise Stopped

    return report


def test_a_run_leaves_every_table_and_says_what_it_was_made_of(october):
    manifest = json.loads((october.folder / "manifest.json").read_text("utf-8"))
    assert {path.stem for path in october.folder.glob("*.parquet")} == {table for one in STAGES for table in one.makes}
    assert [stage["name"] for stage in manifest["stages"]] == [stage.name for stage in STAGES]
    assert set(manifest["inputs"]) == {"establishment", "organization", "hr", "finance"}
    assert {"duckdb", "python", "sqlglot"} <= set(manifest["versions"])
    assert len(manifest["rules"]) == 64
    assert manifest["counts"] == october.counts
    assert sum(october.counts["kinds"].values()) == pq.read_metadata(october.folder / "findings.parquet").num_rows
    assert sum(october.counts["rules"].values()) == sum(october.counts["records"].values())


def test_progress_is_told_stage_by_stage(district, tmp_path):
    told = []
    compare(tmp_path, rosters_of(district, MONTHS[0]), report=lambda *step: told.append(step))
    assert [stage for stage, _, _ in told] == [*(stage.name for stage in STAGES), "done"]
    assert told[-1] == ("done", len(STAGES), len(STAGES))


def test_a_stopped_run_goes_on_after_the_last_stage_that_was_through(district, october, tmp_path):
    rosters = rosters_of(district, MONTHS[0])
    with pytest.raises(Stopped):
        compare(tmp_path, rosters, report=stopping_at("positions"))
    assert not (tmp_path / "manifest.json").exists()
    links = (tmp_path / "links.parquet").stat().st_mtime_ns
    compare(tmp_path, rosters)
    assert (tmp_path / "links.parquet").stat().st_mtime_ns == links
    plain = compare(tmp_path / "plain", rosters)
    assert outcome(tmp_path) == outcome(plain.folder)


def test_other_inputs_take_nothing_over(district, tmp_path):
    rosters = rosters_of(district, MONTHS[0])
    first = compare(tmp_path, rosters).counts
    second = compare(tmp_path, {**rosters, "finance": []}).counts
    assert first["records"]["finance"] > 0
    assert "finance" not in second["records"]


def test_a_stage_whose_file_is_gone_is_computed_again(district, tmp_path):
    rosters = rosters_of(district, MONTHS[0])
    compare(tmp_path, rosters)
    (tmp_path / "findings.parquet").unlink()
    assert compare(tmp_path, rosters).counts["kinds"]


def test_without_the_establishment_offices_roster_nothing_is_compared(district, tmp_path):
    rosters = rosters_of(district, MONTHS[0])
    with pytest.raises(Refused, match="缺少编办的实名制名册"):
        compare(tmp_path, {**rosters, "establishment": []})
    with pytest.raises(Refused, match="没有可比对的部门"):
        compare(tmp_path, {"establishment": rosters["establishment"]})


def test_where_finance_delivered_nothing_nobody_is_said_to_be_unpaid(district, tmp_path):
    rosters = {code: paths for code, paths in rosters_of(district, MONTHS[0]).items() if code != "finance"}
    kinds = compare(tmp_path, rosters).counts["kinds"]
    assert not {"unpaid", "ghost_payroll"} & set(kinds)
    assert kinds["two_units"]


def test_events_come_from_the_month_before(october, november):
    assert october.counts["events"] == {}
    assert {"hire", "exit", "transfer"} <= set(november.counts["events"])


def test_people_keep_their_keys(october, november):
    before = {line[1] for line in outcome(october.folder)["identities"]}
    after = {line[1] for line in outcome(november.folder)["identities"]}
    assert len(before & after) > 0.95 * len(before)
