"""`./bianzhi migrate`: Django's own, by the account that owns the tables where the platform runs as another."""

from typing import Any

from django.core.management.commands.migrate import Command as Migrate

from bianzhi.common.db.ownership import as_owner


class Command(Migrate):
    help = "建立或升级数据库结构（PostgreSQL 上用 BIANZHI_DATABASE_OWNER_URL 指明的所有者账号）"
    needs_database = False

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            super().handle(*args, **options)
