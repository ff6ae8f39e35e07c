# ruff: noqa: N999 - the command is called import
"""`./bianzhi import FILE --kind KIND`: a district's own table into the register, or only checked."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand

from bianzhi.accounts.models import User
from bianzhi.audit.actors import Actor, System
from bianzhi.common.tabular.errors import UnreadableFile
from bianzhi.common.tabular.problems import Severity
from bianzhi.imports.models import ImportBatch
from bianzhi.imports.recognition.kinds import KINDS
from bianzhi.imports.selectors.examination import Examination, examine, guessed_kind, options_from, workbook_of
from bianzhi.imports.services.batches import receive_file, set_options
from bianzhi.imports.services.commits import commit_batch
from bianzhi.kernel import clock
from bianzhi.kernel.dates import DateError, parse_date
from bianzhi.kernel.objections import Refused

FOUND_WRONG, WRONG_USE = 1, 2
LISTED: Final = 200
SEVERITIES: Final = {one.value: one.label for one in Severity}


class WrongUse(Exception):
    """The command cannot be carried out as given; the message is Chinese."""


class Command(BaseCommand):
    help = (
        "导入机构、花名册、台账历史或用编计划（.xlsx .xls .csv）；--dry-run 只检查不写入。"
        "退出码：0 无误，1 有错误，2 用法错误"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="要导入的表格 the table")
        parser.add_argument("--kind", choices=sorted(KINDS), help="内容，不填则自动判断 what it holds")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入 check only, write nothing")
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")
        parser.add_argument("--year", type=int, help="用编计划的年度 year of a staffing plan")
        parser.add_argument("--title", default="", help="用编计划或底册的名称 title of the plan or register")
        parser.add_argument("--document", default="", metavar="文号", help="依据（底册）文号 number of the document")
        parser.add_argument("--date", default="", help="底册日期，默认今天 day of the register, default today")
        parser.add_argument("--as", dest="username", default="", metavar="USERNAME", help="以谁的名义 on whose behalf")
        parser.add_argument("--skip-rejected", action="store_true", help="跳过有错误的行 leave rejected rows out")
        parser.add_argument("--update-soft", action="store_true", help="更新人员普通信息 update unlocked fields")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self._run(options)
        except (WrongUse, UnreadableFile) as error:
            self._say(options, {"ok": False, "error": str(error), "file": str(options["file"])}, str(error))
            raise SystemExit(WRONG_USE) from error
        except (Refused, PermissionDenied) as error:
            self._say(options, {"ok": False, "error": str(error), "file": str(options["file"])}, f"未导入：{error}")
            raise SystemExit(FOUND_WRONG) from error
        self._say(options, result, _in_words(result))
        if not result["ok"]:
            raise SystemExit(FOUND_WRONG)

    def _run(self, options: dict[str, Any]) -> dict[str, Any]:
        data, name = _read(options["file"])
        workbook = workbook_of(data, name)
        kind = options["kind"] or guessed_kind(workbook)
        if not kind:
            raise WrongUse(f"看不出这张表是什么内容，请用 --kind 指明（{'、'.join(KINDS)}）")
        today = clock.today()
        stored = _stored(options)
        found = examine(workbook, kind, options=options_from(stored, today=today), corrections={})
        result = _facts(found, kind, name)
        if options["dry_run"]:
            return {**result, "dry_run": True, "ok": not found.table.errors and bool(found.table.rows)}
        if not found.table.accepted or (found.table.rejected and not options["skip_rejected"]):
            return {**result, "dry_run": False, "committed": False, "ok": False}
        batch = self._commit(_actor(options["username"]), data, name, kind, stored)
        return {**result, "dry_run": False, "committed": True, "ok": True, "batch": batch.pk, "result": batch.result}

    def _commit(self, actor: Actor, data: bytes, name: str, kind: str, stored: dict[str, Any]) -> ImportBatch:
        batch = receive_file(actor=actor, data=data, name=name, kind=kind)
        set_options(actor=actor, batch_id=batch.pk, options=stored)
        return commit_batch(actor=actor, batch_id=batch.pk, today=clock.today(), progress=self._progress)

    def _progress(self, done: int, total: int, message: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{message} {done}/{total}" if total else message)

    def _say(self, options: dict[str, Any], result: dict[str, Any], words: str) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            (self.stdout if result["ok"] else self.stderr).write(words)


def _read(path: Path) -> tuple[bytes, str]:
    try:
        return path.read_bytes(), path.name
    except FileNotFoundError as error:
        raise WrongUse(f"文件 {path} 不存在，请核对路径。") from error
    except OSError as error:
        raise WrongUse(f"读不到文件 {path}（{error.strerror}），请核对是否为文件、有无读取权限。") from error


def _stored(options: dict[str, Any]) -> dict[str, Any]:
    """The options as a batch keeps them."""
    stored: dict[str, Any] = {
        "title": options["title"],
        "year": options["year"],
        "doc_no": options["document"],
        "skip_rejected": options["skip_rejected"],
        "update_soft": options["update_soft"],
    }
    if options["date"]:
        try:
            day = parse_date(options["date"])
        except DateError as error:
            raise WrongUse(f"--date：{error}") from error
        stored["opening_on"] = day.day.isoformat() if day else None
    return stored


def _actor(username: str) -> Actor:
    if not username:
        return System("导入")
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise WrongUse(f"没有用户“{username}”，或该用户已停用")
    return user


def _facts(found: Examination, kind: str, name: str) -> dict[str, Any]:
    """What the command prints, dry or not."""
    counts = found.counts()
    counts.setdefault("headcount", 0)
    problems = sorted(found.table.problems, key=lambda problem: problem.severity.value)
    return {
        "file": name,
        "kind": kind,
        **counts,
        "problems": [problem.as_facts() for problem in problems[:LISTED]],
        "problems_left_out": max(len(problems) - LISTED, 0),
    }


def _in_words(result: dict[str, Any]) -> str:
    lines = [
        f"《{result['file']}》共 {result['rows']} 行：可导入 {result['accepted']} 行，有错误 {result['rejected']} 行；"
        f"错误 {result['errors']} 处，提醒 {result['warnings']} 处。"
    ]
    if result["kind"] == "staffing-plan":
        lines.append(f"招录人数合计 {result['headcount']} 人。")
    lines += [
        f"【{SEVERITIES[one['severity']]}】{one['sheet']} {one['column']}{one['row']}：{one['message']}"
        for one in result["problems"]
    ]
    if result["problems_left_out"]:
        lines.append(f"……另有 {result['problems_left_out']} 处，请在页面上查看或加 --json 输出。")
    if result["dry_run"]:
        lines.append("仅检查，没有写入任何内容。")
    elif not result["committed"]:
        lines.append("没有写入任何内容。请更正后重新导入，或加 --skip-rejected 跳过有错误的行。")
    else:
        written = "，".join(f"{name} {count}" for name, count in result["result"].items() if count)
        lines.append(f"已导入：{written}。" if written else "内容与登记一致，没有变化。")
    return "\n".join(lines)
