"""`./bianzhi calendar seed`: write the working calendar into the table the office edits."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.accounts.services.calendar import seed_calendar
from bianzhi.audit.actors import System
from bianzhi.common.working_days import YEARS_AHEAD, load
from bianzhi.kernel import clock
from bianzhi.kernel.calendar import FIRST_ANNOUNCED_YEAR
from bianzhi.kernel.objections import Refused

WRONG_USE = 2


class Command(BaseCommand):
    help = "生成工作日历（seed）或查看一年的安排（show）：0 完成，2 用法错误"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="seed|show")
        seed = acts.add_parser("seed", help="写入尚无数据的年份 write the years that have no rows")
        seed.add_argument("--first", type=int, default=FIRST_ANNOUNCED_YEAR, help="起始年份 first year")
        seed.add_argument("--last", type=int, help=f"截止年份，默认今年加 {YEARS_AHEAD} last year")
        show = acts.add_parser("show", help="列出与周一至周五不同的日子 list the exceptions of a year")
        show.add_argument("year", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        if options["act"] == "show":
            for row in sorted(load(today).exceptions.values()):
                if row.day.year == options["year"]:
                    words = "上班" if row.is_workday else "休息"
                    self.stdout.write(f"{row.day} {words} {row.name}{'（暂定）' if row.provisional else ''}")
            return
        last = options["last"] or today.year + YEARS_AHEAD
        try:
            count = seed_calendar(actor=System("控制台"), first=options["first"], last=last)
        except Refused as refusal:
            self.stderr.write(str(refusal))
            raise SystemExit(WRONG_USE) from refusal
        self.stdout.write(f"写入 {count} 天。")
