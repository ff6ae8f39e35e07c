"""`./bianzhi ocr`: a file is read without database and server."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command, load_command_class
from PIL import Image

from bianzhi.recognition.engines import engine
from tests.recognition.reading import plain, sealed_document, with_fonts


def _ocr(*arguments) -> str:
    out = StringIO()
    call_command("ocr", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_command_needs_no_database():
    assert getattr(load_command_class("bianzhi.archives", "ocr"), "needs_database", True) is False


def test_text_is_printed_page_by_page_and_as_json_with_boxes(tmp_path):
    (tmp_path / "a.txt").write_text("机构编制\f第二页", encoding="utf-8")
    assert _ocr(tmp_path / "a.txt") == "—— 第 1 页 ——\n机构编制\n—— 第 2 页 ——\n第二页\n"
    answer = json.loads(_ocr(tmp_path / "a.txt", "--json", "--pages", "2"))
    assert (answer["file"], answer["format"]) == ("a.txt", "txt")
    (page,) = answer["pages"]
    assert (page["number"], page["text"]) == (2, "第二页")
    assert len(page["blocks"][0]["words"][0]["box"]) == 4


@with_fonts
def test_a_scan_is_read_and_written_as_a_searchable_pdf(tmp_path, monkeypatch):
    read = sealed_document()
    monkeypatch.setattr(type(engine()), "recognise", lambda self, image: list(read.pages[-1].words))
    read.sheet.pages[-1].save(tmp_path / "scan.png", dpi=(200, 200))
    answer = json.loads(_ocr(tmp_path / "scan.png", "--json", "--pdf", tmp_path / "out.pdf"))
    assert plain(answer["pages"][0]["text"]) == plain(read.pages[-1].text)
    again = json.loads(_ocr(tmp_path / "out.pdf", "--json"))
    assert again["pages"][0]["origin"] == "layer"
    assert plain(again["pages"][0]["text"]) == plain(read.pages[-1].text)


def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    Image.new("L", (30, 30)).save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("字", encoding="utf-8")
    for arguments, message in (
        ((tmp_path / "none.pdf",), "不存在"),
        ((tmp_path / "broken.pdf",), "PDF"),
        ((tmp_path / "a.txt", "--pages", "一"), "页次"),
        ((tmp_path / "a.txt", "--engine", "oracle"), "没有名为"),
        ((tmp_path / "a.txt", "--pdf", tmp_path / "o.pdf"), "没有页面图像"),
    ):
        with pytest.raises(CommandError, match=message):
            _ocr(*arguments)
