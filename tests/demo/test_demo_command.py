"""`./bianzhi demo` and `demo rosters` where the register is empty, and where it is not."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from bianzhi.accounts.models import User
from bianzhi.common import integrity
from bianzhi.demo.load import NotEmpty, load_district
from bianzhi.demo.rosters import NobodyOnQuota, write_district_rosters
from bianzhi.organizations.models import Organization
from bianzhi.reconciliation.generate import GenerateOptions

TODAY = date(2026, 11, 23)


def test_it_is_never_mixed_with_what_is_there(db: None) -> None:
    Organization.objects.create(code="X")
    with pytest.raises(NotEmpty):
        load_district(size="small", today=TODAY, say=lambda _: None)
    with pytest.raises(SystemExit) as stopped:
        call_command("demo", "--size", "small")
    assert stopped.value.code == 2
    assert not User.objects.exists()


@pytest.mark.slow
def test_every_integrity_check_passes_on_the_full_district_and_its_archive(db: None) -> None:
    load_district(size="full", today=TODAY, say=lambda _: None)
    assert {check.name: found for check, found in integrity.run(None) if found} == {}


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
