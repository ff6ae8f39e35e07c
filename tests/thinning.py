"""Tests whose outcome does not depend on the engine run on both with --all, and by default on SQLite alone."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest


def leave_to_sqlite(
    config: pytest.Config, items: list[pytest.Item], is_of_one_engine: Callable[[pytest.Item], bool]
) -> None:
    """Take these tests out of a run on PostgreSQL, unless it runs with --all; they are told as deselected."""
    if config.getoption("--all") or not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return
    left_out = [item for item in items if is_of_one_engine(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
