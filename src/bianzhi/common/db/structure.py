"""Whether the tables are those the models speak of: a database begun by an older development version is told as such.

Until the first release the initial migrations are edited in place (docs/decisions/0004), so that such a database counts
as migrated and lacks columns all the same. It must not be used: every page that reads them would fail.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections


class OlderStructure(RuntimeError):
    """The database lacks columns its migrations should have made."""


def missing_columns() -> Iterator[str]:
    """ "table.column" of each column a model has and its table has not; tables that are not there are left out."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if not model._meta.managed or model._meta.proxy or table not in tables:
                continue
            there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for field in model._meta.local_concrete_fields:
                if field.column not in there:
                    yield f"{table}.{field.column}"


def structure_after_migration(**told: Any) -> None:
    """After `migrate`: raises OlderStructure for a database begun by an older development version."""
    if told.get("using", DEFAULT_DB_ALIAS) != DEFAULT_DB_ALIAS or told["sender"].label != "common":
        return
    missing = list(missing_columns())
    if missing:
        raise OlderStructure(
            f"数据库由开发中的旧版本建立，缺少 {len(missing)} 列（如 {missing[0]}），不能继续使用。"
            "演示数据请移走数据目录（默认 var/）后重新启动；正式数据请用当时的版本导出名册和台账，在新库中导入。"
        )
