"""`python -m bianzhi`: an unknown command is wrong use; an empty database is set up on the spot."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest


def manage(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "BIANZHI_HOME": str(home), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": ""}
    del variables["DJANGO_SETTINGS_MODULE"]
    variables["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "bianzhi", *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_an_unknown_command_is_wrong_use(tmp_path):
    done = manage(tmp_path, "nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_a_command_of_django_needs_no_set_up(tmp_path):
    assert manage(tmp_path, "showmigrations", "accounts").returncode == 0


def test_a_setting_that_cannot_be_read_is_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("BIANZHI_CIPHER", "rot13")
    done = manage(tmp_path, "check")
    assert done.returncode == 1
    assert done.stderr.startswith("环境变量 BIANZHI_CIPHER='rot13' 无法识别")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    assert manage(home, "migrate", "--verbosity", "0").returncode == 0
    return home


def test_a_database_begun_by_an_older_version_is_told_as_such(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as connection:
        connection.execute("ALTER TABLE accounts_user DROP COLUMN password_set_at")
        connection.commit()
    done = manage(tmp_path, "migrate", "--verbosity", "0")
    assert done.returncode == 1
    assert "accounts_user.password_set_at" in done.stderr
    assert "Traceback" not in done.stderr


def test_keys_that_are_gone_are_told_before_anything_is_sealed_anew(migrated, tmp_path):
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)
    (tmp_path / "keys" / "fields.json").write_text("{}")
    done = manage(tmp_path, "migrate", "--verbosity", "0")
    assert done.returncode == 1
    assert "切勿另造密钥" in done.stderr
