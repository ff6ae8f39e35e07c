"""`./bianzhi demo rosters`: four departments' files of the register's own people, or of invented ones."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from bianzhi.demo.load import load_district
from bianzhi.demo.rosters import NobodyOnQuota, write_district_rosters
from bianzhi.personnel.models import Occupancy, Person
from bianzhi.reconciliation.generate import Form, GenerateOptions
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR
from tests.reconciliation.generate.population import labels, roster

TODAY = date(2026, 11, 23)
FIRST, SECOND = "2026-10", "2026-11"


@pytest.fixture
def district(db: None, tmp_path: Path) -> Path:
    """The small district's rosters, by clerks who make no mistakes."""
    load_district(size="small", today=TODAY, say=lambda _: None, with_archive=False)
    options = GenerateOptions(seed=3, noise=0.0, form=Form.PARQUET)
    write_district_rosters(tmp_path, options, today=TODAY, say=lambda _: None)
    return tmp_path


def test_the_establishment_office_lists_the_registers_people_in_both_months(district) -> None:
    on_quota = {
        (row.person.name, row.person.id_number, row.organization.code)
        for row in Occupancy.objects.as_of(TODAY).select_related("person", "organization")
    }
    ghosts = {row["person"] for row in labels(district, FIRST, "truth_findings") if row["kind"] == "ghost_payroll"}
    for month in (FIRST, SECOND):
        listed = {(row["name"], row["id_number"], row["unit_code"]) for row in roster(district, month, ESTABLISHMENT)}
        real = {one for one in listed if one in on_quota}
        assert len(real) >= len(on_quota) - 2 * len(ghosts) - 10
        assert len(listed - on_quota) < 0.02 * len(on_quota)  # the retired who are still listed, two units of one


def test_what_happens_between_the_months_is_known_to_the_others_only(district) -> None:
    hired = {event["person"] for event in labels(district, SECOND, "truth_events") if event["kind"] == "hire"}
    assert hired
    assert not hired & {row["truth"]["person"] for row in roster(district, SECOND, ESTABLISHMENT)}
    assert hired == {row["truth"]["person"] for row in roster(district, SECOND, HR) if row["truth"]["person"] in hired}
    assert {"在职", "退休"} <= {row["status"] for row in roster(district, FIRST, HR)}
    assert all(row["pay"] for row in roster(district, FIRST, FINANCE))
    numbers = {row["id_number"] for row in roster(district, SECOND, HR) if row["truth"]["person"] in hired}
    assert not Person.objects.with_id_numbers(numbers).exists()


def test_an_empty_register_has_no_rosters(db, tmp_path) -> None:
    with pytest.raises(NobodyOnQuota):
        write_district_rosters(tmp_path, GenerateOptions(), today=TODAY, say=lambda _: None)
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("demo", "rosters", str(tmp_path / "x"), stderr=said)
    assert "--people N" in said.getvalue()


def test_invented_people_need_no_register(db, tmp_path) -> None:
    said, aside = StringIO(), StringIO()
    call_command(
        "demo", "rosters", str(tmp_path), "--people", "120", "--month", "2026-12", "--json", stdout=said, stderr=aside
    )
    assert [Path(month).name for month in json.loads(said.getvalue())["months"]] == ["2026-12", "2027-01"]
    assert {path.name for path in (tmp_path / "2027-01").iterdir()} == {
        "编办.xlsx",
        "组织部.xlsx",
        "人社局.csv",
        "财政局.csv",
        "canonical",
        "truth",
    }


def test_rosters_without_a_folder_or_with_too_many_people_are_refused(db, tmp_path) -> None:
    for words, hint in ((["rosters"], "请写明目录"), (["rosters", str(tmp_path), "--people", "9000000"], "500 万")):
        said = StringIO()
        with pytest.raises(SystemExit):
            call_command("demo", *words, stderr=said)
        assert hint in said.getvalue()
