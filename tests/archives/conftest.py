"""The cast of the district, and one workshop for all files of the tests: its process takes seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from bianzhi.recognition.workshop import Workshop
from tests.archives.holdings import Holdings, hold
from tests.cast import Cast, assemble


class KeptOpen(Workshop):
    """A workshop whose process outlives the block it is used in."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The session closes it."""

    def __enter__(self) -> Self:
        return self


@pytest.fixture(scope="session")
def kept_open() -> Iterator[Workshop]:
    shop = KeptOpen()
    yield shop
    shop.close()


@pytest.fixture
def one_workshop(kept_open: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    for module in ("jobs.ingesting", "derivatives"):
        monkeypatch.setattr(f"bianzhi.archives.{module}.Workshop", lambda: kept_open)
    return kept_open


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


@pytest.fixture
def holdings(cast: Cast, settings: Any, tmp_path: Path) -> Holdings:
    settings.HOME = tmp_path
    return hold(cast.bureau)
