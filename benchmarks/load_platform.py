"""The platform as it is started, in a home of its own, for `benchmarks.load`."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

TOKEN = "benchmark-of-the-load"
STARTS_WITHIN, IDLE_WITHIN = 240, 300
PASSWORD, OFFICE = "Yunjiang@2026", "jingban"
EMPLOY = """
import sys, django
django.setup()
from bianzhi.accounts.models import User
from tests.accounts.people import account
for number in range(int(sys.argv[1])):
    if not User.objects.filter(username=f"{sys.argv[2]}{number}").exists():
        account(f"{sys.argv[2]}{number}", "office_clerk", password=sys.argv[3])
"""
"""Each client is somebody else: nobody opens more pages a minute than the platform lets anybody."""
UNFINISHED = re.compile(r'^bianzhi_(?:jobs\{state="(?:waiting|running)"\}|outbox_waiting) (\S+)$', re.MULTILINE)


class Platform:
    """One home and database; gone after the block, unless the home was named."""

    def __init__(self, url: str, home: Path | None = None) -> None:
        self._is_kept = home is not None
        self.home = home or Path(tempfile.mkdtemp(prefix="bianzhi-load-"))
        self.home.mkdir(exist_ok=True)
        self._variables = {
            **os.environ,
            "BIANZHI_HOME": str(self.home),
            "DATABASE_URL": url,
            "BIANZHI_METRICS_TOKEN": TOKEN,
            "DJANGO_SETTINGS_MODULE": "bianzhi.config.settings",
            "PYTHONPATH": os.pathsep.join(["src", "."]),
        }

    def __enter__(self) -> "Platform":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_kept:
            shutil.rmtree(self.home, ignore_errors=True)

    def prepare(self, size: str, clients: int) -> None:
        """What `./bianzhi start` does before it serves; a kept home that was loaded is taken as it is."""
        if not (self.home / "loaded").exists():
            for words in (
                ["upgrade"],
                ["matters", "install"],
                ["collectstatic", "--no-input", "--verbosity", "0"],
                ["demo", "--size", size],
            ):
                self._run("-m", "bianzhi", *words)
            (self.home / "loaded").touch()
        self._run("-c", EMPLOY, str(clients), OFFICE, PASSWORD)

    def _run(self, *words: str) -> None:
        command = [sys.executable, *words]
        done = subprocess.run(command, env=self._variables, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{words}: {done.stderr[-2000:]}")

    @contextmanager
    def served(self, *, peer: bool = False) -> Iterator[str]:
        """Server and worker, or the peer's server alone; yields host:port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        variables = {**self._variables, "BIANZHI_PROCESS": "server"}
        if peer:
            variables["DJANGO_SETTINGS_MODULE"] = "benchmarks.load_peer"
        children = [subprocess.Popen([sys.executable, "-m", "bianzhi.config.serving", address], env=variables)]
        if not peer:
            variables = {**self._variables, "BIANZHI_PROCESS": "worker"}
            children.append(subprocess.Popen([sys.executable, "-m", "bianzhi", "worker"], env=variables))
        try:
            _wait_for(f"http://{address}/{'rows/' if peer else 'healthz'}")
            yield address
        finally:
            for child in children:
                child.send_signal(signal.SIGTERM)
            for child in children:
                child.wait(timeout=60)

    def wait_until_idle(self, address: str) -> str:
        """Wait until the worker has done what loading the district left to do; in words, what is left after a while."""
        deadline = time.monotonic() + IDLE_WITHIN
        request = urllib.request.Request(f"http://{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        while True:
            with urllib.request.urlopen(request, timeout=60) as answer:
                left = sum(float(figure) for figure in UNFINISHED.findall(answer.read().decode()))
            if not left:
                return "worker idle"
            if time.monotonic() > deadline:
                return f"worker still busy with {left:.0f} jobs and messages"
            time.sleep(2)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=60):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
    raise SystemExit(f"{address} does not answer")
