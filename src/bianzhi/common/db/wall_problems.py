"""Every right too many or too few, and every hole in the second wall, as sentences for the administrator."""

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from psycopg import sql

from bianzhi.common.db import rights, row_policies
from bianzhi.common.db.rights import ALL_RIGHTS, Roles, Table


def problems(cursor: Any, roles: Roles) -> list[str]:
    """Every right too many or too few, each as a sentence for the administrator."""
    schema = rights.schema_of(cursor)
    absent = [name for name in (roles.owner, *roles.restricted) if not rights.exists(cursor, name)]
    if absent:
        return [f"没有数据库角色 {'、'.join(absent)}：请由数据库管理员运行 ./bianzhi database roles --apply"]
    there = rights.tables(cursor, schema)
    return [
        *_wrong_attributes(cursor, roles),
        *_wrong_ownership(cursor, schema, roles),
        *_wrong_places(cursor, schema, roles),
        *_wrong_table_rights(cursor, schema, there, roles),
        *_wrong_policies(cursor, schema),
        *_wrong_functions(cursor, schema, roles),
        *_sleeping_triggers(cursor, schema),
    ]


ATTRIBUTES: Final = {
    "rolsuper": "超级用户（SUPERUSER）",
    "rolcreatedb": "建库（CREATEDB）",
    "rolcreaterole": "建角色（CREATEROLE）",
    "rolreplication": "复制（REPLICATION）",
    "rolbypassrls": "越过行级安全（BYPASSRLS）",
}


def _wrong_attributes(cursor: Any, roles: Roles) -> Iterator[str]:
    names = [roles.owner, *roles.restricted]
    cursor.execute(
        f"SELECT rolname, {', '.join(ATTRIBUTES)} FROM pg_roles WHERE rolname = ANY(%s) ORDER BY rolname",  # noqa: S608
        [names],
    )
    for name, *held in cursor.fetchall():
        for (attribute, label), is_held in zip(ATTRIBUTES.items(), held, strict=True):
            is_due = attribute == "rolbypassrls" and name == roles.backup
            if is_held and not is_due:
                yield f"角色 {name} 多了属性：{label}"
            if is_due and not is_held:
                yield f"角色 {name} 缺少属性：{label}，备份不完整"
    cursor.execute(
        "SELECT m.rolname, g.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member "
        "JOIN pg_roles g ON g.oid = a.roleid WHERE m.rolname = ANY(%s) ORDER BY 1, 2",
        [list(roles.restricted)],
    )
    for name, group in cursor.fetchall():
        yield f"角色 {name} 是 {group} 的成员，由此得到不该有的权限"


def _wrong_ownership(cursor: Any, schema: str, roles: Roles) -> Iterator[str]:
    cursor.execute(
        "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) <> %s ORDER BY 1",
        [schema, roles.owner],
    )
    for table, owner in cursor.fetchall():
        yield f"表 {table} 的所有者是 {owner}，应为 {roles.owner}"
    cursor.execute(
        "SELECT r.rolname, count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid "
        "WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o' AND r.rolname = ANY(%s) "
        "GROUP BY 1 ORDER BY 1",
        [list(roles.restricted)],
    )
    for name, count in cursor.fetchall():
        yield f"角色 {name} 是 {count} 个数据库对象的所有者，应一个也没有"


def _wrong_places(cursor: Any, schema: str, roles: Roles) -> Iterator[str]:
    for name in roles.restricted:
        cursor.execute(
            "SELECT has_database_privilege(%(role)s, current_database(), 'CONNECT'),"
            " has_database_privilege(%(role)s, current_database(), 'CREATE'),"
            " has_database_privilege(%(role)s, current_database(), 'TEMPORARY'),"
            " has_schema_privilege(%(role)s, %(schema)s, 'USAGE'),"
            " has_schema_privilege(%(role)s, %(schema)s, 'CREATE')",
            {"role": name, "schema": schema},
        )
        connects, creates, makes_temporary, uses, creates_in = cursor.fetchone()
        if not connects or not uses:
            yield f"角色 {name} 缺少连接数据库或使用模式 {schema} 的权限"
        if creates or makes_temporary or creates_in:
            yield f"角色 {name} 多了在数据库或模式 {schema} 中建立对象（含临时表）的权限"


def _wrong_table_rights(cursor: Any, schema: str, there: list[Table], roles: Roles) -> Iterator[str]:
    cursor.execute(
        "SELECT c.relname, r.rolname, array(SELECT p FROM unnest(%(all)s::text[]) p"
        "  WHERE has_table_privilege(r.oid, c.oid, p)"
        "     OR (p IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(r.oid, c.oid, p)))"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN pg_roles r"
        " WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p') AND r.rolname = ANY(%(roles)s) AND NOT r.rolsuper"
        " ORDER BY r.rolname, c.relname",
        {"all": list(ALL_RIGHTS), "schema": schema, "roles": list(roles.restricted)},
    )
    due = {table.name: rights.expected(table, roles) for table in there}
    for table, role, held in cursor.fetchall():
        many, few = set(held) - due[table][role], due[table][role] - set(held)
        if many:
            yield f"角色 {role} 在表 {table} 上多了权限：{_in_order(many)}"
        if few:
            yield f"角色 {role} 在表 {table} 上缺少权限：{_in_order(few)}"


def _in_order(held: set[str] | frozenset[str]) -> str:
    return "、".join(right for right in ALL_RIGHTS if right in held)


def _wrong_policies(cursor: Any, schema: str) -> Iterator[str]:
    there = row_policies.standing(cursor, schema)
    for policy in settings.ROW_POLICIES:
        found = there.get(policy.table)
        if found is None:
            yield f"表 {policy.table} 没有行级安全策略"
        elif not found.is_enabled:
            yield f"表 {policy.table} 的行级安全没有启用"
        elif found.others:
            yield f"表 {policy.table} 另有 {found.others} 条行级安全策略，可能放宽范围"
        elif not found.is_as_made(policy):
            yield f"表 {policy.table} 的行级安全策略与平台的规定不一致"


def _wrong_functions(cursor: Any, schema: str, roles: Roles) -> Iterator[str]:
    cursor.execute(
        "SELECT f.proname, pg_get_userbyid(f.proowner), f.prosecdef, md5(f.prosrc) FROM pg_proc f "
        "JOIN pg_namespace n ON n.oid = f.pronamespace WHERE n.nspname = %s AND f.proname LIKE 'bianzhi\\_%%'",
        [schema],
    )
    there = {name: rest for name, *rest in cursor.fetchall()}
    for function in settings.ROW_FUNCTIONS:
        if function.name not in there:
            yield f"没有行级安全所用的函数 {function.name}"
            continue
        owner, looks_past, digest = there[function.name]
        if looks_past != function.looks_past or digest != function.digest:
            yield f"行级安全所用的函数 {function.name} 与平台的规定不一致"
        if owner != roles.owner:
            yield f"函数 {function.name} 的所有者是 {owner}，应为 {roles.owner}"
    cursor.execute(row_policies.UNBOUND.format(schema=sql.Literal(schema)))
    for (name,) in cursor.fetchall():
        yield f"触发器函数 {name} 不以所有者身份运行，行级安全会使它漏数"


def _sleeping_triggers(cursor: Any, schema: str) -> Iterator[str]:
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND t.tgenabled NOT IN ('O', 'A') ORDER BY 1, 2",
        [schema],
    )
    for table, trigger in cursor.fetchall():
        yield f"表 {table} 的触发器 {trigger} 被停用"


def standing_of_this_role(cursor: Any, roles: Roles) -> str:
    """How the role this process runs as stands to the wall, in a sentence; "" where it is as it should be."""
    cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    name, is_super, bypasses = cursor.fetchone()
    if is_super or bypasses:
        return f"平台正以 {name} 运行，不受行级安全约束：请在 DATABASE_URL 中改用 {roles.app}"
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user)"
    )
    owns = bool(cursor.fetchone()[0])
    return f"平台正以表的所有者 {name} 运行，不受行级安全约束：请在 DATABASE_URL 中改用 {roles.app}" if owns else ""
