"""Triggers that both engines carry: what the database itself promises.

Services explain a refusal; these make it impossible for any other door (a shell, a script, a
second writer) to break the promise. Messages are in Chinese since an administrator reads them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from bianzhi.kernel.encryption.envelope import CONTENT_FROM


@dataclass(frozen=True, slots=True)
class Trigger:
    """One promise, written once for each engine.

    `when` is e.g. "BEFORE UPDATE ON t"; `sqlite_body` is the statement list between BEGIN and END
    (RAISE(ABORT, …) refuses); `sqlite_when` is an optional WHEN condition; `postgres_body` is the
    PL/pgSQL block, which must RETURN; `only` names the one engine it exists on (SQLite knows no TRUNCATE).
    """

    name: str
    table: str
    when: str
    sqlite_body: str
    postgres_body: str
    sqlite_when: str = ""
    per: str = "ROW"
    only: str = ""

    def create_sql(self, vendor: str) -> list[str]:
        """Statements that install the trigger on the given engine."""
        if self.only and vendor != self.only:
            return []
        if vendor == "sqlite":
            guard = f"WHEN {self.sqlite_when} " if self.sqlite_when else ""
            return [
                f'CREATE TRIGGER "{self.name}" {self.when} ON "{self.table}" FOR EACH ROW {guard}'
                f"BEGIN {self.sqlite_body} END;"
            ]
        function = f"{self.name}_fn"
        # A trigger's plan is made while its tables are nearly empty and kept while a bulk insert fills them:
        # without the setting it then reads whole tables for every row.
        return [
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS "
            f"$bianzhi${self.postgres_body}$bianzhi$;",
            f'CREATE TRIGGER "{self.name}" {self.when} ON "{self.table}" '
            f"FOR EACH {self.per} EXECUTE FUNCTION {function}();",
        ]

    def drop_sql(self, vendor: str) -> list[str]:
        """Statements that remove the trigger from the given engine."""
        if self.only and vendor != self.only:
            return []
        if vendor == "sqlite":
            return [f'DROP TRIGGER IF EXISTS "{self.name}";']
        return [
            f'DROP TRIGGER IF EXISTS "{self.name}" ON "{self.table}";',
            f"DROP FUNCTION IF EXISTS {self.name}_fn();",
        ]


class InstallTriggers(Operation):
    """Migration operation that creates triggers and can take them back."""

    reversible = True

    def __init__(self, triggers: Sequence[Trigger]) -> None:
        self.triggers = list(triggers)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Written into migrations by hand only; kept for completeness of the protocol."""
        return (self.__class__.__name__, [self.triggers], {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Triggers are no part of the model state."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create every trigger."""
        for trigger in self.triggers:
            for sql in trigger.create_sql(schema_editor.connection.vendor):
                schema_editor.execute(sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Remove every trigger."""
        for trigger in reversed(self.triggers):
            for sql in trigger.drop_sql(schema_editor.connection.vendor):
                schema_editor.execute(sql, params=None)

    def describe(self) -> str:
        """One line for `migrate --plan`."""
        return "Install triggers " + ", ".join(trigger.name for trigger in self.triggers)


def refuse(table: str, event: str, message: str) -> Trigger:
    """A trigger that refuses `event` (UPDATE or DELETE) on every row of a table (R26)."""
    return Trigger(
        name=f"{table}_no_{event.lower()}",
        table=table,
        when=f"BEFORE {event}",
        sqlite_body=f"SELECT RAISE(ABORT, '{message}');",
        postgres_body=f"BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END;",
    )


def refuse_truncate(table: str, message: str) -> Trigger:
    """A trigger that refuses to empty the table at one stroke (PostgreSQL only)."""
    return Trigger(
        name=f"{table}_no_truncate",
        table=table,
        when="BEFORE TRUNCATE",
        per="STATEMENT",
        only="postgresql",
        sqlite_body="",
        postgres_body=f"BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END;",
    )


def append_only(table: str, label: str) -> list[Trigger]:
    """Refuse UPDATE, DELETE and TRUNCATE: rows of this table are written once (R26)."""
    message = f"{label}只能追加，不能修改或删除；更正请用冲正（R26）"
    return [refuse(table, "UPDATE", message), *undeletable(table, label, message)]


def undeletable(table: str, label: str, message: str = "") -> list[Trigger]:
    """Refuse DELETE and TRUNCATE: rows of this table are closed or superseded, never removed (R26)."""
    message = message or f"{label}不能删除；请结束或更正该记录（R26）"
    return [refuse(table, "DELETE", message), refuse_truncate(table, message)]


def frozen_columns(table: str, label: str, columns: Sequence[str], *, sealed: Sequence[str] = ()) -> Trigger:
    """Refuse any UPDATE that changes one of these columns; others (an end date, a state) may move on.

    Of a `sealed` column what was sealed is frozen; its wrapping is written anew when the master key changes.
    """
    message = f"{label}的既定内容不能改写；请以更正记录取代（R26）"
    held = [(f'NEW."{column}"', f'OLD."{column}"') for column in columns]
    content = 'substr({}."{}", {})'.format
    held += [(content("NEW", column, CONTENT_FROM), content("OLD", column, CONTENT_FROM)) for column in sealed]
    sqlite_changed = " OR ".join(f"{new} IS NOT {old}" for new, old in held)
    postgres_changed = " OR ".join(f"{new} IS DISTINCT FROM {old}" for new, old in held)
    return Trigger(
        name=f"{table}_frozen",
        table=table,
        when="BEFORE UPDATE",
        sqlite_when=f"({sqlite_changed})",
        sqlite_body=f"SELECT RAISE(ABORT, '{message}');",
        postgres_body=(
            f"BEGIN IF {postgres_changed} THEN "
            f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; "
            f"END IF; RETURN NEW; END;"
        ),
    )
