"""The cast of the district and the people of its cases."""

import pytest

from tests.cast import Cast, assemble
from tests.matters.people import People, gather


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


@pytest.fixture
def people(cast: Cast) -> People:
    return gather(cast)
