"""The second wall of PostgreSQL in tests: the platform's own role, row-level security and all.

`BIANZHI_TEST_WALL=1` runs every test as that role. Tests that are about the wall ask for the fixture
`behind_the_wall`, which raises it in the transaction of the test and takes it away with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from django.db import connection

from bianzhi.common.db import row_scope, walls
from bianzhi.common.db.rights import Roles

WHOLE_RUN = os.environ.get("BIANZHI_TEST_WALL") == "1"


def roles() -> Roles:
    """Roles of this test database alone: other runs share the server, and roles belong to the server."""
    name = str(connection.settings_dict["NAME"])
    return Roles(f"{name}_owner", f"{name}_app", f"{name}_backup", f"{name}_audit")


@contextmanager
def as_the_app() -> Iterator[Roles]:
    """In the open transaction: roles, rights and policies as in an office, and the connection in the app's role."""
    names = roles()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with a check still to come can't change hands
        walls.apply(cursor, names)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f'SET LOCAL ROLE "{names.app}"')
    kept: Any = connection
    before, kept.is_bound = kept.is_bound, True
    try:
        yield names
    finally:
        kept.is_bound = before
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ROLE NONE")


def raise_for_the_whole_run() -> None:
    """For good in this database: every connection takes the app's role."""
    names = roles()
    with connection.cursor() as cursor:
        walls.apply(cursor, names)
    connection.settings_dict["OPTIONS"]["assume_role"] = names.app
    connection.close()


def lower_after_the_run() -> None:
    """The roles belong to the server and would outlive the database."""
    names = roles()
    connection.settings_dict["OPTIONS"].pop("assume_role", None)
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f'REASSIGN OWNED BY "{names.owner}" TO CURRENT_USER')
        for name in (names.owner, *names.restricted):
            cursor.execute(f'DROP OWNED BY "{name}"')
            cursor.execute(f'DROP ROLE "{name}"')


def tests_are_the_system(patch: pytest.MonkeyPatch) -> None:
    """A test, or a thread of it, stands for a command or a worker; pages say themselves whom they serve."""
    patch.setattr(row_scope, "_current", ContextVar("bianzhi_row_scope", default=row_scope.SYSTEM))
