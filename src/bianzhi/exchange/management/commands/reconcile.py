"""`./bianzhi reconcile DIR`: four departments' rosters compared, without a database and without the hub."""

import argparse
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.common.tabular.errors import UnreadableFile
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.findings.rules import GROUPS, KINDS
from bianzhi.reconciliation.link.rules import RULES
from bianzhi.reconciliation.quota_files import NotQuotas, read_quotas
from bianzhi.reconciliation.reading.folders import read_folder
from bianzhi.reconciliation.running import MANIFEST, RunInputs, RunResult, run
from bianzhi.reconciliation.sources import DEPARTMENTS
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine, MemoryLimitError
from bianzhi.reconciliation.sql.engine import Engine
from bianzhi.reconciliation.sql.spark_engine import SparkEngine, SparkUnavailableError
from bianzhi.reconciliation.stages import STAGES
from bianzhi.reconciliation.tables import write_tables

FOUND_WRONG, WRONG_USE = 1, 2
LABELS: Final = dict(DEPARTMENTS)
TITLES: Final = {stage.name: stage.title for stage in STAGES}
LANES: Final = {"accuse": "认定", "review": "核实"}
EVENTS: Final = {"hire": "入编", "transfer": "调动", "exit": "出编", "attribute": "信息变更"}
EVENT_LANES: Final = {"candidate": "待登记", "waiting": "待佐证"}
MONTH: Final = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")
MONTH_IN_A_NAME: Final = re.compile(r"(20\d{2})[-年.]?(0[1-9]|1[0-2])")


class WrongUse(Exception):
    """The command cannot be carried out as given; the message is Chinese."""


class Command(BaseCommand):
    help = (
        "核对四部门名册：读一个目录中的名册，输出关联、差异和变动（Parquet 和 CSV）"
        " compare the rosters of four departments in a folder"
    )
    needs_database = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="放名册的目录（.xlsx .xls .csv .parquet）")
        parser.add_argument("--out", type=Path, metavar="DIR", help="结果目录，默认 DIR/核对结果 where results go")
        parser.add_argument("--previous", type=Path, metavar="DIR", help="上月的结果目录 results of the month before")
        parser.add_argument("--period", metavar="YYYY-MM", help="月份，默认从目录名判断，否则为本月 the month")
        parser.add_argument(
            "--quotas", type=Path, metavar="FILE", help="核定编制数（Parquet：unit, quota_type, approved）"
        )
        parser.add_argument("--engine", choices=["duckdb", "spark"], default="duckdb", help="计算引擎 the engine")
        parser.add_argument("--master", default="local[2]", metavar="URL", help="Spark 集群地址 address of Spark")
        parser.add_argument("--memory", default="2GB", metavar="SIZE", help="DuckDB 内存上限 memory limit")
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = self._compare(options)
        except (WrongUse, NotQuotas, UnreadableFile, SparkUnavailableError, MemoryLimitError) as error:
            self._fail(str(error), WRONG_USE, as_json=options["json"])
        except Refused as error:
            self._fail(str(error), FOUND_WRONG, as_json=options["json"])
        else:
            told = json.dumps(_as_json(result), ensure_ascii=False, indent=2) if options["json"] else _in_words(result)
            self.stdout.write(told)

    def _compare(self, options: dict[str, Any]) -> RunResult:
        folder, out = _folder(options["folder"]), _out(options["out"] or options["folder"] / "核对结果")
        period = _period(options["period"], folder)
        quotas = read_quotas(options["quotas"]) if options["quotas"] else None
        with TemporaryDirectory(prefix="bianzhi-rosters-") as rosters:
            inputs = RunInputs(
                rosters=read_folder(folder, Path(rosters)),
                period=period,
                previous=_previous(options["previous"]),
                quotas=quotas,
            )
            engine = _engine(options)
            try:
                result = run(inputs, out, engine, self._progress)
            finally:
                engine.close()
        write_tables(out)
        return result

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self.stderr.isatty() and stage in TITLES:
            self.stderr.write(f"{done + 1}/{total} {TITLES[stage]}……")

    def _fail(self, message: str, code: int, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"ok": False, "error": message}, ensure_ascii=False, indent=2))
        else:
            self.stderr.write(message)
        raise SystemExit(code)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise WrongUse(f"目录 {path} 不存在，请核对路径。")
    return path


def _out(path: Path) -> Path:
    """The folder for the results, which is made when there are some."""
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise WrongUse(f"不能在 {there} 写入结果，请用 --out 给出可以写入的目录。")
    return path


def _previous(path: Path | None) -> Path | None:
    if path is not None and not (path / MANIFEST).is_file():
        raise WrongUse(f"{path} 不是核对结果的目录（没有 {MANIFEST}）。请给出上月 --out 的目录。")
    return path


def _period(told: str | None, folder: Path) -> str:
    if told:
        if not MONTH.fullmatch(told):
            raise WrongUse(f"月份“{told[:20]}”写法有误，应如 2026-10。")
        return told
    found = MONTH_IN_A_NAME.search(folder.resolve().name)
    return f"{found[1]}-{found[2]}" if found else clock.today().strftime("%Y-%m")


def _engine(options: Mapping[str, Any]) -> Engine:
    if options["engine"] == "spark":
        return SparkEngine(master=options["master"])
    return DuckDBEngine(memory_limit=options["memory"], is_checked=False)


def _as_json(result: RunResult) -> dict[str, Any]:
    manifest = result.manifest
    return {
        "ok": True,
        "folder": str(result.folder),
        "period": manifest["period"],
        "engine": manifest["engine"],
        "counts": result.counts,
        "stages": manifest["stages"],
        "inputs": manifest["inputs"],
        "rules": manifest["rules"],
        "versions": manifest["versions"],
    }


def _in_words(result: RunResult) -> str:
    counts = result.counts
    lines = [f"{result.manifest['period']} 核对完成：{counts['persons']['all']:,} 人。结果在 {result.folder}"]
    sections = (
        ("名册行数", "records", LABELS),
        ("关联规则（行）", "rules", {rule.id: rule.title for rule in RULES.values()}),
        ("差异", "kinds", {kind: rule.label for kind, rule in KINDS.items()}),
        ("差异类别", "groups", {group: f"{group} {label}" for group, label in GROUPS.items()}),
        ("差异处理方式", "lanes", LANES),
        ("变动", "events", EVENTS),
        ("变动处理方式", "event_lanes", EVENT_LANES),
    )
    for title, name, labels in sections:
        lines += ["", title]
        lines += [f"  {labels.get(value, value)}  {number:,}" for value, number in counts[name].items()] or ["  （无）"]
    return "\n".join(lines)
