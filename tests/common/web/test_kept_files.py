"""What a kept file is answered with: nothing somebody brought in may act as a page of ours."""

from __future__ import annotations

from typing import cast

import pytest
from django.test import RequestFactory

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.kept_files import answer_with

OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def answered(content_type: str, question: str = ""):
    request = cast(PageRequest, RequestFactory().get(f"/file/{question}"))
    return answer_with(request, b"content", name="附件.bin", content_type=content_type)


@pytest.mark.parametrize("content_type", ["application/pdf", "image/jpeg", "image/png"])
def test_paper_and_pictures_are_shown_and_saved_where_asked(content_type):
    assert answered(content_type)["Content-Disposition"].startswith("inline")
    assert answered(content_type, "?download")["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "text/plain", "application/javascript", OFFICE,
     "application/octet-stream", "application/pdf; charset=utf-8", "IMAGE/SVG+XML", ""],
)  # fmt: skip
def test_everything_a_browser_could_run_is_only_ever_saved(content_type):
    assert answered(content_type)["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("content_type", ["application/pdf", "text/html"])
def test_nothing_in_a_file_runs_reaches_out_is_guessed_or_kept(content_type):
    answer = answered(content_type)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
