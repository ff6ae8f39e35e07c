"""The standing cast and today for the tests of supervision."""

import pytest

from tests.cast import TODAY, Cast, assemble


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages take today from the clock; the tests happen on TODAY."""
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()
