"""What is typed into the dialog of an act is read in one way: trimmed, of a length, without what no database keeps."""

import re
from pathlib import Path

import pytest
from django.test import RequestFactory

import bianzhi
from bianzhi.common.web.dialog_texts import LONGEST, typed
from bianzhi.kernel.objections import Refused

SOURCE = Path(bianzhi.__path__[0])
READ_RAW = re.compile(r"""POST(\.get\(|\[)"(reason|comment)\"""")


def sent(text: str):
    return RequestFactory().post("/", {"reason": text})


def test_a_reason_is_trimmed_and_its_lines_end_in_one_character():
    assert typed(sent("  登记有误\r\n重复  "), "reason") == "登记有误\n重复"
    assert typed(RequestFactory().post("/"), "reason") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [("字" * (LONGEST + 1), "理由 201 个字，最多 200 个字"), ("登记\0有误", "理由中有不能保存的字符")],
)
def test_a_reason_nobody_could_keep_is_refused_with_what_is_wrong(text, words):
    with pytest.raises(Refused, match=words):
        typed(sent(text), "reason")


def test_no_page_reads_a_reason_in_another_way():
    raw = [str(file.relative_to(SOURCE)) for file in SOURCE.rglob("web/**/*.py") if READ_RAW.search(file.read_text())]
    assert raw == []
