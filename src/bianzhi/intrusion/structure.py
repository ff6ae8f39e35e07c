"""The structure of the database: what the migrations promise, what is there, and where the two differ."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from bianzhi.common.db.structure import missing_columns
from bianzhi.common.db.triggers import InstallTriggers, Trigger

_SPACE: Final = re.compile(r"\s+")


def broken_promises() -> Iterator[str]:
    """Triggers of the migrations that are gone, switched off or rewritten, and columns that are gone."""
    there = _bodies()
    switched_off = _switched_off()
    for trigger in promised_triggers():
        if trigger.only and trigger.only != connection.vendor:
            continue
        if trigger.name not in there:
            yield f"触发器缺失：{trigger.name}"
        elif trigger.name in switched_off:
            yield f"触发器被停用：{trigger.name}"
        elif _plain(there[trigger.name]) != _plain(_promised_body(trigger)):
            yield f"触发器被改写：{trigger.name}"
    for column in missing_columns():
        yield f"缺少列：{column}"


def promised_triggers() -> list[Trigger]:
    """Every trigger the applied migrations installed; of two by one name the later one."""
    loader = MigrationLoader(connection)
    found: dict[str, Trigger] = {}
    for key in loader.graph.nodes:
        if key not in loader.applied_migrations:
            continue
        for operation in loader.graph.nodes[key].operations:
            if isinstance(operation, InstallTriggers):
                found.update({trigger.name: trigger for trigger in operation.triggers})
    return list(found.values())


def structure_now() -> dict[str, str]:
    """Digests of tables, indexes, views, triggers, functions and row policies, by kind and name."""
    return {f"{kind} {name}": _digest(text) for kind, name, text in _everything()}


def _promised_body(trigger: Trigger) -> str:
    return trigger.create_sql("sqlite")[0] if connection.vendor == "sqlite" else trigger.postgres_body


def _bodies() -> dict[str, str]:
    """What each trigger there does: its statement on SQLite, the body of its function on PostgreSQL."""
    if connection.vendor == "sqlite":
        return dict(_rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return dict(
        _rows("SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal")
    )


def _switched_off() -> set[str]:
    if connection.vendor == "sqlite":
        return set()
    return {name for (name,) in _rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'")}


def _everything() -> Iterator[tuple[str, str, str]]:
    if connection.vendor == "sqlite":
        yield from _rows(
            "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        return
    yield from _rows(
        "SELECT 'table', table_name, string_agg(column_name || ' ' || data_type || ' ' || is_nullable, ',' "
        "ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = current_schema() "
        "GROUP BY table_name"
    )
    yield from _rows("SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()")
    yield from _rows(
        "SELECT 'trigger', t.tgname, pg_get_triggerdef(t.oid) || t.tgenabled::text FROM pg_trigger t "
        "WHERE NOT t.tgisinternal"
    )
    yield from _rows(
        "SELECT 'function', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.prosrc "
        "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema() "
        "AND p.prokind = 'f'"
    )
    yield from _rows(
        "SELECT 'constraint', c.conrelid::regclass || ' ' || c.conname, pg_get_constraintdef(c.oid) "
        "FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = current_schema()"
    )
    yield from _rows(
        "SELECT 'policy', tablename || ' ' || policyname, cmd || coalesce(qual, '') || coalesce(with_check, '') "
        "FROM pg_policies WHERE schemaname = current_schema()"
    )


def _rows(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip().rstrip(";")


def _digest(text: str) -> str:
    return hashlib.sha256(_plain(text).encode()).hexdigest()
