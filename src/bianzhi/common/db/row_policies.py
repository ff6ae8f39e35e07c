"""Row-level security as data: which rows of a table the database shows to whom, and how that is put into the database.

Policies bind every role but the owner of the tables, superusers and roles with BYPASSRLS. They are put in after each
`migrate` and by `./bianzhi database roles`; what is there already is left alone, since putting a policy in locks its
table.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

NAME: Final = "bianzhi_scope"
MARK: Final = "bianzhi "


@dataclass(frozen=True, slots=True)
class Function:
    """A function policies ask. `looks_past` ones run as the owner: they see all rows and give back keys alone."""

    name: str
    returns: str
    body: str
    looks_past: bool = False

    @property
    def digest(self) -> str:
        """MD5 of its body, as the server computes it too."""
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest()

    def sql(self, schema: str) -> sql.Composed:
        """The statement that makes it, or makes it anew."""
        text = "CREATE OR REPLACE FUNCTION {schema}.{name}() RETURNS {returns} LANGUAGE sql STABLE PARALLEL SAFE"
        if self.looks_past:
            text += " SECURITY DEFINER SET search_path = {schema}, pg_temp"
        return sql.SQL(text + " AS {body}").format(
            schema=sql.Identifier(schema),
            name=sql.Identifier(self.name),
            returns=sql.SQL(self.returns),
            body=sql.Literal(self.body),
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """One condition for reading and writing the rows of a table."""

    table: str
    condition: str

    @property
    def digest(self) -> str:
        """Of the condition as it is written here."""
        return hashlib.sha256(self.condition.encode()).hexdigest()[:16]

    def statements(self, schema: str) -> Iterator[sql.Composed]:
        """Switch row-level security on and put the condition in, in place of an older one."""
        table, name = sql.Identifier(schema, self.table), sql.Identifier(NAME)
        yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table)
        yield sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(name, table)
        condition = sql.SQL(self.condition)
        yield sql.SQL("CREATE POLICY {0} ON {1} USING ({2}) WITH CHECK ({2})").format(name, table, condition)


@dataclass(frozen=True, slots=True)
class Standing:
    """A policy as the database has it: what it was made from, what it read when made, and what it reads now."""

    made_from: str
    read_then: str
    reads_now: str
    is_enabled: bool
    others: int

    def is_as_made(self, policy: Policy) -> bool:
        """Whether it is in force, alone on its table, made from this very condition and unchanged since."""
        unchanged = self.made_from == policy.digest and self.read_then == self.reads_now
        return self.is_enabled and unchanged and not self.others


STANDING: Final = sql.SQL("""
    SELECT c.relname, coalesce(obj_description(p.oid, 'pg_policy'), ''),
           md5(coalesce(pg_get_expr(p.polqual, p.polrelid), '') || '|'
               || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') || '|' || p.polcmd::text
               || '|' || p.polroles::text || '|' || p.polpermissive::text),
           c.relrowsecurity,
           (SELECT count(*) FROM pg_policy o WHERE o.polrelid = c.oid AND o.oid <> p.oid)
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = {schema} AND p.polname = {name}
""")


def standing(cursor: Any, schema: str) -> dict[str, Standing]:
    """The policies the database has, by table."""
    rows = _all(cursor, STANDING.format(schema=sql.Literal(schema), name=sql.Literal(NAME)))
    found = {}
    for table, comment, now, is_enabled, others in rows:
        made_from, _, then = str(comment).removeprefix(MARK).partition(" ")
        found[str(table)] = Standing(made_from, then, str(now), bool(is_enabled), int(others))
    return found


def install(cursor: Any, schema: str, functions: Iterable[Function], policies: Iterable[Policy]) -> list[str]:
    """Put functions and policies in; returns the tables whose policy was made or made anew."""
    for function in functions:
        _do(cursor, function.sql(schema))
    there = standing(cursor, schema)
    anew = [policy for policy in policies if not _is_there(policy, there)]
    for policy in anew:
        for statement in policy.statements(schema):
            _do(cursor, statement)
    now = standing(cursor, schema)
    for policy in anew:
        comment = sql.SQL("COMMENT ON POLICY {} ON {} IS {}").format(
            sql.Identifier(NAME),
            sql.Identifier(schema, policy.table),
            sql.Literal(f"{MARK}{policy.digest} {now[policy.table].reads_now}"),
        )
        _do(cursor, comment)
    return [policy.table for policy in anew]


def _is_there(policy: Policy, there: dict[str, Standing]) -> bool:
    return policy.table in there and there[policy.table].is_as_made(policy)


def bind_trigger_functions(cursor: Any, schema: str) -> list[str]:
    """Have the functions of triggers run as their owner, who sees every row: a capacity is counted over all of them.

    Returns the functions that were changed.
    """
    rows = _all(cursor, UNBOUND.format(schema=sql.Literal(schema)))
    names = [str(name) for (name,) in rows]
    for name in names:
        text = "ALTER FUNCTION {function}() SECURITY DEFINER SET search_path = {schema}, pg_temp"
        _do(cursor, sql.SQL(text).format(function=sql.Identifier(schema, name), schema=sql.Identifier(schema)))
    return names


UNBOUND: Final = sql.SQL("""
    SELECT DISTINCT f.proname FROM pg_trigger t
    JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace n ON n.oid = f.pronamespace
    WHERE NOT t.tgisinternal AND n.nspname = {schema} AND NOT f.prosecdef ORDER BY 1
""")


def _do(cursor: Any, statement: sql.Composable) -> None:
    cursor.execute(statement)


def _all(cursor: Any, statement: sql.Composable) -> list[tuple[Any, ...]]:
    cursor.execute(statement)
    return list(cursor.fetchall())
