"""`./bianzhi flow validate FILE`: may this BPMN file be used here? Names every element that stands against it."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.workflow.rules.opening import MAX_BYTES
from bianzhi.workflow.rules.profile import Flaw
from bianzhi.workflow.rules.reading import Reading
from bianzhi.workflow.rules.validating import examine
from bianzhi.workflow.selectors.definitions import known_without_database

FOUND_WRONG, WRONG_USE = 1, 2


class Command(BaseCommand):
    help = "检查流程定义文件（validate 文件）：逐条列出不支持或写错的元素（0 可以使用，1 有误，2 用法错误）"
    needs_database = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="validate")
        validate = acts.add_parser("validate", help="检查 BPMN 文件 check a BPMN file; no database is needed")
        validate.add_argument("file", type=Path, metavar="FILE", help="BPMN 2.0 文件 the file")
        validate.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            with file.open("rb") as opened:
                data = opened.read(MAX_BYTES + 1)
        except OSError as error:
            self.stderr.write(f"读不了文件“{file}”：{error.strerror or error}")
            raise SystemExit(WRONG_USE) from error
        reading = examine(data, known_without_database())
        report = self._as_json if options["json"] else self._in_words
        report(file, reading)
        if reading.flaws:
            raise SystemExit(FOUND_WRONG)

    def _in_words(self, file: Path, reading: Reading) -> None:
        for flaw in reading.flaws:
            element = flaw.element or "（整个文件）"
            self.stdout.write(f"{file}:{flaw.line or 1} {element} [{flaw.code}] {flaw.message}")
        if reading.flaws:
            self.stdout.write(f"共 {len(reading.flaws)} 处问题，不能使用。")
        elif reading.process is not None:
            self.stdout.write(f"{file}：可以使用。流程“{reading.process.name or reading.process.id}”。")

    def _as_json(self, file: Path, reading: Reading) -> None:
        result = {
            "ok": not reading.flaws,
            "file": str(file),
            "process": reading.process.id if reading.process is not None else None,
            "flaws": [_as_dict(flaw) for flaw in reading.flaws],
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))


def _as_dict(flaw: Flaw) -> dict[str, Any]:
    return {"line": flaw.line, "element": flaw.element, "code": str(flaw.code), "message": flaw.message}
