"""Known holes, asked of the registries: pip-audit for Python, `npm audit` for the pages' packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from launcher.console import Problem, last_lines
from launcher.dependencies.advisories import Hole
from launcher.dependencies.locked import NPM, PYTHON, Package
from launcher.places import ROOT, VENV

_ADVICE = [
    "检查本机能否访问软件源的公告服务；内部镜像往往没有公告服务",
    "不能访问的，改用离线公告快照：./bianzhi dependencies audit --snapshot 目录",
]


def python_holes(packages: Iterable[Package]) -> tuple[list[Hole], list[Package]]:
    """Holes, and the packages nobody could tell anything about. Raises Problem when pip-audit does not answer."""
    holes: list[Hole] = []
    unasked: list[Package] = []
    for asked in _rounds(package for package in packages if package.ecosystem == PYTHON):
        found, silent = _ask(asked)
        holes += found
        unasked += silent
    return holes, unasked


def _rounds(packages: Iterable[Package]) -> list[dict[str, Package]]:
    """The packages by name, in as many rounds as one of them has releases: pip-audit takes one release of each."""
    rounds: list[dict[str, Package]] = []
    for package in packages:
        free = next((one for one in rounds if package.name not in one), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[package.name] = package
    return rounds


def _ask(asked: dict[str, Package]) -> tuple[list[Hole], list[Package]]:
    with tempfile.TemporaryDirectory(prefix="bianzhi-audit-") as folder:
        listed, answer = Path(folder) / "requirements.txt", Path(folder) / "answer.json"
        listed.write_text("".join(f"{one.name}=={one.version}\n" for one in asked.values()), "utf-8")
        words = ["-m", "pip_audit", "--requirement", str(listed), "--no-deps", "--disable-pip", "--format", "json"]
        done = _run([sys.executable, *words, "--progress-spinner", "off", "--output", str(answer)])
        if not answer.exists():
            raise Problem("公告服务没有应答（pip-audit）", why=last_lines(done.stderr), advice=_ADVICE)
        told: list[dict[str, Any]] = json.loads(answer.read_text("utf-8"))["dependencies"]
    return _read(asked, told)


def _read(asked: dict[str, Package], told: list[dict[str, Any]]) -> tuple[list[Hole], list[Package]]:
    """What pip-audit said; one it skipped or did not name was not audited."""
    answered = {one["name"]: one for one in told if "skip_reason" not in one}
    holes = [
        Hole(asked[name], hole["id"], (hole.get("description") or "").split("\n")[0][:200], tuple(hole["fix_versions"]))
        for name, one in answered.items()
        if name in asked
        for hole in one["vulns"]
    ]
    return holes, [package for name, package in asked.items() if name not in answered]


def npm_holes(packages: Iterable[Package]) -> tuple[list[Hole], list[Package]]:
    """The same for npm, which answers for the whole lock file or not at all."""
    asked = [package for package in packages if package.ecosystem == NPM]
    npm = VENV / "bin" / "npm"
    if not npm.exists():
        return [], asked
    done = _run([str(npm), "audit", "--json", "--package-lock-only"])
    try:
        told = json.loads(done.stdout)
        found = told["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return [], asked
    return [_npm_hole(asked, name, one) for name, one in found.items()], []


def _npm_hole(asked: list[Package], name: str, one: dict[str, Any]) -> Hole:
    package = next((each for each in asked if each.name == name), Package(NPM, name, one.get("range", "?")))
    via = next((each for each in one.get("via", ()) if isinstance(each, dict)), {})
    return Hole(package, str(via.get("url") or via.get("source") or "npm audit"), str(via.get("title", "")))


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", "")])
    return subprocess.run(
        words, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
