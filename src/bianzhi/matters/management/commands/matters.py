"""`./bianzhi matters install`: set up the matters this release brings; run at every start."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.audit.actors import System
from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.selectors.offered import current_versions
from bianzhi.matters.services.installing import install_matters


class Command(BaseCommand):
    help = "装入本版本附带的业务事项（已有的不动），或列出事项 set up the matters this release brings, or list them"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("act", choices=["install", "list"], help="install 装入，list 列出")
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "install":
            installed = install_matters(actor=System("安装"))
            words = f"已装入事项：{'、'.join(installed)}" if installed else "事项均已装入，没有变动。"
            self.stdout.write(json.dumps({"installed": installed}) if options["json"] else words)
            return
        versions = current_versions()
        rows = [
            {"code": code, "title": matter.title, "version": versions[code].number if code in versions else None}
            for code, matter in sorted(MATTERS.items())
        ]
        if options["json"]:
            self.stdout.write(json.dumps({"matters": rows}, ensure_ascii=False))
            return
        for row in rows:
            version = f"第 {row['version']} 版" if row["version"] else "未装入"
            self.stdout.write(f"{row['code']:<8}{row['title']}（{version}）")
