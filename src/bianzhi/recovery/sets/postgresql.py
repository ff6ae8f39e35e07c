"""PostgreSQL: pg_dump of one exported snapshot; rows are counted and the head of the record is read in the same one."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import dj_database_url
import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bianzhi.recovery.sets.facts import Facts
from bianzhi.recovery.sets.refusing import refusal

INSTALLED: Final = Path("/usr/lib/postgresql")
KEPT_OPTIONS: Final = ("sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout")
NEWEST_FIRST: Final = re.compile(r"\(PostgreSQL\) (\d+)")
END_OF_OUTPUT: Final = 800


@dataclass(frozen=True, slots=True)
class Target:
    """A database as the programs of PostgreSQL are told of it; the password goes through the environment."""

    conninfo: str
    password: str

    @classmethod
    def of(cls, facts: dict[str, Any]) -> "Target":
        """From Django's settings of a database."""
        options = {name: value for name, value in facts.get("OPTIONS", {}).items() if name in KEPT_OPTIONS}
        named = {
            "host": facts.get("HOST"),
            "port": facts.get("PORT"),
            "user": facts.get("USER"),
            "dbname": facts["NAME"],
        }
        given = {name: str(value) for name, value in {**named, **options}.items() if value}
        return cls(make_conninfo("", **given), str(facts.get("PASSWORD") or ""))

    @classmethod
    def at(cls, url: str) -> "Target":
        """From an address postgres://…. Raises Refused."""
        try:
            facts = dj_database_url.parse(url)
        except ValueError as error:
            raise refusal("BK07", f"数据库地址无法识别（{error}）", "写法：postgres://账号:密码@主机/库名") from error
        if "postgresql" not in str(facts.get("ENGINE", "")):
            raise refusal("BK07", "数据库地址不是 PostgreSQL", "写法：postgres://账号:密码@主机/库名")
        return cls.of(dict(facts))

    def connect(self) -> psycopg.Connection[Any]:
        """An open connection of its own. Raises Refused."""
        try:
            return psycopg.connect(self.conninfo, password=self.password or None)
        except psycopg.OperationalError as error:
            raise refusal("BK07", f"连不上数据库（{str(error).strip()}）", "请检查地址、账号和数据库服务。") from error

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a program that connects here."""
        return {**os.environ, **({"PGPASSWORD": self.password} if self.password else {})}


def source() -> Target:
    """The platform's database, by the role for backups where one is set: row-level security hides rows from others."""
    return (
        Target.at(settings.BACKUP_DATABASE_URL) if settings.BACKUP_DATABASE_URL else Target.of(connection.settings_dict)
    )


def program(name: str, server: int) -> str:
    """The newest of this program on the machine, at least as new as the server. Raises Refused."""
    found = {path: _version(path) for path in _candidates(name)}
    usable = [path for path, version in found.items() if version >= server]
    if usable:
        return max(usable, key=lambda path: found[path])
    have = f"只有第 {max(found.values())} 版" if any(found.values()) else "没有"
    ask = f"请安装 postgresql-client-{server} 或更新的版本（查找 PATH 和 {INSTALLED}/*/bin）。"
    raise refusal("BK08", f"数据库是 PostgreSQL {server}，本机{have} {name}", ask)


def _candidates(name: str) -> list[str]:
    on_path = shutil.which(name)
    return list(dict.fromkeys([*([on_path] if on_path else []), *map(str, INSTALLED.glob(f"*/bin/{name}"))]))


def _version(path: str) -> int:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = NEWEST_FIRST.search(told.stdout)
    return int(found[1]) if found else 0


def dump(place: Path) -> Facts:
    """Write an archive of the whole database as of one moment. Raises Refused."""
    target = source()
    with target.connect() as held, _snapshot(held) as name:
        made_at = timezone.localtime().isoformat(timespec="seconds")
        server = held.info.server_version
        command = [program("pg_dump", server // 10000), "--format=custom", "--no-owner", "--no-privileges"]
        command += [f"--snapshot={name}", f"--file={place}", f"--dbname={target.conninfo}", "--no-password"]
        run(command, target, what="导出数据库失败")
        place.chmod(0o600)
        return Facts(made_at, _spoken(server), tables(held), _audit(held), _migrations(held))


@contextmanager
def _snapshot(held: psycopg.Connection[Any]) -> Iterator[str]:
    """A transaction whose view pg_dump shares for as long as the block lasts."""
    held.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    held.read_only = True
    with held.transaction():
        found = held.execute("SELECT pg_export_snapshot()").fetchone()
        yield str(found[0]) if found else ""


def run(command: list[str], target: Target, *, what: str) -> None:
    """Run a program of PostgreSQL. Raises Refused with the end of what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=target.variables)  # noqa: S603
    if done.returncode == 0:
        return
    said = done.stderr.strip()[-END_OF_OUTPUT:]
    ask = "请用 BIANZHI_BACKUP_DATABASE_URL 指明可越过行级权限（BYPASSRLS）的备份账号。" if "row-level" in said else ""
    raise refusal("BK09", f"{what}：{said}", ask)


def tables(held: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of each table of the platform."""
    names = held.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    ).fetchall()
    return {name: _count(held, name) for (name,) in names}


def _count(held: psycopg.Connection[Any], table: str) -> int:
    found = held.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(found[0]) if found else 0


def _audit(held: psycopg.Connection[Any]) -> tuple[int, str]:
    found = held.execute("SELECT seq, hash FROM audit_auditentry ORDER BY seq DESC LIMIT 1").fetchone()
    return (int(found[0]), str(found[1])) if found else (0, "")


def _migrations(held: psycopg.Connection[Any]) -> list[str]:
    return [f"{app}.{name}" for app, name in held.execute("SELECT app, name FROM django_migrations ORDER BY id")]


def _spoken(server: int) -> str:
    return f"{server // 10000}.{server % 10000}"


def load(place: Path, url: str) -> None:
    """Load an archive into an empty database, whole or not at all. Raises Refused."""
    target = Target.at(url)
    with target.connect() as held:
        if tables(held):
            raise refusal("BK10", "目标数据库不是空的，没有改动", "请新建一个空库后重试。")
        server = held.info.server_version // 10000
    command = [
        program("pg_restore", server),
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
    ]
    run([*command, f"--dbname={target.conninfo}", "--no-password", str(place)], target, what="装入数据库失败")


def counts_at(url: str) -> dict[str, int]:
    """Rows of each table of a restored database."""
    with Target.at(url).connect() as held:
        return tables(held)


def url_of(facts: dict[str, Any], name: str) -> str:
    """The address of a database beside the one of these settings of Django, on the same server."""
    account = quote(str(facts.get("USER") or ""), safe="")
    password = f":{quote(str(facts['PASSWORD']), safe='')}" if facts.get("PASSWORD") else ""
    host = quote(str(facts.get("HOST") or ""), safe="")
    port = f":{facts['PORT']}" if facts.get("PORT") else ""
    options = {key: value for key, value in facts.get("OPTIONS", {}).items() if key in KEPT_OPTIONS}
    asked = f"?{urlencode(options)}" if options else ""
    return f"postgres://{account}{password}@{host}{port}/{quote(name, safe='')}{asked}"
