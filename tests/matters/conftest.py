"""The cast of the district, the people of its cases, and the matters as they are installed."""

import pytest

from bianzhi.audit.actors import System
from bianzhi.matters.services.installing import install_matters
from tests.cast import Cast, assemble
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
