"""`python -m bianzhi`: an unknown command is wrong use; an empty database is set up on the spot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


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
