"""`./bianzhi doctor`: check a deployment, in words."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bianzhi.doctor.checks import CHECKS
from bianzhi.doctor.examining import Part, examine, worst
from bianzhi.doctor.findings import State


class Command(BaseCommand):
    help = "体检：检查部署，逐项说明状态、情况和怎么办；有不合格项时退出码为 1"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")
        parser.add_argument("--only", action="append", choices=list(CHECKS), help="只查这一组，可以重复")

    def handle(self, *args: Any, **options: Any) -> None:
        parts = list(examine(options["only"]))
        gravest = worst(parts)
        if options["json"]:
            told = [
                {"name": part.name, "title": part.title, "findings": [asdict(one) for one in part.findings]}
                for part in parts
            ]
            self.stdout.write(json.dumps({"state": gravest, "parts": told}, ensure_ascii=False, indent=2))
        else:
            for part in parts:
                self._show(part)
            self.stdout.write(f"结论：{gravest.label}")
        sys.exit(1 if gravest is State.BAD else 0)

    def _show(self, part: Part) -> None:
        self.stdout.write(f"{part.title}")
        for one in part.findings:
            self.stdout.write(f"  [{one.label}] {one.subject}：{one.fact}")
            if one.advice:
                self.stdout.write(f"      怎么办：{one.advice}")
