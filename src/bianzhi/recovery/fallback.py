"""The copy of the database an upgrade falls back on, and the mark of an upgrade that has begun and not ended.

    BIANZHI_HOME/recovery/before-upgrade-…/database     SQLite file, or pg_dump archive with all rights
    BIANZHI_HOME/UPGRADE-INCOMPLETE                      there from the first step of structure to the last proof

Settings refuse a home with the mark to everything but the upgrade itself (and a restore into another home).
"""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from bianzhi.common.db.ownership import as_owner
from bianzhi.common.lasting_files import beside, put_over, write_apart
from bianzhi.kernel.objections import Refused
from bianzhi.recovery.sets import postgresql, sqlite
from bianzhi.recovery.sets.homes import HALF_UPGRADED
from bianzhi.recovery.sets.parts import sync
from bianzhi.recovery.sets.refusing import refusal

LEAST_FREE: Final = 3
"""So many times the database must fit on the disk: the copy, and room for the change."""
COPIES: Final = "before-upgrade-*"


@dataclass(frozen=True, slots=True)
class Begun:
    """An upgrade that was begun: its copy, the database it is of, and the last entry of the record then."""

    copy: str
    database: str
    audit_seq: int

    @property
    def place(self) -> Path:
        """Where the copy lies."""
        return _root() / self.copy / "database"


# --- the mark --------------------------------------------------------------------------------------------------------


def mark_begun(place: Path) -> None:
    """From here on the database may be half-changed; the copy is on the medium."""
    for folder in (place.parent, _root()):
        sync(folder)
    begun = Begun(place.parent.name, _database(), _audit_seq())
    fresh = beside(_mark())
    write_apart(fresh, [(json.dumps(asdict(begun), ensure_ascii=False) + "\n").encode()])
    put_over(fresh, _mark())


def mark_ended(place: Path) -> None:
    """The database is sound, upgraded or put back: only the newest copy is still of use."""
    _mark().unlink(missing_ok=True)
    sync(_mark().parent)
    for older in _root().glob(COPIES):
        if older != place.parent:
            shutil.rmtree(older, ignore_errors=True)


def is_marked() -> bool:
    """Whether an upgrade was begun here and did not end."""
    return _mark().exists()


def cut_off() -> Begun | None:
    """The upgrade that did not end. Raises Refused where its copy must not be put back unasked."""
    if not is_marked():
        return None
    try:
        begun = Begun(**json.loads(_mark().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _left_to_people(f"标记文件读不出（{error}）", _root()) from error
    if begun.database != _database():
        raise _left_to_people(f"副本是 {begun.database} 的，现在设置的数据库是 {_database()}", begun.place)
    if not begun.place.exists():
        raise _left_to_people("升级前的副本不见了", begun.place)
    later = _audit_seq() - begun.audit_seq
    if later > 0:
        raise _left_to_people(f"其后数据库又有 {later} 条审计记录，退回会丢失", begun.place)
    return begun


def _left_to_people(why: str, place: Path) -> Refused:
    ask = f"副本应在 {place}，请勿删除，请联系技术支持；确认以现在的数据库为准的，移走 {_mark()} 后重试。"
    return refusal("UP06", f"上次升级没有完成，{why}，没有自动退回", ask)


def _mark() -> Path:
    return Path(settings.HOME) / HALF_UPGRADED


def _root() -> Path:
    return Path(settings.HOME) / "recovery"


def _database() -> str:
    """The database as it is told apart from another one; a home that was moved has the same one."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite {Path(facts['NAME']).name}"
    return f"PostgreSQL {facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


def _audit_seq() -> int:
    """The last entry of the record, 0 where there is none (any more)."""
    with connection.cursor() as cursor:
        if "audit_auditentry" not in connection.introspection.table_names(cursor):
            return 0
        cursor.execute("SELECT max(seq) FROM audit_auditentry")
        return int(cursor.fetchone()[0] or 0)


# --- the copy --------------------------------------------------------------------------------------------------------


def make_copy() -> Path:
    """The database of this moment in a folder of its own. Raises Refused."""
    folder = _root() / f"before-upgrade-{datetime.now(timezone.get_current_timezone()):%Y%m%dT%H%M%S}"
    folder.mkdir(mode=0o700, parents=True)
    try:
        _copy(folder / "database")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder / "database"


def _copy(place: Path) -> None:
    if connection.vendor == "sqlite":
        source = Path(connection.settings_dict["NAME"])
        sqlite.require_space(source, place.parent, times=LEAST_FREE)
        sqlite.copy(source, place)
    else:
        with as_owner():
            _dump(place, postgresql.Target.of(connection.settings_dict))


def _dump(place: Path, target: postgresql.Target) -> None:
    """Everything of the owner's, with the rights others were given in it; and proof that it can be read again."""
    with target.connect() as held:
        server = held.info.server_version // 10000
    command = [postgresql.program("pg_dump", server), "--format=custom", "--no-owner", f"--file={place}"]
    postgresql.run([*command, f"--dbname={target.conninfo}", "--no-password"], target, what="导出数据库失败")
    place.chmod(0o600)
    _require_readable(place, target, server)


def _require_readable(place: Path, target: postgresql.Target, server: int) -> None:
    command = [postgresql.program("pg_restore", server), "--list", str(place)]
    postgresql.run(command, target, what="升级前的副本读不出")


# --- the way back ----------------------------------------------------------------------------------------------------


def put_back(place: Path) -> None:
    """The copy in the place of the database. Raises OSError, sqlite3.Error, psycopg.Error, Refused."""
    connection.close()
    if connection.vendor == "sqlite":
        _put_back_file(place, Path(connection.settings_dict["NAME"]))
    else:
        with as_owner():
            _put_back_archive(place, postgresql.Target.of(connection.settings_dict))
    connection.close()


def _put_back_file(place: Path, database: Path) -> None:
    """SQLite's own copying, in one transaction of the database: killed half-way, it is done or not begun."""
    with (
        closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as copied,
        closing(sqlite3.connect(database, timeout=60)) as live,
    ):
        copied.backup(live, pages=-1)
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _put_back_archive(place: Path, target: postgresql.Target) -> None:
    """Cleared, then loaded: killed in between the database is empty, and the mark tells the next start what to do."""
    with target.connect() as held:
        server = held.info.server_version // 10000
        _require_readable(place, target, server)
        _clear(held)
    command = [postgresql.program("pg_restore", server), "--single-transaction", "--exit-on-error", "--no-owner"]
    command += [f"--dbname={target.conninfo}", "--no-password", str(place)]
    postgresql.run(command, target, what="装回数据库失败")


def _clear(held: psycopg.Connection[Any]) -> None:
    """Take away every table, view, sequence and function of the schema, in one transaction."""
    ours = (
        "SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'"
        " ELSE 'TABLE' END, c.relname FROM pg_class c"
        " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('e', 'i', 'a')"
        " AND c.relkind = 'S')"
    )
    functions = (
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    for kind, name in held.execute(ours).fetchall():
        held.execute(sql.SQL("DROP {} IF EXISTS {} CASCADE").format(sql.SQL(kind), sql.Identifier(name)))
    for (signature,) in held.execute(functions).fetchall():
        held.execute(sql.SQL("DROP FUNCTION IF EXISTS {} CASCADE").format(sql.SQL(signature)))
    held.commit()
