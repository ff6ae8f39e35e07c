"""Only people who changed since the month before are judged again, and everything comes out as if all were."""

import json
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.reconciliation.outcome import outcome
from tests.reconciliation.running.conftest import MONTHS, Rosters, compare, quotas_of, rosters_of

FOLLOWING = "2026-11"


@pytest.fixture
def judged_anew(october, tmp_path: Path) -> Path:
    """The first month as another program would have left it: none of its judgements is taken over."""
    former = tmp_path / "former"
    shutil.copytree(october.folder, former)
    manifest = json.loads((former / "manifest.json").read_text("utf-8"))
    (former / "manifest.json").write_text(json.dumps({**manifest, "program": "another"}), "utf-8")
    return former


def everybody(folder: Path) -> list[str]:
    return sorted(map(repr, pq.read_table(folder / "person_wide.parquet").to_pylist()))


def changed_people(folder: Path) -> int:
    return int(pq.read_metadata(folder / "persons_changed.parquet").num_rows)


def meddled(rosters: Rosters, folder: Path, seed: int) -> Rosters:
    """The same month with some rows gone, some twice, some of another unit, state or name."""
    chance = random.Random(seed)
    folder.mkdir()
    written = {}
    for code, (path,) in rosters.items():
        rows = pq.read_table(path).to_pylist()
        units = [row["unit"] for row in rows]
        kept = []
        for row in rows:
            fate = chance.random()
            if fate < 0.01:
                continue
            if fate < 0.02:
                kept.append({**row, "row": row["row"] + 100_000})
            elif fate < 0.03:
                row = {**row, "unit": chance.choice(units)}
            elif fate < 0.04:
                row = {**row, "status": chance.choice(["退休", "死亡", "在职"])}
            elif fate < 0.05:
                row = {**row, "name": row["name"][:1] + "某"}
            elif fate < 0.06:
                row = {**row, "id_number": None}
            kept.append(row)
        target = folder / f"{code}.parquet"
        pq.write_table(pa.Table.from_pylist(kept, schema=pq.read_schema(path)), target)
        written[code] = [target]
    return written


def test_the_next_month_comes_out_as_if_everybody_were_judged_anew(district, october, november, judged_anew, tmp_path):
    quotas = quotas_of(district, MONTHS[1])
    rosters = rosters_of(district, MONTHS[1])
    anew = compare(tmp_path / "anew", rosters, period=MONTHS[1], previous=judged_anew, quotas=quotas)
    assert 0 < changed_people(november.folder) < november.counts["persons"]["all"] / 2
    assert outcome(anew.folder) == outcome(november.folder)
    assert everybody(anew.folder) == everybody(november.folder)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_changed_comes_out_as_if_everybody_were_judged_anew(seed, district, october, judged_anew, tmp_path):
    rosters = meddled(rosters_of(district, MONTHS[0]), tmp_path / "rosters", seed)
    following = compare(tmp_path / "following", rosters, period=FOLLOWING, previous=october.folder)
    anew = compare(tmp_path / "anew", rosters, period=FOLLOWING, previous=judged_anew)
    assert changed_people(following.folder) > 0
    assert outcome(anew.folder) == outcome(following.folder)
    assert everybody(anew.folder) == everybody(following.folder)


def test_a_month_in_which_nothing_changed_has_no_events(district, october, tmp_path):
    quotas = quotas_of(district, MONTHS[0])
    again = compare(tmp_path, rosters_of(district, MONTHS[0]), period=FOLLOWING, previous=october.folder, quotas=quotas)
    assert changed_people(again.folder) == 0
    assert again.counts["events"] == {}
    assert outcome(again.folder)["findings"] == outcome(october.folder)["findings"]
