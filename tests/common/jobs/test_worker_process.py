"""The worker as a process: it ends when told to, and when the launcher that started it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from bianzhi.common import in_use

REPOSITORY = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="what is tried here does not depend on the engine"),
]


@pytest.fixture
def variables(tmp_path):
    return {
        **os.environ,
        "BIANZHI_HOME": str(tmp_path),
        "BIANZHI_PROCESS": "worker",
        "DJANGO_SETTINGS_MODULE": "bianzhi.config.settings",
        "DATABASE_URL": "",
        "PYTHONPATH": str(REPOSITORY / "src"),
    }


def started(tmp_path: Path) -> bool:
    log = tmp_path / "logs" / "worker.log"
    return log.exists() and "worker started" in log.read_text()


def wait_for(true, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_it_ends_quietly_when_told_to(variables, tmp_path):
    worker = subprocess.Popen([sys.executable, "-m", "bianzhi", "worker"], env=variables)
    wait_for(lambda: started(tmp_path))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0


def test_it_does_not_start_while_the_database_is_upgraded(variables, tmp_path, settings):
    settings.HOME = tmp_path
    with in_use.standing_still():
        done = subprocess.run(
            [sys.executable, "-m", "bianzhi", "worker"], env=variables, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert "数据库正在升级" in done.stderr


def test_it_does_not_outlive_the_launcher_that_was_killed(variables, tmp_path):
    launcher = "import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-m', 'bianzhi', 'worker']).pid, "
    launcher += "flush=True); time.sleep(300)"
    parent = subprocess.Popen([sys.executable, "-c", launcher], env=variables, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_for(lambda: started(tmp_path))
    parent.kill()
    parent.wait()
    wait_for(lambda: "worker stopped" in (tmp_path / "logs" / "worker.log").read_text())
    parent.stdout.close()
    wait_for(lambda: not _is_running(pid))


def _is_running(pid: int) -> bool:
    """Whether the process lives; one that ended but was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
