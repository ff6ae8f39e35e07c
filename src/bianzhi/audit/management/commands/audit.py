"""`./bianzhi audit`: prove the record, print its head, answer for a restored backup, serve as a witness."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.audit import anchors, chain
from bianzhi.audit.accepting import accept_gap
from bianzhi.audit.actors import System
from bianzhi.audit.anchors.witness import WitnessServer
from bianzhi.audit.models import AuditEntry
from bianzhi.common.db.snapshot import read_snapshot
from bianzhi.common.integrity import Finding
from bianzhi.kernel.objections import Refused

FOUND_WRONG, WRONG_USE = 1, 2
LISTEN = "127.0.0.1:8900"


class Command(BaseCommand):
    help = "审计记录：核验（verify）、打印链头（head）、说明恢复造成的缺失（accept）、作见证机（witness）"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="verify|head|accept|witness")
        verify = acts.add_parser("verify", help="核验审计链和锚点 verify the chain and its anchors")
        verify.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")
        verify.add_argument("--anchors", type=Path, help="另行保存的锚点文件 file of anchors kept elsewhere")
        verify.add_argument("--rows", action="store_true", help="同时核对登记数据的逐行封印 also prove every row")
        head = acts.add_parser("head", help="打印链头：序号、SM3、时间 print number, SM3 and time of the head")
        head.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")
        accept = acts.add_parser(
            "accept", help="恢复备份之后，说明缺失的记录 answer for entries a restored backup lacks"
        )
        accept.add_argument("--reason", required=True, help="恢复了哪一份备份、由谁批准")
        accept.add_argument(
            "--foreign", action="store_true", help="连同用别的锚点密钥写下的锚点 anchors of another key too"
        )
        witness = acts.add_parser("witness", help="在另一台机器上保存锚点 keep anchors for another machine")
        witness.add_argument("--listen", default=LISTEN, metavar="HOST:PORT", help="监听地址（默认 %(default)s）")
        witness.add_argument("--file", type=Path, required=True, help="保存锚点的文件，只追加")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "head":
            self._head(as_json=options["json"])
        elif options["act"] == "accept":
            self._accept(options["reason"], foreign=options["foreign"])
        elif options["act"] == "witness":
            self._witness(options["listen"], options["file"])
        else:
            self._verify(options["anchors"], rows=options["rows"], as_json=options["json"])

    def _verify(self, file: Path | None, *, rows: bool, as_json: bool) -> None:
        try:
            with read_snapshot():
                found = self._findings(file, rows=rows)
                entries = AuditEntry.objects.count()
                notes = anchors.notes()
        except (OSError, UnicodeDecodeError, anchors.BadAnchor) as error:
            self.stderr.write(f"锚点文件无法使用：{error}")
            raise SystemExit(WRONG_USE) from error
        self._report(found, entries, notes, as_json=as_json)
        if found:
            raise SystemExit(FOUND_WRONG)

    def _findings(self, file: Path | None, *, rows: bool) -> list[Finding]:
        found = list(chain.verify_chain())
        found += anchors.verify_configured()
        if file is not None:
            found += anchors.verify(file.read_text(encoding="utf-8").splitlines())
        if rows:
            found += chain.verify_rows()
        return found

    def _report(self, found: list[Finding], entries: int, notes: list[str], *, as_json: bool) -> None:
        if as_json:
            listed = [{"where": finding.where, "what": finding.what} for finding in found]
            result = {"ok": not found, "entries": entries, "findings": listed, "notes": notes}
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
            return
        for finding in found:
            self.stdout.write(str(finding))
        for note in notes:
            self.stdout.write(f"注意：{note}")
        verdict = f"发现 {len(found)} 处问题。" if found else "审计链完整。"
        self.stdout.write(f"共 {entries} 条审计记录，{verdict}")

    def _head(self, *, as_json: bool) -> None:
        seq, digest = chain.head()
        if as_json:
            self.stdout.write(json.dumps({"seq": seq, "hash": digest}))
        else:
            self.stdout.write(anchors.line() or "还没有审计记录。")

    def _accept(self, reason: str, *, foreign: bool) -> None:
        try:
            first, last = accept_gap(actor=System("命令行"), reason=reason, foreign=foreign)
        except Refused as refusal:
            self.stderr.write(str(refusal))
            raise SystemExit(FOUND_WRONG) from refusal
        self.stdout.write(f"已记录：审计记录 {first}–{last} 因恢复备份而缺失。核验时会一直注明。")

    def _witness(self, listen: str, file: Path) -> None:
        host, _, port = listen.rpartition(":")
        if not host or not port.isdecimal() or not file.parent.is_dir():
            self.stderr.write("用法：./bianzhi audit witness --listen 10.0.0.9:8900 --file 已有目录/anchors.txt")
            raise SystemExit(WRONG_USE)
        with WitnessServer((host, int(port)), file) as server:
            self.stdout.write(f"见证机已启动：http://{host}:{server.server_port}/　保存到 {file}。按 Ctrl-C 停止。")
            self.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("见证机已停止。")
