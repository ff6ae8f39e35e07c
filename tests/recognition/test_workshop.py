"""The process that opens foreign files: its ceilings, its death, and that nothing of it reaches ours."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from bianzhi.recognition.document import Block, PageText, Word
from bianzhi.recognition.identify import Unacceptable, format_by_code
from bianzhi.recognition.workshop import Ceilings, WorkFailed, Workshop
from bianzhi.recognition.workshop.words import read_words, words_name, write_words
from tests.archives import papers


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    place = tmp_path / "paper.pdf"
    place.write_bytes(papers.approval())
    return place


def test_pages_that_were_read_are_not_read_again_and_broken_words_are(paper, tmp_path):
    folder = tmp_path / "words"
    heard: list[int] = []
    with Workshop() as shop:
        found = shop.identify(paper, "paper.pdf")
        shop.read(paper, found, folder, heard=lambda event: heard.append(event["page"]))
        assert heard == [1, 2]
        (folder / words_name(2)).unlink()
        shop.read(paper, found, folder, heard=lambda event: heard.append(event["page"]))
    assert heard == [1, 2, 2]
    page = read_words(folder, 2)
    assert page is not None
    assert "核定" in page.text


def test_a_page_is_drawn_as_wide_as_asked_and_turned_as_its_words_are(paper, tmp_path):
    looks = {"rotation": 90, "skew": 0.0, "page_width": 2339, "page_dpi": 200}
    with Workshop() as shop:
        found = shop.identify(paper, "paper.pdf")
        outs = [(240, tmp_path / "s.webp"), (1000, tmp_path / "l.webp")]
        shop.draw(paper, found, outs, number=1, page=looks)
        with pytest.raises(Unacceptable, match="没有第 3 页"):
            shop.draw(paper, found, outs, number=3, page=looks)
    with Image.open(tmp_path / "l.webp") as large, Image.open(tmp_path / "s.webp") as small:
        assert (large.width, small.width) == (1000, 240)
        assert large.width > large.height


def test_a_process_that_is_killed_refuses_its_file_and_the_next_one_starts_anew(paper):
    with Workshop() as shop:
        shop.identify(paper, "paper.pdf")
        assert shop._process is not None
        first = shop._process.pid
        os.kill(first, signal.SIGKILL)
        with pytest.raises(Unacceptable, match=r"中断|崩溃"):
            shop.identify(paper, "paper.pdf")
        assert shop.identify(paper, "paper.pdf").pages == 2
        assert shop._process.pid != first


def test_a_file_that_takes_too_long_is_given_up(paper):
    with Workshop(Ceilings(quiet_seconds=0.01)) as shop, pytest.raises(Unacceptable, match="没有进展"):
        shop.identify(paper, "paper.pdf")


def test_a_file_that_wants_more_memory_than_there_is_is_given_up(tmp_path):
    place = tmp_path / "large.png"
    place.write_bytes(papers.picture(size=(12_000, 12_000)))
    with Workshop(Ceilings(address_space=500 * 2**20)) as shop, pytest.raises(Unacceptable, match=r"内存上限|过大"):
        shop.identify(place, "large.png")


def test_whoever_listens_may_stop_the_work_and_the_process_with_it(paper, tmp_path):
    class Enough(Exception):
        pass

    def stop(event: object) -> None:
        raise Enough

    with Workshop() as shop:
        found = shop.identify(paper, "paper.pdf")
        with pytest.raises(Enough):
            shop.read(paper, found, tmp_path / "words", heard=stop)
        assert shop._process is None
    assert (tmp_path / "words" / words_name(1)).exists()


def test_the_process_sees_no_secret_of_the_server(paper, monkeypatch):
    monkeypatch.setenv("BIANZHI_SECRET_KEY", "secret")
    with Workshop() as shop:
        shop.identify(paper, "paper.pdf")
        assert shop._process is not None
        environment = Path(f"/proc/{shop._process.pid}/environ")
        if environment.exists():
            assert b"secret" not in environment.read_bytes()


def test_the_process_ends_with_the_block(paper):
    with Workshop() as shop:
        shop.identify(paper, "paper.pdf")
        process = shop._process
    assert process is not None
    deadline = time.monotonic() + 5
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert process.poll() is not None


def test_what_a_library_chokes_on_later_is_a_failure_not_a_refusal(tmp_path):
    place = tmp_path / "a.pdf"
    place.write_bytes(b"%PDF-1.4 not one")
    with Workshop() as shop, pytest.raises(WorkFailed, match="读取程序无法完成"):
        shop.read(place, format_by_code("pdf", 1), tmp_path / "words")


def test_words_come_back_as_they_were_written_and_half_a_file_is_none(tmp_path):
    page = PageText(
        3, 10, 20, 200, 90, 1.5, False, "ocr", (Block("text", (0, 0, 1, 1), (Word("编制", (0, 0, 1, 0.5)),)),)
    )
    write_words(tmp_path, page)
    assert read_words(tmp_path, 3) == page
    assert read_words(tmp_path, 4) is None
    (tmp_path / words_name(4)).write_text(json.dumps(page.as_data())[:40])
    assert read_words(tmp_path, 4) is None
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []
