"""Reads a roster out of a department's database: read-only, row by row, under limits; nothing there is changed.

The password is read from the environment variable the source names, at the moment of connecting, and kept nowhere.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlalchemy import URL, Connection, CursorResult, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bianzhi.exchange.rules.sources import MOST_ROWS, SECRET_NAME, problem_of_options

BATCH: Final = 5_000
STATEMENT_SECONDS: Final = 600
CONNECT_SECONDS: Final = 15
DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
LONGEST_MESSAGE: Final = 200
_HIDDEN_CODE: Final = re.compile(r"/\*M?!", re.IGNORECASE)
"""MySQL and MariaDB run what stands in such a comment; a parser passes over it."""
_LONG_NUMBER: Final = re.compile(r"\d{8,}[\dXx]?")

Progress = Callable[[int, int, str], None]


class CannotPull(Exception):
    """The database could not be read; the message is Chinese and holds no secret."""


@dataclass(frozen=True, slots=True)
class Pull:
    """What to read: address, statement, the month put in for `:period`, at most so many rows and seconds."""

    url: str
    query: str
    period: str
    password_env: str = ""
    most_rows: int = MOST_ROWS
    seconds: int = STATEMENT_SECONDS


def pull_to_parquet(pull: Pull, out: Path, progress: Progress) -> int:
    """Write the rows of the statement to a Parquet file, every value as text; returns how many.

    Raises CannotPull: wrong address, no connection, not a single SELECT, refused or cut off by the server, no rows, or
    more than allowed. Whatever `progress` raises ends the reading and closes the connection.
    """
    statement = single_select(pull.query, make_dialect(pull.url))
    rows = 0
    try:
        with _connected(pull) as connection, closing(_opened(connection, statement, pull)) as result:
            schema = pa.schema([(name, pa.string()) for name in _names(list(result.keys()))])
            with pq.ParquetWriter(out, schema, compression="zstd") as writer:
                while batch := result.fetchmany(BATCH):
                    rows += len(batch)
                    if rows > pull.most_rows:
                        raise CannotPull(f"查询结果超过 {pull.most_rows} 行，已停止。请在查询语句中缩小范围。")
                    writer.write_table(_table(batch, schema))
                    progress(0, 0, f"已抽取 {rows} 行")
    except SQLAlchemyError as error:
        raise CannotPull(f"数据库拒绝或中断：{_plain(error)}") from error
    if not rows:
        raise CannotPull("查询没有返回任何行。请检查查询语句和所属月份。")
    return rows


def _opened(connection: Connection, statement: str, pull: Pull) -> CursorResult[Any]:
    """The rows, coming from the server a batch at a time."""
    told = {"period": pull.period} if ":period" in statement else {}
    streaming = connection.execution_options(stream_results=True, max_row_buffer=BATCH)
    return streaming.execute(text(statement), told)


def _table(batch: Sequence[Any], schema: pa.Schema) -> pa.Table:
    columns = [pa.array([_text(row[place]) for row in batch], pa.string()) for place in range(len(schema))]
    return pa.Table.from_arrays(columns, schema=schema)


def single_select(query: str, dialect: str) -> str:
    """The statement, when it is one SELECT and nothing else. Raises CannotPull."""
    if _HIDDEN_CODE.search(query):
        raise CannotPull("查询语句中不能有 /*! 形式的注释。")
    try:
        statements = [one for one in sqlglot.parse(query.replace(":period", "''"), read=dialect or None) if one]
    except SqlglotError as error:
        raise CannotPull("查询语句写法有误，请填写一条 SELECT。") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise CannotPull("查询语句只能是一条 SELECT。")
    if any(statements[0].find(kind) for kind in (exp.Insert, exp.Update, exp.Delete, exp.Into, exp.Lock, exp.Command)):
        raise CannotPull("查询语句只能读取，不能写入或加锁。")
    return query.strip().rstrip(";")


def make_dialect(url: str) -> str:
    """The dialect sqlglot knows a database by; "" for one it does not."""
    scheme = url.partition("://")[0].partition("+")[0]
    return {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "oracle": "oracle", "mssql": "tsql"}.get(
        scheme, ""
    )


def _names(keys: list[str]) -> list[str]:
    """Column names, each once: a second 姓名 becomes 姓名_2, so that reading can say that it stands twice."""
    seen: dict[str, int] = {}
    names = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        names.append(key if seen[key] == 1 else f"{key}_{seen[key]}")
    return names


@contextmanager
def _connected(pull: Pull) -> Iterator[Connection]:
    try:
        engine = create_engine(_address(pull), connect_args=_connect_args(pull.url), hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise CannotPull("数据库地址有误，或服务器没有安装这种数据库的驱动程序。") from error
    try:
        with engine.connect() as connection:
            for statement in _read_only(engine.dialect.name, pull.seconds):
                _try_to_set(connection, statement)
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            try:
                yield connection
            finally:
                connection.rollback()
    finally:
        engine.dispose()


def _address(pull: Pull) -> URL:
    if problem := problem_of_options(pull.url):
        raise CannotPull(f"{problem}。")
    url = make_url(pull.url)
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    if not pull.password_env:
        return url
    if not SECRET_NAME.fullmatch(pull.password_env):
        raise CannotPull("口令所在的环境变量名不能使用。")
    secret = os.environ.get(pull.password_env)
    if secret is None:
        raise CannotPull(f"服务器上没有设置环境变量 {pull.password_env}，请联系系统管理员。")
    return url.set(password=secret)


def _connect_args(url: str) -> Mapping[str, Any]:
    scheme = url.partition("://")[0].partition("+")[0]
    known = {"postgresql": {"connect_timeout": CONNECT_SECONDS}, "mysql": {}, "mariadb": {}}
    if scheme in ("mysql", "mariadb"):
        return {"connect_timeout": CONNECT_SECONDS, "read_timeout": STATEMENT_SECONDS, "charset": "utf8mb4"}
    return known.get(scheme, {})


def _read_only(dialect: str, seconds: int) -> tuple[str, ...]:
    """Statements that make the session read-only and short-lived; the database itself then refuses to write."""
    if dialect == "postgresql":
        return (
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            f"SET statement_timeout = '{seconds}s'",
            "SET lock_timeout = '5s'",
        )
    if dialect in ("mysql", "mariadb"):
        return (
            "SET SESSION TRANSACTION READ ONLY",
            f"SET SESSION max_statement_time = {seconds}",
            f"SET SESSION max_execution_time = {seconds * 1000}",
        )
    return ()


def _try_to_set(connection: Connection, statement: str) -> None:
    """MySQL and MariaDB name the time limit differently: the one that is not known is passed over."""
    optional = "max_statement_time" in statement or "max_execution_time" in statement
    try:
        connection.execute(text(statement))
        connection.commit()
    except SQLAlchemyError:
        connection.rollback()
        if not optional:
            raise


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _plain(error: SQLAlchemyError) -> str:
    """The database's own words, on one line, without statement or address, and without numbers of people."""
    cause = getattr(error, "orig", None) or error
    return _LONG_NUMBER.sub("…", " ".join(str(cause).split()))[:LONGEST_MESSAGE]
