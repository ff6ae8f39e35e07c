"""`./bianzhi start` for real: it serves, and Ctrl-C leaves nothing running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
COMES_UP_WITHIN = 180


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answers(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


@pytest.mark.slow
def test_start_serves_a_fresh_home_and_ctrl_c_ends_everything(tmp_path):
    port = free_port()
    variables = {**os.environ, "BIANZHI_HOME": str(tmp_path / "home"), "DATABASE_URL": ""}
    variables.pop("DJANGO_SETTINGS_MODULE", None)
    command = [str(REPOSITORY / "bianzhi"), "start", "--demo", "none", "--port", str(port)]
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as launcher:
        deadline = time.monotonic() + COMES_UP_WITHIN
        while not answers(port) and launcher.poll() is None and time.monotonic() < deadline:
            time.sleep(0.5)
        up = answers(port)
        assert launcher.stdout is not None
        while up and "Ctrl-C" not in (line := launcher.stdout.readline()):
            assert line != "", "the launcher ended before it announced itself"
        launcher.send_signal(signal.SIGINT)
        launcher.wait(timeout=30)
    assert up
    assert launcher.returncode == 0
    assert not answers(port)
