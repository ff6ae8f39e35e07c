"""What is put into a PostgreSQL database beside its tables: row policies, roles and their rights."""

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from psycopg import sql

from bianzhi.common.db import rights, row_policies
from bianzhi.common.db.rights import Roles

OWNS_ITS_TABLES: Final = """
    SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR NOT EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT pg_has_role(c.relowner, 'MEMBER'))
"""


def walls_after_migration(**told: Any) -> None:
    """After `migrate` on PostgreSQL: policies and, where the roles are there, their rights on new tables."""
    is_first_app = told["sender"].label == "common" and told.get("using", DEFAULT_DB_ALIAS) == DEFAULT_DB_ALIAS
    if not is_first_app or connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if not _all_is_there(cursor):
            return
        put_policies(cursor)
        if rights.exists(cursor, Roles().app):
            for statement in table_statements(cursor, Roles()):
                cursor.execute(statement)


def _all_is_there(cursor: Any) -> bool:
    """Whether every migration has run (a test may migrate to a step between) and the tables are ours to change."""
    there = {table.name for table in rights.tables(cursor, rights.schema_of(cursor))}
    if not {policy.table for policy in settings.ROW_POLICIES} <= there:
        return False
    cursor.execute(OWNS_ITS_TABLES)
    return bool(cursor.fetchone()[0])


def put_policies(cursor: Any) -> list[str]:
    """Put the row policies in and have trigger functions see every row; returns the tables that were changed."""
    schema = rights.schema_of(cursor)
    row_policies.bind_trigger_functions(cursor, schema)
    return row_policies.install(cursor, schema, settings.ROW_FUNCTIONS, settings.ROW_POLICIES)


def table_statements(cursor: Any, roles: Roles) -> Iterator[sql.Composed]:
    """The rights of the roles on the tables there are."""
    schema = rights.schema_of(cursor)
    yield from rights.grant_statements(schema, rights.tables(cursor, schema), settings.ROW_FUNCTIONS, roles)


def all_statements(cursor: Any, roles: Roles) -> list[sql.Composed]:
    """Everything `./bianzhi database roles` does, in order, the row policies excepted."""
    schema = rights.schema_of(cursor)
    cursor.execute("SELECT current_database()")
    database = str(cursor.fetchone()[0])
    return [
        *rights.role_statements(roles),
        *rights.ownership_statements(database, schema, roles),
        *table_statements(cursor, roles),
    ]


def apply(cursor: Any, roles: Roles) -> None:
    """Make row policies, roles, ownership and rights what they are to be. The caller must be a superuser."""
    put_policies(cursor)
    for statement in all_statements(cursor, roles):
        cursor.execute(statement)
