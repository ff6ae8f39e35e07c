"""The engine, what it runs on, and with whose rights."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from bianzhi.doctor.findings import Finding, bad, good, warn
from bianzhi.intrusion.structure import broken_promises

NETWORKED: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "glusterfs", "ceph"})
OLDEST_POSTGRESQL: Final = 140_000
WANTED: Final = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def database() -> Iterator[Finding]:
    """The database itself."""
    yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield bad("数据库", f"有 {len(waiting)} 个迁移没有执行", "运行 ./bianzhi start，或 ./bianzhi migrate")
    broken = list(broken_promises())
    for problem in broken[:10]:
        yield bad("数据库", problem, "数据库结构被绕过平台改动：核对审计，必要时从备份恢复")
    if not broken and not waiting:
        yield good("数据库", "迁移已全部执行，触发器和列齐全")


def _sqlite() -> Iterator[Finding]:
    place = Path(settings.DATABASES["default"]["NAME"])
    kind = filesystem_of(place)
    if kind in NETWORKED:
        yield bad("SQLite", f"数据库文件在网络盘（{kind}）上，会损坏", "把数据目录移到本机磁盘，或改用 PostgreSQL")
    else:
        yield good("SQLite", f"数据库文件在本机磁盘（{kind or '未知类型'}）")
    for name, wanted in WANTED.items():
        found = _one(f"PRAGMA {name}")
        if found != wanted:
            yield bad(
                "SQLite", f"{name} 是 {found}，应为 {wanted}：断电可能丢失已确认的内容", "不要改动平台的数据库设置"
            )
    if place.exists() and place.stat().st_size > 20 * 2**30:
        yield warn("SQLite", f"数据库已有 {place.stat().st_size / 2**30:.0f} GB", "考虑改用 PostgreSQL")


def _postgresql() -> Iterator[Finding]:
    number = int(_one("SHOW server_version_num"))
    if number < OLDEST_POSTGRESQL:
        yield bad("PostgreSQL", f"版本 {number // 10_000} 过旧", "升级到 14 或更新")
    else:
        yield good("PostgreSQL", f"版本 {_one('SHOW server_version')}")
    role, is_super, bypasses = _row("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if is_super or bypasses:
        what = "是超级用户" if is_super else "可以绕过行级安全"
        yield bad("PostgreSQL", f"平台使用的账号 {role} {what}", "改用只有所需权限的账号，见 docs/howto/部署.md")
    else:
        yield good("PostgreSQL", f"平台使用的账号 {role} 不是超级用户，也不能绕过行级安全")
    if _one("SHOW fsync") != "on" or _one("SHOW synchronous_commit") == "off":
        yield bad("PostgreSQL", "fsync 或 synchronous_commit 关着：断电会丢失已确认的内容", "在 postgresql.conf 中打开")


def filesystem_of(place: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system a path lies on; "" where the system does not say."""
    try:
        lines = [line.split(" ") for line in mounts.read_text("utf-8").splitlines()]
    except OSError:
        return ""
    found = [(len(parts[1]), parts[2]) for parts in lines if place.resolve().is_relative_to(parts[1])]
    return max(found, default=(0, ""))[1]


def _row(query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: tuple[Any, ...] = cursor.fetchone()
        return found


def _one(query: str) -> Any:
    return _row(query)[0]
