"""A mirror configured once for pip holds for every download."""

from __future__ import annotations

import pytest

from launcher import mirrors

SET_BY_OTHERS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT", "PIP_TRUSTED_HOST")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch, tmp_path):
    for name in (*SET_BY_OTHERS, "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(mirrors, "_pip_configuration_files", lambda: [tmp_path / "pip.conf"])


def test_without_settings_the_public_index_is_used():
    assert mirrors.index() == "https://pypi.org/simple"
    assert mirrors.variables_for_uv() == {}


def test_the_environment_variable_of_pip_holds_for_uv(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple/")
    assert mirrors.index() == "https://mirror.example/simple"
    assert mirrors.variables_for_uv() == {"UV_DEFAULT_INDEX": "https://mirror.example/simple/"}


def test_the_configuration_file_of_pip_is_read(tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://file.example/simple\ncert = /etc/ca.pem\n")
    assert mirrors.index() == "https://file.example/simple"
    assert mirrors.variables_for_uv()["SSL_CERT_FILE"] == "/etc/ca.pem"


def test_what_is_set_for_uv_itself_is_left_alone(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")
    assert "UV_DEFAULT_INDEX" not in mirrors.variables_for_uv()


def test_a_broken_configuration_file_is_passed_over(tmp_path):
    (tmp_path / "pip.conf").write_text("no section here\n")
    assert mirrors.index() == "https://pypi.org/simple"
