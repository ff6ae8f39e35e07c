"""The loaded district, for the tests that ask for every page."""

from __future__ import annotations

import pytest

from tests.thinning import leave_to_sqlite
from tests.walk.district import district

__all__ = ["district"]

ROLES = ("office_director", "unit_clerk", "security_admin")
"""Who asks for the pages on PostgreSQL: all that is the office's, a unit's, and the administrators'."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who may open a page does not depend on the engine: on PostgreSQL all other roles ask for it with --all only.

    Of the questions that make no sense, those whose numbers and characters an engine might stumble over go to both.
    """
    leave_to_sqlite(config, items, _is_of_one_engine)


def _is_of_one_engine(item: pytest.Item) -> bool:
    if item.path.name != "test_page_matrix.py":
        return False
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    if item.name.startswith("test_a_page_is_open_to_the_roles"):
        return given["role"] not in ROLES
    return "question" in given and "unit" not in str(given["question"])
