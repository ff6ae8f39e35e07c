"""The server as a process: what it has begun is answered when it is told to end, unless it is told twice."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bianzhi.common import in_use
from bianzhi.common.file_locks import Taken

REPOSITORY = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork")


class Running:
    """A server of the site of `slow_site`."""

    def __init__(self, home: Path, **more: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.log = home / "stderr.log"
        variables = {
            **os.environ,
            "BIANZHI_HOME": str(home),
            "BIANZHI_LOG": "stderr",
            "BIANZHI_PROCESS": "server",
            "DJANGO_SETTINGS_MODULE": "tests.config.slow_site",
            "PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY}",
            **more,
        }
        command = [sys.executable, "-m", "bianzhi.config.serving", f"127.0.0.1:{self.port}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=variables, stderr=log)
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                self.ask("/quick/")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError(self.log.read_text())

    def ask(self, path: str, **headers: str) -> str:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            connection.request("GET", path, headers=sent)
            with closing(connection.getresponse()) as answer:
                return answer.read().decode()

    def ask_meanwhile(self, path: str) -> tuple[threading.Thread, list[str]]:
        told: list[str] = []

        def ask() -> None:
            try:
                told.append(self.ask(path))
            except (OSError, http.client.HTTPException):
                told.append("broken off")

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(1)
        return thread, told


@pytest.fixture
def running(tmp_path) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def start(**more: str) -> Running:
        made.append(Running(tmp_path, **more))
        return made[-1]

    yield start
    for each in made:
        each.process.kill()
        each.process.wait()


def test_told_to_end_it_answers_what_it_has_begun_and_takes_nothing_new(running):
    server = running()
    thread, told = server.ask_meanwhile("/slow/3/")
    server.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    with pytest.raises(OSError):  # noqa: PT011 - refused, or reset when the process is gone
        server.ask("/quick/")
    thread.join()
    assert told == ["done"]
    assert server.process.wait(timeout=60) == 0


def test_told_twice_it_ends_although_a_request_is_under_way(running):
    server = running()
    thread, told = server.ask_meanwhile("/slow/90/")
    for _ in range(2):
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1)
    server.process.wait(timeout=60)
    thread.join()
    assert told == ["broken off"]


def test_a_process_that_dies_is_replaced(running):
    server = running(BIANZHI_WEB_PROCESSES="1")
    told = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=True)
    os.kill(int(told.stdout.split()[0]), signal.SIGKILL)
    server._wait_until_up()
    assert server.process.poll() is None


def test_the_word_of_a_proxy_is_taken_only_where_one_is_declared(running):
    assert running().ask("/quick/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https") == "127.0.0.1 http"
    declared = running(BIANZHI_HTTPS="1").ask("/quick/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")
    assert declared == "203.0.113.9 https"


def test_an_upgrade_sees_the_server_and_the_server_the_upgrade(running, settings, tmp_path):
    settings.HOME = tmp_path
    server = running()
    with pytest.raises(Taken), in_use.standing_still():
        pass
    server.process.kill()
    server.process.wait()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:  # its children end a moment after it
        try:
            with in_use.standing_still():
                command = [sys.executable, "-m", "bianzhi.config.serving", f"127.0.0.1:{server.port}"]
                variables = {
                    **os.environ,
                    "BIANZHI_HOME": str(tmp_path),
                    "DJANGO_SETTINGS_MODULE": "bianzhi.config.settings",
                    "PYTHONPATH": str(REPOSITORY / "src"),
                }
                done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
                break
        except Taken:
            time.sleep(0.2)
    assert done.returncode == 1
    assert "数据库正在升级" in done.stderr
