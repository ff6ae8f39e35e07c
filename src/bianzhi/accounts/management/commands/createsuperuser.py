"""`./bianzhi createsuperuser`: there is no all-powerful account, and the command says what there is instead."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "没有超级用户（三员分立）：请用 ./bianzhi account create 建立第一批账号"
    requires_system_checks = ()
    needs_database = False

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "本平台没有超级用户：系统、安全、审计管理员由三个账号分别担任，互不兼任，也不兼任业务角色。\n"
            "第一批账号：./bianzhi account create 账号 --name 姓名 --role security_admin"
            "（system_admin、audit_admin 同样）。\n"
            "此后角色由安全管理员提出、另一人复核。"
        )
