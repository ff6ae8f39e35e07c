"""The cast of the district, the people of its cases, and the hub with a source of each department."""

from pathlib import Path

import pytest

from bianzhi.audit.actors import System
from bianzhi.matters.services.installing import install_matters
from tests.cast import TODAY, Cast, assemble
from tests.exchange.hub import Hub, assemble_hub
from tests.matters.people import People, gather


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


@pytest.fixture
def people(cast: Cast) -> People:
    return gather(cast)


@pytest.fixture
def matters(people: People, request: pytest.FixtureRequest) -> People:
    """The people, with the matters installed that the test module names in `MATTERS` (all without it)."""
    install_matters(actor=System("安装"), only=getattr(request.module, "MATTERS", None))
    return people


@pytest.fixture
def hub(people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub on TODAY."""
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())
    return assemble_hub(people, tmp_path)
