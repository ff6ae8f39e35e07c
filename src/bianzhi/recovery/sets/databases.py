"""One consistent copy of the database, made while others go on writing; what it holds is read from the same state."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from bianzhi.recovery.sets import postgresql, sqlite
from bianzhi.recovery.sets.facts import Facts
from bianzhi.recovery.sets.refusing import refusal


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds. `migrations` are "app.name"."""

    engine: str
    engine_version: str
    made_at: str
    tables: dict[str, int]
    audit_seq: int
    audit_hash: str
    migrations: list[str]


def copy_to(place: Path, *, said: Callable[[str], None]) -> Copied:
    """Copy the platform's database into a file. Raises Refused where that cannot be done here."""
    said("正在复制数据库")
    if connection.vendor == "sqlite":
        source = Path(connection.settings_dict["NAME"])
        sqlite.require_space(source, place.parent)
        facts = sqlite.copy(source, place)
    elif connection.vendor == "postgresql":
        facts = postgresql.dump(place)
    else:
        raise refusal("BK06", f"不能备份 {connection.vendor} 数据库")
    return _as_copied(connection.vendor, facts)


def _as_copied(engine: str, facts: Facts) -> Copied:
    return Copied(engine, facts.version, facts.made_at, facts.tables, *facts.audit, facts.migrations)
