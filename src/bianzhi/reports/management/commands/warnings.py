"""`./bianzhi warnings`: compute the warnings now."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bianzhi.audit.actors import System
from bianzhi.kernel import clock
from bianzhi.reports.rules.catalogue import KINDS
from bianzhi.reports.services.warnings import compute_warnings


class Command(BaseCommand):
    help = "立即计算预警（W01–W08、W11–W14），列出各类现有条数 / compute the early warnings now"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 / print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        outcome = compute_warnings(actor=System("预警计算"), today=today)
        if options["json"]:
            answer = {
                "day": today.isoformat(),
                "standing": outcome.standing,
                "opened": outcome.opened,
                "continued": outcome.continued,
                "resolved": outcome.resolved,
                "by_code": outcome.by_code,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        changed = f"新增 {outcome.opened}，延续 {outcome.continued}，解除 {outcome.resolved}"
        self.stdout.write(f"{today} 预警 {outcome.standing} 条：{changed}")
        for code, count in outcome.by_code.items():
            self.stdout.write(f"  {code} {KINDS[code].label} {count}")
