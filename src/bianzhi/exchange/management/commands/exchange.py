"""`./bianzhi exchange evaluate DIR`: the comparison scored against generated rosters whose truth is known.

`./bianzhi exchange verify FILE`: signature and digests of a difference list somebody holds.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from django.core.management.base import BaseCommand

from bianzhi.exchange import signing
from bianzhi.exchange.services.packages import check_package
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.evaluate import Evaluation, NotTheSameRosters, evaluate
from bianzhi.reconciliation.evaluate.printing import table
from bianzhi.reconciliation.findings.rules import KINDS
from bianzhi.reconciliation.quota_files import read_quotas
from bianzhi.reconciliation.running import RunInputs, run
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine, MemoryLimitError

FOUND_WRONG, WRONG_USE = 1, 2
LABELS: Final = {kind: rule.label for kind, rule in KINDS.items()}


class Command(BaseCommand):
    help = (
        "核对结果评分（evaluate 目录）：对 demo rosters 生成的各月名册运行核对，并与真值比较；"
        "验证差异清单（verify 文件）：核对签名和摘要"
        " score the comparison against generated rosters; verify a signed difference list"
    )
    needs_database = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="evaluate|verify")
        act = acts.add_parser("evaluate", help="与真值比较 compare with the truth")
        act.add_argument("folder", type=Path, metavar="DIR", help="./bianzhi demo rosters 写出的目录")
        act.add_argument("--out", type=Path, metavar="DIR", help="各月结果的目录，默认 DIR/runs；已有的结果接着用")
        act.add_argument("--memory", default="2GB", metavar="SIZE", help="DuckDB 内存上限 memory limit")
        act.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

        verify = acts.add_parser("verify", help="验证差异清单 verify a signed difference list")
        verify.add_argument("file", type=Path, metavar="FILE", help="从“结果回送”或接口下载的 zip")
        verify.add_argument("--key", type=Path, metavar="PEM", help="公钥文件；默认用本平台的密钥 public key")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "verify":
            self._verify(options["file"], options["key"])
        else:
            self._evaluate(options)

    def _verify(self, file: Path, key: Path | None) -> None:
        if key is None and not signing.has_key():
            self.stderr.write("本机没有签名密钥，请用 --key 指定从 /api/v1/public-key 取得的公钥文件。")
            raise SystemExit(WRONG_USE)
        try:
            checked = check_package(file, key.read_text("utf-8") if key else None)
        except (OSError, ValueError) as error:
            self.stderr.write(f"不能验证：{error}")
            raise SystemExit(WRONG_USE) from error
        for one in checked:
            self.stdout.write(f"{'✓' if one.holds else '✗'} {one.what}：{one.words}")
        if not all(one.holds for one in checked):
            raise SystemExit(FOUND_WRONG)

    def _evaluate(self, options: dict[str, Any]) -> None:
        folder: Path = options["folder"]
        months = sorted(path.parent for path in folder.glob("*/truth")) if folder.is_dir() else []
        if not months:
            self.stderr.write(f"{folder} 中没有带真值的月份（应为 ./bianzhi demo rosters 写出的目录）。")
            raise SystemExit(WRONG_USE)
        try:
            found = _scored(months, options["out"] or folder / "runs", options["memory"])
        except (NotTheSameRosters, Refused) as error:
            self.stderr.write(str(error))
            raise SystemExit(FOUND_WRONG) from error
        except MemoryLimitError as error:
            self.stderr.write(str(error))
            raise SystemExit(WRONG_USE) from error
        except (OSError, pa.ArrowInvalid) as error:
            self.stderr.write(f"不能读取名册或写入结果：{error}")
            raise SystemExit(WRONG_USE) from error
        if options["json"]:
            told = {month: evaluation.as_json() for month, evaluation in found.items()}
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            parts = [f"{month}\n\n{table(evaluation, labels=LABELS)}" for month, evaluation in found.items()]
            self.stdout.write("\n\n".join(parts))


def _scored(months: list[Path], out: Path, memory: str) -> dict[str, Evaluation]:
    """Month after month: each run follows the one before, as in an office."""
    found: dict[str, Evaluation] = {}
    earlier: tuple[Path, Path] | None = None
    for month in months:
        result = out / month.name
        engine = DuckDBEngine(memory_limit=memory, is_checked=False)
        try:
            run(_inputs(month, earlier), result, engine)
        finally:
            engine.close()
        found[month.name] = evaluate(result, month, earlier=earlier)
        earlier = (result, month)
    return found


def _inputs(month: Path, earlier: tuple[Path, Path] | None) -> RunInputs:
    canonical = month / "canonical"
    quotas = canonical / "quotas.parquet"
    return RunInputs(
        rosters={code: [path] for code in DEPARTMENT_CODES if (path := canonical / f"{code}.parquet").exists()},
        period=month.name,
        previous=earlier[0] if earlier else None,
        quotas=read_quotas(quotas) if quotas.exists() else None,
    )
