"""`./bianzhi upgrade`: the database brought up to this program, with a way back."""

import argparse
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from bianzhi.kernel.objections import Refused
from bianzhi.recovery import fallback
from bianzhi.recovery.upgrading import BackedOut, take_back, upgrade, waiting

FAILED = 1


class Command(BaseCommand):
    help = "升级数据库结构：先备份，再升级、核对，任何一步失败都退回原状：0 完成或无需升级，1 拒绝或已退回"
    needs_database = False
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--plan", action="store_true", help="只列出要执行的步骤 list the steps, change nothing")
        parser.add_argument(
            "--unproved",
            action="store_true",
            help="升级后不核对数据（升级前 ./bianzhi check 已有同样的问题时用）do not prove the data afterwards",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if not options["plan"]:
                take_back(say=self.stderr.write)
            elif fallback.is_marked():
                self.stdout.write("上次升级没有完成：将先退回升级前的数据库。")
            found = waiting()
            if not found.steps:
                self.stdout.write("数据库结构与本程序一致，无需升级。")
            elif options["plan"]:
                self.stdout.write("\n".join([*found.steps, f"共 {len(found.steps)} 步。"]))
            elif found.is_empty:
                call_command("migrate", verbosity=0)
                self.stdout.write("空库，已建立数据库结构。")
            else:
                self._upgrade(len(found.steps), prove=not options["unproved"])
        except (Refused, DatabaseError) as refused:
            self.stderr.write(str(refused))
            raise SystemExit(FAILED) from refused

    def _upgrade(self, steps: int, *, prove: bool) -> None:
        try:
            place = upgrade(say=self.stderr.write, prove=prove)
        except BackedOut as failed:
            self.stderr.write(str(failed))
            self.stderr.write("已退回升级前的状态，数据没有变化。请用原来的版本继续使用，并把以上内容告诉技术支持。")
            raise SystemExit(FAILED) from failed
        proved = "数据和审计链核对无误" if prove else "没有核对数据"
        self.stdout.write(f"升级完成：{steps} 步，{proved}。升级前的数据库副本：{place}（下次升级时清理）。")
        self.stdout.write("请由系统管理员确认新程序，重建清单：./bianzhi installation seal --reason 升级原因")
