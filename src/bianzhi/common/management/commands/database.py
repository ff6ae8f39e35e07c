"""`./bianzhi database`: the roles of a PostgreSQL database, and whether each has the rights it needs and no more."""

import sys
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, transaction

from bianzhi.common.db import wall_problems, walls
from bianzhi.common.db.rights import Roles

FOUND_WRONG = 1


class Command(BaseCommand):
    help = "PostgreSQL 的角色、权限和行级安全：roles 列出并设置，check 核对（0 无误，1 有误）"

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="命令")
        roles = acts.add_parser("roles", help="列出建立角色和授权的 SQL；--apply 执行，可重复执行")
        roles.add_argument("--apply", action="store_true", help="执行，须为超级用户 run the statements")
        roles.add_argument(
            "--as", dest="url", default="", metavar="URL", help="执行所用的数据库地址（默认 DATABASE_URL）"
        )
        acts.add_parser("check", help="逐项核对，列出每一项多出和缺少的权限")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("当前数据库是 SQLite，没有角色和行级安全；本命令只用于 PostgreSQL。")
        if options["act"] == "check":
            self._check()
        elif options["apply"]:
            self._apply(options["url"])
        else:
            self._print()

    def _print(self) -> None:
        with connection.cursor() as cursor:
            for statement in walls.all_statements(cursor, Roles()):
                self.stdout.write(statement.as_string(cursor.connection) + ";")
        self.stdout.write(
            "-- 登录口令不在此设置：请用 psql 的 \\password 角色名 逐个设置，或在 pg_hba.conf 中用证书、peer。"
        )

    def _apply(self, url: str) -> None:
        try:
            if url:
                with psycopg.connect(url) as other, other.cursor() as own:
                    walls.apply(own, Roles())
            else:
                with transaction.atomic(), connection.cursor() as cursor:
                    walls.apply(cursor, Roles())
        except (psycopg.Error, DatabaseError) as error:
            raise CommandError(f"没有完成，数据库未改动：{str(error).strip()}") from error
        self.stdout.write("角色、所有权、权限和行级安全已设置。请为各角色设置口令，再运行 ./bianzhi database check。")

    def _check(self) -> None:
        with connection.cursor() as cursor:
            found = wall_problems.problems(cursor, Roles())
            own = wall_problems.standing_of_this_role(cursor, Roles())
        found += [own] if own else []
        for problem in found:
            self.stdout.write(f"✗ {problem}")
        self.stdout.write(f"发现 {len(found)} 处问题。" if found else "角色、权限和行级安全与规定一致。")
        if found:
            sys.exit(FOUND_WRONG)
