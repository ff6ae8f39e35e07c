"""What the processes of the web server share: a claim has one winner among them all, and no count is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches

from bianzhi.common.shared_cache import SharedCache
from bianzhi.common.web import once

PROCESSES = 4
KEYS = 150

RIVAL = """
import json, sys
from pathlib import Path
from bianzhi.common.shared_cache import SharedCache

folder, keys = sys.argv[1], int(sys.argv[2])
cache = SharedCache(folder, {})
print("ready", flush=True)
sys.stdin.readline()
won = [key for key in range(keys) if cache.add(f"form-{key}", "1", 120)]
for _ in range(keys):
    cache.add("reads", 0, 120)
    cache.incr("reads")
print(json.dumps(won))
"""


@pytest.fixture
def cache(tmp_path: Path) -> SharedCache:
    return SharedCache(str(tmp_path / "cache"), {})


def test_the_site_uses_it():
    assert isinstance(caches["default"], SharedCache)


def test_of_several_processes_one_wins_each_claim_and_every_count_counts(cache, tmp_path):
    command = [sys.executable, "-c", RIVAL, str(tmp_path / "cache"), str(KEYS)]
    around = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    rivals = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=around, text=True)
        for _ in range(PROCESSES)
    ]
    for rival in rivals:
        assert rival.stdout is not None
        rival.stdout.readline()
    for rival in rivals:
        assert rival.stdin is not None
        rival.stdin.write("go\n")
        rival.stdin.flush()
    won: list[int] = []
    for rival in rivals:
        won += json.loads(rival.communicate(timeout=120)[0])
        assert rival.returncode == 0
    assert sorted(won) == list(range(KEYS))
    assert cache.get("reads") == PROCESSES * KEYS


def test_a_form_claimed_in_one_process_is_claimed_in_the_others(tmp_path, monkeypatch):
    request: Any = SimpleNamespace(user=SimpleNamespace(pk=7), session={})
    one, other = (SharedCache(str(tmp_path / "cache"), {}) for _ in range(2))
    monkeypatch.setattr(once, "cache", one)
    assert once.claim(request, "token")
    monkeypatch.setattr(once, "cache", other)
    assert not once.claim(request, "token")
    assert once.claim(request, "another")
    with once.acting(request, "token"):
        pass
    monkeypatch.setattr(once, "cache", one)
    assert once.claim(request, "token")
    with once.acting(request, "token") as led_to:
        led_to("/done/")
    assert not once.claim(request, "token")
    assert once.done_at(request, "token") == "/done/"


def test_a_value_is_kept_until_its_end(cache, monkeypatch):
    assert cache.get("a", "nothing") == "nothing"
    cache.set("a", {"甲": 1}, 100)
    assert cache.get("a") == {"甲": 1}
    assert not cache.add("a", 2, 100)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 101)
    assert cache.get("a") is None
    assert cache.add("a", 2, 100)


def test_counting_does_not_move_the_end(cache, monkeypatch):
    cache.add("n", 1, 100)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90)
    assert cache.incr("n") == 2
    monkeypatch.setattr(time, "time", lambda: now + 101)
    with pytest.raises(ValueError, match="no such key"):
        cache.incr("n")


def test_what_is_forgotten_is_gone_and_what_is_touched_stays_longer(cache, monkeypatch):
    cache.set("a", 1, 100)
    cache.set("b", 1, 100)
    assert cache.touch("b", 200)
    assert cache.delete("a")
    assert not cache.delete("a")
    assert not cache.touch("a", 200)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 150)
    assert cache.get("b") == 1
    cache.clear()
    assert cache.get("b") is None


def test_what_has_ended_leaves_the_disk(cache, tmp_path, monkeypatch):
    for number in range(20):
        cache.set(f"old-{number}", 1, 50)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90)
    cache.set("new", 1, 100)
    names = [path.name for path in (tmp_path / "cache").iterdir() if len(path.name) == 64]
    assert len(names) == 1
    assert cache.get("new") == 1


def test_half_a_value_counts_as_none(cache, tmp_path):
    cache.set("a", "x" * 1000, 100)
    (place,) = (path for path in (tmp_path / "cache").iterdir() if len(path.name) == 64)
    told = place.stat()
    place.write_bytes(place.read_bytes()[:50])
    os.utime(place, (told.st_atime, told.st_mtime))
    assert cache.get("a") is None
    assert cache.add("a", 1, 100)


def test_a_disk_that_refuses_stops_nobody(tmp_path, caplog):
    (tmp_path / "cache").write_text("no folder")
    cache = SharedCache(str(tmp_path / "cache"), {})
    assert cache.add("a", 1, 100)
    cache.set("a", 1, 100)
    assert cache.get("a", "nothing") == "nothing"
    assert not cache.delete("a")
    with pytest.raises(ValueError, match="no such key"):
        cache.incr("a")
    assert "cannot be used" in caplog.text


def test_only_the_platforms_own_account_reads_it(cache, tmp_path):
    cache.set("a", 1, 100)
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "cache").iterdir())
