"""`./bianzhi audit verify` proves the audit record; `audit head` prints what to keep elsewhere."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.audit import anchors, chain
from bianzhi.audit.models import AuditEntry
from bianzhi.common.db.snapshot import read_snapshot
from bianzhi.common.integrity import Finding

FOUND_WRONG, WRONG_USE = 1, 2


class Command(BaseCommand):
    help = "核验审计记录（verify）或打印链头以便另行保存（head）：0 无误，1 有误，2 用法错误"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="verify|head")
        verify = acts.add_parser("verify", help="核验审计链 verify the chain")
        verify.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")
        verify.add_argument("--anchors", type=Path, help="另行保存的锚点文件 file of anchors kept elsewhere")
        verify.add_argument("--rows", action="store_true", help="同时核对登记数据的逐行封印 also prove every row")
        head = acts.add_parser("head", help="打印链头：序号、SM3、时间 print number, SM3 and time of the head")
        head.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "head":
            self._head(as_json=options["json"])
            return
        try:
            with read_snapshot():
                found = self._verify(options["anchors"], rows=options["rows"])
                entries = AuditEntry.objects.count()
        except (OSError, UnicodeDecodeError, anchors.BadAnchor) as error:
            self.stderr.write(f"锚点文件无法使用：{error}")
            raise SystemExit(WRONG_USE) from error
        self._report(found, entries, as_json=options["json"])
        if found:
            raise SystemExit(FOUND_WRONG)

    def _verify(self, file: Path | None, *, rows: bool) -> list[Finding]:
        found = list(chain.verify_chain())
        found += anchors.verify_configured()
        if file is not None:
            found += anchors.verify(file.read_text(encoding="utf-8").splitlines())
        if rows:
            found += chain.verify_rows()
        return found

    def _report(self, found: list[Finding], entries: int, *, as_json: bool) -> None:
        if as_json:
            listed = [{"where": finding.where, "what": finding.what} for finding in found]
            result = {"ok": not found, "entries": entries, "findings": listed}
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
            return
        for finding in found:
            self.stdout.write(str(finding))
        verdict = f"发现 {len(found)} 处问题。" if found else "审计链完整。"
        self.stdout.write(f"共 {entries} 条审计记录，{verdict}")

    def _head(self, *, as_json: bool) -> None:
        seq, digest = chain.head()
        if as_json:
            self.stdout.write(json.dumps({"seq": seq, "hash": digest}))
        else:
            self.stdout.write(anchors.line() or "还没有审计记录。")
