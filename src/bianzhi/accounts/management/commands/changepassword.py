"""`./bianzhi changepassword`: refused, since it would leave no record; `account reset` does it on record."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "不提供：请用 ./bianzhi account reset 账号，生成一次性密码并记入审计"
    requires_system_checks = ()
    needs_database = False

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("rest", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("不能绕过审计修改密码。请用：./bianzhi account reset 账号（生成一次性密码，记入审计）。")
