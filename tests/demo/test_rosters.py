"""`./bianzhi demo rosters`: four departments' files of the register's own people."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bianzhi.demo.load import load_district
from bianzhi.demo.rosters import write_district_rosters
from bianzhi.personnel.models import Occupancy, Person
from bianzhi.reconciliation.generate import Form, GenerateOptions
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR
from tests import database_reset
from tests.reconciliation.generate.population import labels, roster

TODAY = date(2026, 11, 23)
FIRST, SECOND = "2026-10", "2026-11"


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def district(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The small district's rosters, by clerks who make no mistakes."""
    folder = tmp_path_factory.mktemp("rosters")
    with database_reset.kept_for_a_module(django_db_blocker):
        load_district(size="small", today=TODAY, say=lambda _: None, with_archive=False)
        options = GenerateOptions(seed=3, noise=0.0, form=Form.PARQUET)
        write_district_rosters(folder, options, today=TODAY, say=lambda _: None)
        yield folder


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
