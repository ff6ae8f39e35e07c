"""A setting that can't be read stops the start; a secret is made once and kept."""

from __future__ import annotations

import pytest

from bianzhi.config import environment
from bianzhi.config.environment import BadSetting
from bianzhi.recovery.sets.homes import HALF_UPGRADED


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("0", False), ("off", False), ("", True)])
def test_a_flag_is_read_in_its_usual_words(monkeypatch, text, value):
    monkeypatch.setenv("BIANZHI_FLAG", text)
    assert environment.flag("BIANZHI_FLAG", default=True) is value


def test_a_misspelt_flag_is_named(monkeypatch):
    monkeypatch.setenv("BIANZHI_FLAG", "ture")
    with pytest.raises(BadSetting, match="BIANZHI_FLAG"):
        environment.flag("BIANZHI_FLAG", default=False)


@pytest.mark.parametrize("text", ["0", "-3", "ten", "1.5"])
def test_a_number_below_its_floor_or_no_number_is_named(monkeypatch, text):
    monkeypatch.setenv("BIANZHI_MINUTES", text)
    with pytest.raises(BadSetting, match="BIANZHI_MINUTES"):
        environment.number("BIANZHI_MINUTES", default=30, at_least=1)


def test_a_secret_is_made_once_for_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("BIANZHI_SECRET", raising=False)
    monkeypatch.delenv("BIANZHI_SECRET_FILE", raising=False)
    file = tmp_path / "secrets" / "key"
    assert environment.secret("BIANZHI_SECRET", file=file, make="first") == "first"
    assert environment.secret("BIANZHI_SECRET", file=file, make="second") == "first"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["key"]


def test_a_named_secret_file_that_is_missing_is_not_made_up(monkeypatch, tmp_path):
    monkeypatch.setenv("BIANZHI_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(BadSetting, match="absent"):
        environment.secret("BIANZHI_SECRET", file=tmp_path / "key", make="x")


def test_an_empty_secret_file_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.delenv("BIANZHI_SECRET", raising=False)
    file = tmp_path / "key"
    file.write_text("\n")
    with pytest.raises(BadSetting, match="空的"):
        environment.secret("BIANZHI_SECRET", file=file, make="x")


def test_a_home_whose_upgrade_did_not_end_is_only_for_the_upgrade_and_for_a_restore_elsewhere(monkeypatch, tmp_path):
    environment.refuse_half_upgraded(tmp_path)
    (tmp_path / HALF_UPGRADED).touch()
    with pytest.raises(BadSetting, match="bianzhi upgrade"):
        environment.refuse_half_upgraded(tmp_path)
    for name in ("BIANZHI_UPGRADING", "BIANZHI_RESTORING"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            environment.refuse_half_upgraded(tmp_path)
