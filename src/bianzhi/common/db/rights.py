"""The four roles of the database, the rights each must have and no more, and how far the database is from that.

bianzhi_owner owns the tables and changes their structure; bianzhi_app is who the platform runs as: it owns nothing, and
on tables that are only added to it may add and nothing else, so that the server refuses what a trigger would refuse
even where triggers are switched off; bianzhi_backup reads everything, row-level security included; an inspector reads
the record of acts as bianzhi_audit_reader. What a table allows is read from its triggers (`common.db.triggers`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from bianzhi.common.db.row_policies import Function

READ_ONLY: Final = frozenset(
    {
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "auth_group",
        "auth_group_permissions",
    }
)
"""Written by `migrate` alone."""
RECORD: Final = frozenset({"audit_auditentry", "audit_rowseal"})
ALL_RIGHTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


@dataclass(frozen=True, slots=True)
class Roles:
    """How the roles are called."""

    owner: str = "bianzhi_owner"
    app: str = "bianzhi_app"
    backup: str = "bianzhi_backup"
    audit_reader: str = "bianzhi_audit_reader"

    @property
    def restricted(self) -> tuple[str, str, str]:
        """Those that own nothing."""
        return self.app, self.backup, self.audit_reader


@dataclass(frozen=True, slots=True)
class Table:
    """A table and what its triggers refuse."""

    name: str
    refused: frozenset[str]

    def rights_of_app(self) -> frozenset[str]:
        """What the platform may do with it."""
        if self.name in READ_ONLY:
            return frozenset({"SELECT"})
        return frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"}) - self.refused


def expected(table: Table, roles: Roles) -> dict[str, frozenset[str]]:
    """The rights of each restricted role on a table."""
    return {
        roles.app: table.rights_of_app(),
        roles.backup: frozenset({"SELECT"}),
        roles.audit_reader: frozenset({"SELECT"}) if table.name in RECORD else frozenset(),
    }


TABLES: Final = """
    SELECT c.relname, coalesce(array_agg(upper(substring(t.tgname from '_no_(update|delete|truncate)$')))
                               FILTER (WHERE t.tgname ~ '_no_(update|delete|truncate)$'), '{}')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p') GROUP BY c.relname ORDER BY c.relname
"""


def schema_of(cursor: Any) -> str:
    """The schema the platform's tables are in."""
    cursor.execute("SELECT current_schema()")
    return str(cursor.fetchone()[0])


def tables(cursor: Any, schema: str) -> list[Table]:
    """The tables there are, each with what its triggers refuse."""
    cursor.execute(TABLES, [schema])
    return [Table(str(name), frozenset(refused)) for name, refused in cursor.fetchall()]


def exists(cursor: Any, role: str) -> bool:
    """Whether the server has this role."""
    cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
    return bool(cursor.fetchone()[0])


# --- making it so ------------------------------------------------------------------------------------------------


def role_statements(roles: Roles) -> Iterator[sql.Composed]:
    """Make the roles, without passwords, or set their attributes; a superuser must run these."""
    for name, bypasses in ((roles.owner, False), (roles.app, False), (roles.backup, True), (roles.audit_reader, False)):
        yield sql.SQL(MAKE_ROLE).format(
            literal=sql.Literal(name),
            name=sql.Identifier(name),
            bypasses=sql.Literal(bypasses),
            attribute=sql.SQL("BYPASSRLS" if bypasses else "NOBYPASSRLS"),
        )


MAKE_ROLE: Final = """DO $do$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal}) THEN CREATE ROLE {name}; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal} AND rolcanlogin AND NOT rolsuper AND NOT rolcreatedb
                 AND NOT rolcreaterole AND NOT rolreplication AND rolbypassrls = {bypasses})
  THEN ALTER ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {attribute}; END IF;
END $do$"""


def ownership_statements(database: str, schema: str, roles: Roles) -> Iterator[sql.Composed]:
    """Give database, schema and everything in it to the owner, and take from everybody what is not theirs."""
    owner, place = sql.Identifier(roles.owner), sql.Identifier(schema)
    named, base = _named(roles.restricted), sql.Identifier(database)
    yield sql.SQL("ALTER DATABASE {} OWNER TO {}").format(base, owner)
    yield sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(place, owner)
    yield sql.SQL(TAKE_OVER).format(schema=sql.Literal(schema), owner=sql.Literal(roles.owner))
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(base, named)
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(base, named)
    yield sql.SQL("REVOKE ALL ON SCHEMA {} FROM PUBLIC, {}").format(place, named)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(place, named)


TAKE_OVER: Final = """DO $do$ DECLARE found record; BEGIN
  FOR found IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = {schema} AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) <> {owner}
  LOOP EXECUTE format('ALTER TABLE %s OWNER TO %I', found.name, {owner}); END LOOP;
  FOR found IN SELECT f.oid::regprocedure AS name FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE n.nspname = {schema} AND pg_get_userbyid(f.proowner) <> {owner}
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = f.oid AND d.deptype = 'e')
  LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO %I', found.name, {owner}); END LOOP;
END $do$"""


def grant_statements(
    schema: str, there: Iterable[Table], functions: Iterable[Function], roles: Roles
) -> Iterator[sql.Composed]:
    """The rights on each table, after everything else has been taken away; its owner may run these."""
    place = sql.Identifier(schema)
    named = _named(roles.restricted)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM PUBLIC, {}").format(place, named)
    yield sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA {} FROM PUBLIC, {}").format(place, named)
    yield sql.SQL("GRANT SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(place, sql.Identifier(roles.backup))
    for table in there:
        for role, rights in expected(table, roles).items():
            if rights:
                yield sql.SQL("GRANT {} ON {} TO {}").format(
                    sql.SQL(", ").join(sql.SQL(right) for right in ALL_RIGHTS if right in rights),
                    sql.Identifier(schema, table.name),
                    sql.Identifier(role),
                )
    for function in functions:
        if function.looks_past:
            called = sql.Identifier(schema, function.name)
            yield sql.SQL("REVOKE ALL ON FUNCTION {}() FROM PUBLIC").format(called)
            yield sql.SQL("GRANT EXECUTE ON FUNCTION {}() TO {}").format(called, sql.Identifier(roles.app))


def _named(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
