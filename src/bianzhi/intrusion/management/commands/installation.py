"""`./bianzhi installation seal|check`: the manifest of program, packages and database structure."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bianzhi.audit.actors import System
from bianzhi.intrusion import installation
from bianzhi.intrusion.selectors.in_force import rules_in_force
from bianzhi.intrusion.selectors.standing import changed_structure, damaged_packages
from bianzhi.intrusion.services.sealing import seal_installation
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused


class Command(BaseCommand):
    help = "程序清单：升级后建立（seal），随时核对（check）"

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        seal = acts.add_parser("seal", help="按现在的程序、依赖包和数据库结构建立清单，摘要记入审计")
        seal.add_argument("--reason", required=True, help="原因，例如：升级到 1.2")
        acts.add_parser("check", help="与清单核对，逐个文件重读；有不符时退出码为 1")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "seal":
            self._seal(options["reason"])
        else:
            self._check()

    def _seal(self, reason: str) -> None:
        try:
            made = seal_installation(actor=System("命令行"), reason=reason)
        except Refused as refusal:
            self.stderr.write(str(refusal))
            sys.exit(1)
        self.stdout.write(
            f"已建立清单：程序文件 {len(made.files)} 个、依赖包 {len(made.packages)} 个、"
            f"数据库结构 {len(made.structure)} 项，摘要（SM3）{made.digest}。清单在 {installation.place()}。"
        )

    def _check(self) -> None:
        rules, now = rules_in_force(), clock.now()
        signs = [*damaged_packages(rules["installation"], now), *changed_structure(rules["structure"], now)]
        for sign in signs:
            for finding in sign.facts["findings"]:
                self.stdout.write(finding)
            if sign.count > len(sign.facts["findings"]):
                self.stdout.write(f"……共 {sign.count} 处")
        if signs:
            sys.exit(1)
        self.stdout.write("程序、依赖包和数据库结构与清单一致。")
