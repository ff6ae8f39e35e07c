"""pip found by hand in a package index, for a Python that has none."""

from __future__ import annotations

import hashlib
import json

import pytest

from launcher import installers
from launcher.console import Problem, last_lines

PAGE = "https://index.example/simple/pip/"
HTML = """<!DOCTYPE html><html><body>
<a href="../../files/pip-24.0-py3-none-any.whl#sha256=aa" data-requires-python="&gt;=3.7">pip-24.0</a>
<a href="../../files/pip-26.1-py3-none-any.whl#sha256=bb" data-requires-python="&gt;=3.10">pip-26.1</a>
<a href="../../files/pip-27.0-py3-none-any.whl#sha256=cc" data-requires-python="&gt;=3.99">pip-27.0</a>
<a href="../../files/pip-26.2-py3-none-any.whl#sha256=dd" data-yanked="broken">pip-26.2</a>
<a href="../../files/pip-26.1.tar.gz#sha256=ee">pip-26.1.tar.gz</a>
</body></html>"""


def test_the_newest_wheel_this_python_may_use_is_chosen_from_a_page(monkeypatch):
    monkeypatch.setattr(installers, "_fetch", lambda address: HTML.encode())
    expected = "https://index.example/files/pip-26.1-py3-none-any.whl"
    assert installers._newest_pip(PAGE) == (expected, "bb")


def test_the_json_form_of_an_index_is_read_as_well(monkeypatch):
    files = [
        {"url": "https://f.example/pip-9.0-py3-none-any.whl", "hashes": {"sha256": "aa"}},
        {"url": "https://f.example/pip-25.3-py3-none-any.whl", "hashes": {"sha256": "bb"}, "requires-python": ">=3.9"},
        {"url": "https://f.example/pip-25.4-py3-none-any.whl", "hashes": {"sha256": "cc"}, "yanked": True},
    ]
    monkeypatch.setattr(installers, "_fetch", lambda address: json.dumps({"files": files}).encode())
    assert installers._newest_pip(PAGE) == ("https://f.example/pip-25.3-py3-none-any.whl", "bb")


def test_a_file_that_differs_from_its_hash_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(installers, "TOOLS", tmp_path)
    monkeypatch.setattr(installers, "_newest_pip", lambda page: ("https://f.example/pip-1.0-py3-none-any.whl", "00"))
    monkeypatch.setattr(installers, "_fetch", lambda address: b"not what was promised")
    with pytest.raises(Problem, match="pip"):
        installers._downloaded_pip()
    assert not list(tmp_path.iterdir())


def test_a_file_that_fits_its_hash_is_kept(monkeypatch, tmp_path):
    content = b"a wheel"
    promised = ("https://f.example/pip-1.0-py3-none-any.whl", hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(installers, "TOOLS", tmp_path)
    monkeypatch.setattr(installers, "_newest_pip", lambda page: promised)
    monkeypatch.setattr(installers, "_fetch", lambda address: content)
    assert installers._downloaded_pip().read_bytes() == content


def test_a_dead_network_is_explained_with_what_to_do(monkeypatch):
    def refuse(page):
        raise OSError("Connection refused")

    monkeypatch.setattr(installers, "_newest_pip", refuse)
    with pytest.raises(Problem) as problem:
        installers._downloaded_pip()
    assert "Connection refused" in str(problem.value)
    assert "PIP_INDEX_URL" in str(problem.value)


def test_retries_are_cut_down_to_their_cause():
    retry = "WARNING: Retrying (total=1) after connection broken by 'Error: [Errno 111] Connection refused')': /simple/"
    assert (
        last_lines(f"{retry}\n{retry}\nERROR: nothing found") == "[Errno 111] Connection refused\nERROR: nothing found"
    )
