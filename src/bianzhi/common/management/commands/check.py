"""`./bianzhi check`: is the register exactly what audited services wrote? Django's own checks stay at `--system`."""

import json
import time
from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.check import Command as SystemCheck

from bianzhi.common import integrity
from bianzhi.common.db.snapshot import read_snapshot

FOUND_WRONG, WRONG_USE = 1, 2
SYSTEM_OPTIONS = ("args", "tags", "list_tags", "deploy", "databases")


class Command(SystemCheck):
    help = "核对全部登记数据：审计链、逐行封印、台账平衡、占编与名额，列出每处问题（0 无误，1 有误，2 用法错误）"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        own = parser.add_argument_group("核对 integrity check")
        own.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")
        own.add_argument("--only", action="append", metavar="NAME", help="只核对这一项，可重复 run this check only")
        own.add_argument("--list", action="store_true", help="列出各项核对 list the checks")
        own.add_argument("--system", action="store_true", help="改为 Django 的系统检查 Django's own system checks")

    def handle(self, *app_labels: Any, **options: Any) -> None:
        if app_labels or options["system"] or any(options.get(name) for name in SYSTEM_OPTIONS):
            super().handle(*app_labels, **options)
            return
        if options["list"]:
            for check in integrity.registered():
                self.stdout.write(f"{check.name:<28}{check.label}")
            return
        try:
            found_wrong = self._as_json(options["only"]) if options["json"] else self._in_words(options["only"])
        except integrity.UnknownCheck as error:
            self.stderr.write(f"没有名为“{error.args[0]}”的核对。./bianzhi check --list 列出全部。")
            raise SystemExit(WRONG_USE) from error
        if found_wrong:
            raise SystemExit(FOUND_WRONG)

    def _in_words(self, only: list[str] | None) -> int:
        """Print each check and what it found; returns the number of findings."""
        total, begun = 0, time.monotonic()
        with read_snapshot():
            for check, found in integrity.run(only):
                total += len(found)
                self.stdout.write(f"{'✗' if found else '✓'} {check.label}" + (f"：{len(found)} 处" if found else ""))
                for finding in found:
                    self.stdout.write(f"    {finding}")
        seconds = time.monotonic() - begun
        verdict = f"发现 {total} 处问题。" if total else "核对无误。"
        self.stdout.write(f"{verdict}用时 {seconds:.1f} 秒。")
        return total

    def _as_json(self, only: list[str] | None) -> int:
        """Print one JSON object; returns the number of findings."""
        checks: list[dict[str, Any]] = []
        with read_snapshot():
            for check, found in integrity.run(only):
                listed = [{"where": finding.where, "what": finding.what} for finding in found]
                checks.append({"name": check.name, "label": check.label, "findings": listed})
        total = sum(len(check["findings"]) for check in checks)
        result = {"ok": not total, "findings": total, "checks": checks}
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        return total
