"""`./bianzhi search`: how the index stands, and building it anew."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.fulltext.backend import EngineDown, IndexBusy
from bianzhi.search.jobs.rebuilding import rebuild
from bianzhi.search.selectors.standing import standing

BUSY = 1


class Command(BaseCommand):
    help = "全文检索索引：状态（status）、重建（rebuild）；检索用 ./bianzhi archive search"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="status|rebuild")
        for name, words in (
            ("status", "索引状态 how the index stands"),
            ("rebuild", "由数据重建索引，期间检索照常使用 build it anew"),
        ):
            act = acts.add_parser(name, help=words)
            act.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "rebuild":
            self._rebuild(as_json=options["json"])
        else:
            self._status(as_json=options["json"])

    def _rebuild(self, *, as_json: bool) -> None:
        said: list[str] = []

        def tell(done: int, total: int, message: str) -> None:
            if said[-1:] != [message]:
                said.append(message)
                self.stderr.write(f"{message}……（{done}/{total}）")

        try:
            documents = rebuild(tell)
        except IndexBusy as error:
            self.stderr.write("另一个进程正在建立检索索引，请等它完成后再试。")
            raise SystemExit(BUSY) from error
        except EngineDown as error:
            self.stderr.write("检索服务没有应答，索引没有建立。请检查检索服务。")
            raise SystemExit(BUSY) from error
        self.stdout.write(json.dumps({"documents": documents}) if as_json else f"检索索引已重建，共 {documents} 条。")

    def _status(self, *, as_json: bool) -> None:
        state = standing()
        if as_json:
            facts = {"exists": state.is_there, "documents": state.entries, "waiting": state.waiting}
            self.stdout.write(json.dumps({**facts, "engine": state.engine}))
        elif state.is_down:
            self.stdout.write(f"检索服务没有应答（{state.engine}），请检查检索服务。")
        elif state.is_there:
            self.stdout.write(f"索引可用：{state.entries} 条，等待写入的更新 {state.waiting} 条（{state.engine}）。")
        else:
            self.stdout.write("检索索引尚未建立；后台进程会自动建立，也可运行 ./bianzhi search rebuild。")
