"""The roles of the database: what the server refuses them with and without triggers, and what a check finds."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from bianzhi.common.db import rights, wall_problems, walls
from bianzhi.common.db.row_scope import BEYOND
from bianzhi.config.row_policies import OPEN
from tests import wall

pytestmark = pytest.mark.django_db
WRITTEN_ONCE = ["audit_auditentry", "audit_rowseal", "ledger_ledgerentry", "ledger_posting", "archives_opening"]
SOURCE = Path(__file__).parents[3] / "src"


@pytest.fixture
def roles(db):
    """Roles, rights and policies as an office has them; the test itself is the superuser."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles")
    names = wall.roles()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        walls.apply(cursor, names)
    return names


def run(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def found(names: rights.Roles) -> list[str]:
    with connection.cursor() as cursor:
        return wall_problems.problems(cursor, names)


# --- what the server refuses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", WRITTEN_ONCE)
def test_what_is_written_once_is_refused_to_the_app_even_without_triggers(roles, table, act):
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    statement = act.format(table).replace("id = id", "seq = seq" if table == "audit_auditentry" else "id = id")
    with pytest.raises(DatabaseError, match="permission denied"):
        run(f'SET LOCAL ROLE "{roles.app}"', statement)


def test_originals_can_be_marked_and_never_deleted_by_the_app(roles):
    run("ALTER TABLE archives_original DISABLE TRIGGER USER")
    run(f'SET LOCAL ROLE "{roles.app}"', "UPDATE archives_original SET checked_at = NULL", "SET LOCAL ROLE NONE")
    for statement in ("DELETE FROM archives_original", "TRUNCATE archives_original CASCADE"):
        with pytest.raises(DatabaseError, match="permission denied"):
            run(f'SET LOCAL ROLE "{roles.app}"', statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (id int)",
        "CREATE TEMPORARY TABLE ledger_posting (id int)",
        "ALTER TABLE personnel_person DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER USER",
        "DROP POLICY bianzhi_scope ON personnel_person",
        "CREATE OR REPLACE FUNCTION bianzhi_all() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "SET LOCAL session_replication_role = replica",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
    ],
)
def test_the_app_can_not_take_the_wall_down(roles, statement):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        run(f'SET LOCAL ROLE "{roles.app}"', statement)


def test_an_inspector_reads_the_record_and_nothing_else(roles):
    run(f'SET LOCAL ROLE "{roles.audit_reader}"', "SELECT * FROM audit_auditentry", "SET LOCAL ROLE NONE")
    for statement in ("SELECT * FROM personnel_person", "DELETE FROM audit_auditentry", "SELECT bianzhi_persons()"):
        with pytest.raises(DatabaseError, match="permission denied"):
            run(f'SET LOCAL ROLE "{roles.audit_reader}"', statement)


def test_the_backup_reads_every_row_and_writes_none(roles, cast):
    cast.member(cast.bureau)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{roles.backup}"')
        cursor.execute("SET LOCAL row_security = off")
        cursor.execute("SELECT count(*) FROM personnel_person")
        assert cursor.fetchone() == (1,)
        cursor.execute("SET LOCAL ROLE NONE")
    with pytest.raises(DatabaseError, match="permission denied"):
        run(f'SET LOCAL ROLE "{roles.backup}"', "DELETE FROM personnel_person")


def test_a_capacity_is_counted_over_rows_the_app_is_not_shown(roles, cast):
    names = [
        name for (name,) in _all("SELECT proname FROM pg_proc WHERE proname LIKE 'personnel_%_fn' AND NOT prosecdef")
    ]
    assert names == []


# --- what the check finds ----------------------------------------------------------------------------------------


def test_nothing_is_wrong_where_the_roles_were_just_set(roles):
    assert found(roles) == []


def test_setting_them_again_changes_nothing(roles):
    with connection.cursor() as cursor:
        assert walls.put_policies(cursor) == []
        walls.apply(cursor, roles)
    assert found(roles) == []


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        ("GRANT UPDATE ON audit_auditentry TO {app}", "{app} 在表 audit_auditentry 上多了权限：UPDATE"),
        ("GRANT UPDATE (action) ON audit_auditentry TO {app}", "{app} 在表 audit_auditentry 上多了权限：UPDATE"),
        ("GRANT DELETE ON ledger_posting TO PUBLIC", "{app} 在表 ledger_posting 上多了权限：DELETE"),
        ("REVOKE INSERT ON audit_auditentry FROM {app}", "{app} 在表 audit_auditentry 上缺少权限：INSERT"),
        ("GRANT SELECT ON personnel_person TO {audit}", "{audit} 在表 personnel_person 上多了权限：SELECT"),
        ("REVOKE SELECT ON personnel_person FROM {backup}", "{backup} 在表 personnel_person 上缺少权限：SELECT"),
        ("ALTER ROLE {app} BYPASSRLS", "{app} 多了属性：越过行级安全（BYPASSRLS）"),
        ("ALTER ROLE {app} CREATEROLE", "{app} 多了属性：建角色（CREATEROLE）"),
        ("ALTER ROLE {backup} NOBYPASSRLS", "{backup} 缺少属性：越过行级安全（BYPASSRLS），备份不完整"),
        ("GRANT {owner} TO {app}", "{app} 是 {owner} 的成员"),
        ("GRANT CREATE ON SCHEMA public TO {app}", "{app} 多了在数据库或模式 public 中建立对象"),
        ("ALTER TABLE personnel_person OWNER TO {app}", "表 personnel_person 的所有者是 {app}，应为 {owner}"),
        ("ALTER TABLE personnel_person DISABLE ROW LEVEL SECURITY", "表 personnel_person 的行级安全没有启用"),
        ("DROP POLICY bianzhi_scope ON personnel_person", "表 personnel_person 没有行级安全策略"),
        (
            "ALTER POLICY bianzhi_scope ON personnel_person USING (true)",
            "表 personnel_person 的行级安全策略与平台的规定不一致",
        ),
        ("CREATE POLICY door ON personnel_person USING (true)", "表 personnel_person 另有 1 条行级安全策略"),
        ("ALTER TABLE audit_auditentry DISABLE TRIGGER USER", "audit_auditentry_no_update 被停用"),
        (
            "CREATE OR REPLACE FUNCTION bianzhi_all() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'",
            "函数 bianzhi_all 与平台的规定不一致",
        ),
        (
            "ALTER FUNCTION personnel_person_no_delete_fn() SECURITY INVOKER",
            "personnel_person_no_delete_fn 不以所有者身份运行",
        ),
    ],
)
def test_a_right_too_many_or_too_few_is_named(roles, mistake, told):
    named = {"owner": roles.owner, "app": roles.app, "backup": roles.backup, "audit": roles.audit_reader}
    quoted = {key: f'"{name}"' for key, name in named.items()}
    run(mistake.format(**quoted))
    assert any(told.format(**named) in line for line in found(roles)), found(roles)


def test_missing_roles_are_named_with_the_command_that_makes_them(db):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles")
    [line] = found(rights.Roles("no_owner", "no_app", "no_backup", "no_audit"))
    assert "no_owner" in line
    assert "./bianzhi database roles --apply" in line


def test_a_process_that_is_not_bound_is_told_so(roles):
    with connection.cursor() as cursor:
        assert "不受行级安全约束" in wall_problems.standing_of_this_role(cursor, roles)
        cursor.execute(f'SET LOCAL ROLE "{roles.owner}"')
        assert "表的所有者" in wall_problems.standing_of_this_role(cursor, roles)
        cursor.execute(f'SET LOCAL ROLE "{roles.app}"')
        assert wall_problems.standing_of_this_role(cursor, roles) == ""


def test_the_command_says_that_sqlite_has_no_roles():
    if connection.vendor != "sqlite":
        pytest.skip("the answer of SQLite")
    with pytest.raises(CommandError, match="SQLite"):
        call_command("database", "check")


def test_the_command_prints_what_it_would_do_and_no_password(db, capsys):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles")
    call_command("database", "roles")
    said = capsys.readouterr().out
    assert 'CREATE ROLE "bianzhi_app"' in said
    assert 'GRANT SELECT, INSERT ON "public"."audit_auditentry" TO "bianzhi_app"' in said
    assert 'GRANT SELECT, INSERT, UPDATE ON "public"."personnel_person" TO "bianzhi_app"' in said
    assert "PASSWORD" not in said


# --- that nothing is left out ------------------------------------------------------------------------------------

POINTS_AT = {"organizations.Organization", "personnel.Person"}


def test_every_table_that_names_a_unit_or_a_person_is_behind_the_wall_or_open_for_a_reason():
    pointing = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if (field.related_model is not None and field.related_model._meta.label in POINTS_AT)
        or str(field.column).endswith(("organization_id", "unit_id"))
    }
    behind = {policy.table for policy in settings.ROW_POLICIES}
    assert pointing - behind - set(OPEN) == set()
    assert behind & set(OPEN) == set()
    assert behind | set(OPEN) <= {model._meta.db_table for model in apps.get_models(include_auto_created=True)}


def test_every_reason_to_look_further_is_used_and_listed():
    used = {
        node.args[0].value
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("beyond_scope", "go_beyond_scope")
        and isinstance(node.args[0], ast.Constant)
    }
    assert used == set(BEYOND)


def _all(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
