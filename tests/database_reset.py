"""Bring the test database back to how the migrations left it, append-only tables included.

Django empties all tables after a test that really commits (races, live server). Here that fails twice: triggers
forbid DELETE and TRUNCATE on the register's append-only tables, and the rows seeded by migrations (parameters,
quota types, calendar) would be gone for the next test. So the content after the migrations is kept in memory, and
put back with the triggers out of the way. Only tests may do this: it needs DDL rights on SQLite and a superuser on
PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TransactionTestCase

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]

_seeded: dict[str, Rows] = {}


def remember_seeded_rows() -> None:
    """Keep the content of every table of every database; called once, after the migrations ran."""
    for alias in connections:
        with connections[alias].cursor() as cursor:
            _seeded[alias] = {table: _read(cursor, connections[alias], table) for table in _tables(connections[alias])}


def restore_seeded_rows() -> None:
    """Empty every table and write the remembered rows back, in one transaction for each database."""
    for alias in connections:
        connection = connections[alias]
        with transaction.atomic(using=alias), connection.cursor() as cursor, _guards_lifted(connection, cursor):
            for table in _tables(connection):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
            for table, (columns, rows) in _seeded[alias].items():
                _write(cursor, connection, table, columns, rows)


@contextmanager
def kept_for_a_module(blocker: Any) -> Iterator[pytest.MonkeyPatch]:
    """For a fixture of a module: what is written in the block stays for its tests, and the seeded rows are back after.

    Tests that commit are otherwise followed by a restore of what the migrations seeded; here the end of the module is.
    """
    with blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
        try:
            yield patch
        finally:
            restore_seeded_rows()


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted({*names, "django_migrations"})


def _read(cursor: Any, connection: BaseDatabaseWrapper, table: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    listed = ", ".join(_readable(connection, column) for column in columns)
    cursor.execute(f"SELECT {listed} FROM {connection.ops.quote_name(table)}")
    return columns, list(cursor.fetchall())


def _readable(connection: BaseDatabaseWrapper, column: str) -> str:
    """Text on PostgreSQL, so that a value goes back exactly as it came, JSON and ranges included."""
    quoted = connection.ops.quote_name(column)
    return f"{quoted}::text" if connection.vendor == "postgresql" else quoted


def _write(
    cursor: Any, connection: BaseDatabaseWrapper, table: str, columns: list[str], rows: list[tuple[Any, ...]]
) -> None:
    if not rows:
        return
    quote = connection.ops.quote_name
    listed = ", ".join(quote(column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(f"INSERT INTO {quote(table)} ({listed}) VALUES ({places})", rows)


@contextmanager
def _guards_lifted(connection: BaseDatabaseWrapper, cursor: Any) -> Iterator[None]:
    """Triggers and foreign keys out of the way until the block ends."""
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
        return
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = cursor.fetchall()
    for name, _ in triggers:
        cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
    yield
    for _, sql in triggers:
        cursor.execute(sql)
