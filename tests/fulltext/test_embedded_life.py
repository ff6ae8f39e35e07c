"""The embedded index outlives its writers: killed processes, other processes, damaged and outdated folders."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest

from bianzhi.fulltext.backend import IndexBusy, IndexMissing
from bianzhi.fulltext.embedded import TantivyBackend
from bianzhi.fulltext.locking import only_one
from tests.fulltext.conftest import Shelf, doc


@pytest.fixture
def shelf(tmp_path):
    made = Shelf(TantivyBackend(tmp_path))
    made.hold(doc("one", "渔业"))
    return made


def run_until_killed(root, work: str) -> None:
    """Another process does its work on the index and is killed with -9 as soon as it says that it is in the middle."""
    program = f"""
        import sys, time
        from pathlib import Path
        from bianzhi.fulltext.embedded import TantivyBackend
        from tests.fulltext.conftest import doc
        engine = TantivyBackend(Path({str(root)!r}))
        def stop():
            print("here", flush=True)
            time.sleep(60)
    """
    program = textwrap.dedent(program) + textwrap.dedent(work)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        process.send_signal(signal.SIGKILL)


def test_a_writer_killed_before_its_commit_leaves_the_index_as_it_was(shelf, tmp_path):
    run_until_killed(
        tmp_path,
        """
        with engine.writer() as writer:
            writer.replace("two", [doc("two", "水利")])
            stop()
        """,
    )
    assert shelf.keys() == {"one"}
    with shelf.engine.writer() as writer:
        writer.replace("two", [doc("two", "水利")])
        writer.commit()
    assert shelf.keys() == {"one", "two"}


def test_a_build_killed_halfway_is_cleared_away_and_the_next_one_ends(shelf, tmp_path):
    run_until_killed(
        tmp_path,
        """
        with engine.build() as build:
            build.writer.replace("two", [doc("two", "水利")])
            build.writer.commit()
            stop()
        """,
    )
    assert shelf.keys() == {"one"}
    assert len(list((tmp_path / "builds").iterdir())) == 2
    shelf.hold(doc("three", "林业"))
    assert shelf.keys() == {"three"}
    assert len(list((tmp_path / "builds").iterdir())) == 1


def _write_from_elsewhere(root):
    engine = TantivyBackend(root)
    with engine.writer() as writer:
        writer.replace("two", [doc("two", "水利")])
        writer.commit()


def test_a_reader_sees_what_another_process_wrote_or_built(shelf, tmp_path):
    assert shelf.keys() == {"one"}
    process = multiprocessing.get_context("spawn").Process(target=_write_from_elsewhere, args=(tmp_path,))
    process.start()
    process.join()
    assert shelf.keys() == {"one", "two"}
    Shelf(TantivyBackend(tmp_path)).hold(doc("three", "林业"))
    assert shelf.keys() == {"three"}


def test_only_one_builds_at_a_time(shelf):
    with shelf.engine.build(), pytest.raises(IndexBusy), shelf.engine.build():
        pass


def test_the_index_is_read_and_written_while_another_is_built(shelf):
    with shelf.engine.build() as build:
        with shelf.engine.writer() as writer:
            writer.replace("two", [doc("two", "水利")])
            writer.commit()
        assert shelf.keys() == {"one", "two"}
        build.writer.replace("new", [doc("new", "新")])
        build.switch(lambda writer: None)
    assert shelf.keys() == {"new"}


def test_a_lock_that_stays_taken_is_told(tmp_path):
    with only_one(tmp_path / "lock"), pytest.raises(IndexBusy), only_one(tmp_path / "lock", wait=0.1):
        pass


@pytest.mark.parametrize("harm", ["folder", "meta", "version", "pointer"])
def test_an_index_that_cannot_be_read_counts_as_missing_and_can_be_built(shelf, tmp_path, harm):
    folder = next((tmp_path / "builds").iterdir())
    if harm == "folder":
        shutil.rmtree(folder)
    elif harm == "meta":
        (folder / "meta.json").write_text("{}")
    elif harm == "version":
        (tmp_path / "current").write_text("v0-0123")
    else:
        (tmp_path / "current").write_text("../../somewhere")
    fresh = Shelf(TantivyBackend(tmp_path))
    assert not fresh.engine.exists()
    with pytest.raises(IndexMissing):
        fresh.ask("渔业")
    fresh.hold(doc("one", "渔业"))
    assert fresh.keys() == {"one"}
