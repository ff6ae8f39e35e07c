"""`./bianzhi test`: every check this machine can make, and a plain word about those it can't."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from launcher import assets, environment
from launcher.console import Problem, say
from launcher.environment import Environment
from launcher.places import ROOT
from tests.postgres import NoServer, throwaway_cluster

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
NO_TESTS = 5
"""pytest's exit code for a selection without tests."""
AGAIN = ["--reruns", "1", "-raR"]
"""A page that was not ready in time on a busy machine is tried once more; what needed it is listed under RERUN."""
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `test`; what it doesn't know goes to pytest."""
    parser.add_argument("--all", action="store_true", help="连同标记为 slow 的慢测试一起运行")
    parser.epilog = (
        "其余参数原样传给 pytest，例如 ./bianzhi test tests/ledger -k 冲正（此时不做代码检查）。"
        "REQUIRE_BROWSER=1、REQUIRE_POSTGRES=1、REQUIRE_SPARK=1：缺少浏览器、PostgreSQL 或 Java 时算作失败。"
        "CHROME_BIN 指明浏览器；BIANZHI_TEST_POSTGRES 指明一个可用的 PostgreSQL（须为超级用户）。"
    )


@dataclass
class Tally:
    """What passed, failed and was skipped, and what could not be run at all."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    lines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add_report(self, file: Path) -> str:
        """Add the counts of a JUnit report; returns them as words."""
        suite = ElementTree.parse(file).getroot().find("testsuite")  # noqa: S314 - written by our own pytest
        counts = suite.attrib if suite is not None else {}
        failed = int(counts.get("failures", 0)) + int(counts.get("errors", 0))
        skipped = int(counts.get("skipped", 0))
        passed = int(counts.get("tests", 0)) - failed - skipped
        self.passed, self.failed, self.skipped = self.passed + passed, self.failed + failed, self.skipped + skipped
        return f"{passed} passed, {failed} failed, {skipped} skipped"


@dataclass(frozen=True)
class Engine:
    """A database the tests run on."""

    name: str
    url: str
    walled: bool = False
    """As the platform's own role, behind row-level security; the tests of pages alone."""


WALLED = (
    "tests/architecture/test_page_matrix.py",
    "tests/architecture/test_pages.py",
    "tests/walk",
    "tests/personnel/web",
    "tests/matters/web",
    "tests/workflow/web",
    "tests/office",
    "tests/supervision",
    "tests/archives/test_viewing.py",
    "tests/archives/test_item_pages.py",
    "tests/exchange/test_finding_pages.py",
    "tests/exchange/test_delivery_pages.py",
    "tests/exchange/test_interface.py",
    "tests/search/test_leaks.py",
)


def test(options: argparse.Namespace, pytest_arguments: list[str]) -> int:
    """Run the checks and tests; 0 when all that had to run passed, else 1."""
    tally = Tally()
    browser = os.environ.get("CHROME_BIN") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        _could_not(tally, "浏览器测试：没有找到 Chromium（CHROME_BIN 可指明位置）", required="REQUIRE_BROWSER")
    java = shutil.which("java")
    if java is None:
        _could_not(tally, "Spark 上的测试：没有找到 Java（17 或更新）", required="REQUIRE_SPARK")
    offered = environment.offered()
    if java and offered is not None and "spark" not in offered:
        java = None
        tally.missing.append("Spark 上的测试：离线安装包不含 pyspark")
    groups = ["dev", *(["browser"] if browser else []), *(["spark"] if java else [])]
    made = environment.prepare(groups)
    _ensure_assets(tally)
    if not pytest_arguments:
        _static_checks(made, tally)
    with ExitStack() as stack:
        for engine in _engines(stack, tally, walled=options.all):
            for browsing in (False, True):
                if browser or not browsing:
                    _pytest(made, tally, engine, browsing=browsing, everything=options.all, more=pytest_arguments)
    return _sum_up(tally)


def _could_not(tally: Tally, what: str, *, required: str) -> None:
    if os.environ.get(required) == "1":
        tally.failed += 1
        what += f"（{required}=1，算作失败）"
    tally.missing.append(what)


def _ensure_assets(tally: Tally) -> None:
    try:
        assets.ensure()
    except Problem as problem:
        say(str(problem))
        tally.failed += 1
        tally.lines.append("failed  构建页面样式与脚本")


def _static_checks(made: Environment, tally: Tally) -> None:
    for name, words in (
        ("ruff check", ["-m", "ruff", "check", "."]),
        ("ruff format", ["-m", "ruff", "format", "--check", "."]),
        ("mypy", ["-m", "mypy"]),
        ("import-linter", ["-c", LINT_IMPORTS]),
        ("makemigrations --check", ["-m", "django", "makemigrations", "--check", "--dry-run"]),
    ):
        say(f"· {name}")
        done = subprocess.run(
            [made.python, *words],
            cwd=ROOT,
            env=made.variables({"DJANGO_SETTINGS_MODULE": "tests.settings"}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            say(done.stdout)
            tally.failed += 1
        tally.lines.append(f"{'failed' if done.returncode else 'passed'}  {name}")


def _engines(stack: ExitStack, tally: Tally, *, walled: bool) -> Iterator[Engine]:
    yield Engine("SQLite", "")
    external = os.environ.get("BIANZHI_TEST_POSTGRES", "")
    try:
        url = external or stack.enter_context(throwaway_cluster())
        yield Engine("PostgreSQL", url)
        if walled:
            yield Engine("PostgreSQL，行级安全之后", url, walled=True)
    except NoServer as reason:
        _could_not(tally, f"PostgreSQL 上的测试：{reason}", required="REQUIRE_POSTGRES")


def _pytest(
    made: Environment, tally: Tally, engine: Engine, *, browsing: bool, everything: bool, more: list[str]
) -> None:
    """One run of pytest, spread over the processors; browser tests in a run of their own."""
    name = f"pytest {'browser ' if browsing else ''}{engine.name}"
    say(f"· {name}")
    words = ["-m", "pytest", "-q", "-m", "browser" if browsing else "not browser"]
    words += AGAIN if browsing else []
    words += ["--all"] if everything else []
    words += ["--database-only"] if engine.url else []
    words += [] if more else [*_spread(), *(WALLED if engine.walled else ())]
    # Finding out a scope takes statements of its own: numbers of statements are held to without the wall.
    words += ["-k", "not queries and not cost_the_same"] if engine.walled and not more else []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bianzhi-report-") as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [made.python, *words, f"--junit-xml={report}", *more],
            cwd=ROOT,
            env=made.variables({"DATABASE_URL": engine.url, **({"BIANZHI_TEST_WALL": "1"} if engine.walled else {})}),
            check=False,
        )
        counted = tally.add_report(report) if report.exists() else "no report"
    if done.returncode not in (0, NO_TESTS) and ("no report" in counted or ", 0 failed" in counted):
        tally.failed += 1
        counted += f", exit {done.returncode}"
    tally.lines.append(f"{counted}  {name}（{time.monotonic() - begun:.0f} 秒）")


def _spread() -> list[str]:
    """Over the processors, a file on one of them: what its tests share is made once."""
    return ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]


def _sum_up(tally: Tally) -> int:
    say()
    for line in tally.lines:
        say(f"  {line}")
    for what in tally.missing:
        say(f"  没有运行  {what}")
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped", flush=True)
    return 1 if tally.failed else 0
