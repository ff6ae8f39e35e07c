"""The Python environment: made from `uv.lock` when missing or out of date, left alone otherwise.

Three ways, tried in this order: a virtual environment filled by uv; one filled by pip; where Python can make no
virtual environment, a folder of packages beside the repository's own source.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher import installers, lockfile, mirrors
from launcher.console import Problem, say, step
from launcher.places import LOCK, PACKAGES, ROOT, SOURCE, VENV, WHEELS, WHEELS_GROUPS, digest

INSTALL_FAILED = "安装 Python 依赖失败"


@dataclass(frozen=True)
class Environment:
    """A Python with the product's packages."""

    python: str
    packages: Path

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment variables of a program run in it."""
        path = [str(SOURCE)] if self.packages != PACKAGES else [str(SOURCE), str(PACKAGES)]
        inherited = os.environ.get("PYTHONPATH")
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*path, *([inherited] if inherited else [])]),
            "PYTHONUTF8": "1",
            **(more or {}),
        }

    def manage(self, *arguments: str) -> list[str]:
        """The words that run a management command."""
        return [self.python, "-m", "bianzhi", *arguments]


def prepare(groups: Iterable[str] = ()) -> Environment:
    """An environment holding the product's packages and those of the dependency `groups`. Raises Problem."""
    wanted = set(groups)
    known = _read_stamp()
    if known is not None and wanted <= set(known["groups"]):
        return Environment(python=known["python"], packages=Path(known["packages"]))
    with step("准备 Python 环境（首次运行需要下载，约一分钟）"):
        kept = set(known["groups"]) if known else set()
        return _install(wanted | kept)


def tool(module: str) -> tuple[list[str], dict[str, str]]:
    """The words and the environment that run a module of the launcher with the packages of the development group."""
    made = prepare(["dev"])
    path = os.pathsep.join([str(ROOT), made.variables()["PYTHONPATH"]])
    return [made.python, "-m", module], made.variables({"PYTHONPATH": path})


def offered() -> set[str] | None:
    """The dependency groups an offline bundle brought; None where there is an index to ask for any."""
    listed = WHEELS / WHEELS_GROUPS
    return set(json.loads(listed.read_text("utf-8"))) if listed.exists() else None


def fill_folder(place: Path, listed: Path) -> None:
    """Install the packages `listed` into a folder of their own, by uv or pip. Raises Problem."""
    uv = installers.uv()
    if uv is None:
        words = [*installers.pip(), "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    else:
        words = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--link-mode", "copy"]
        words += ["--index-strategy", "unsafe-best-match"]  # as in _with_uv
    words += ["--no-deps", "--require-hashes", "--target", str(place), *_where_from(), "--requirement", str(listed)]
    installers.run(words, what=INSTALL_FAILED, variables=mirrors.variables_for_uv() if uv else None)


def _where_from() -> list[str]:
    """From the bundle alone where there is one: no index is asked, not even for what it lacks."""
    return ["--no-index", "--find-links", str(WHEELS)] if WHEELS.is_dir() else []


def _fingerprint() -> str:
    return f"{digest([LOCK])} {sys.version_info.major}.{sys.version_info.minor} {ROOT}"


def _read_stamp() -> dict[str, Any] | None:
    """What was installed last, if it is still what `uv.lock` asks for and still there."""
    for folder in (VENV, PACKAGES):
        try:
            stamp: dict[str, Any] = json.loads((folder / ".bianzhi.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if stamp.get("fingerprint") == _fingerprint() and os.access(stamp["python"], os.X_OK):
            return stamp
    return None


def _install(groups: set[str]) -> Environment:
    with tempfile.TemporaryDirectory(prefix="bianzhi-") as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(lockfile.requirements(sorted(groups))) + "\n", "utf-8")
        made = _with_uv(listed) or _with_pip(listed)
    stamp = {
        "fingerprint": _fingerprint(),
        "groups": sorted(groups),
        "python": made.python,
        "packages": str(made.packages),
    }
    home = VENV if made.packages != PACKAGES else PACKAGES
    (home / ".bianzhi.json").write_text(json.dumps(stamp), "utf-8")
    return made


def _with_uv(listed: Path) -> Environment | None:
    """None when uv can't be had or fails; pip then tries, and its message is the one shown."""
    try:
        uv = installers.uv()
        if uv is None:
            return None
        variables = {**mirrors.variables_for_uv(), "UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy"}
        if not _usable(VENV):
            make = [uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(VENV)]
            installers.run(make, what=INSTALL_FAILED, variables=variables)
        python = str(_python_of(VENV))
        fill = [uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--require-hashes"]
        fill += ["--index-strategy", "unsafe-best-match"]  # any mirror may serve a file: its hash is in the lock
        installers.run([*fill, *_where_from(), "--requirements", str(listed)], what=INSTALL_FAILED, variables=variables)
    except Problem as problem:
        say(f"  uv 未能完成，改用 pip：{problem.why.strip().splitlines()[-1] if problem.why.strip() else problem}")
        return None
    return Environment(python=python, packages=VENV)


def _with_pip(listed: Path) -> Environment:
    pip = installers.pip()
    fill = ["install", "--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check", *_where_from()]
    if _usable(VENV) or _make_venv():
        python = str(_python_of(VENV))
        installers.run([*pip, "--python", python, *fill, "--requirement", str(listed)], what=INSTALL_FAILED)
        return Environment(python=python, packages=VENV)
    shutil.rmtree(PACKAGES, ignore_errors=True)
    installers.run([*pip, *fill, "--target", str(PACKAGES), "--requirement", str(listed)], what=INSTALL_FAILED)
    return Environment(python=sys.executable, packages=PACKAGES)


def _make_venv() -> bool:
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV)], capture_output=True, check=False
    )
    return made.returncode == 0 and _usable(VENV)


def _python_of(venv: Path) -> Path:
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def _usable(venv: Path) -> bool:
    """Whether `venv` has a Python of the version running this; one that hasn't is removed."""
    python = _python_of(venv)
    ask = "import sys; print(sys.version_info[:2])"
    try:
        told = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        told = None
    if told is not None and told.stdout.strip() == str(tuple(sys.version_info[:2])):
        return True
    shutil.rmtree(venv, ignore_errors=True)
    return False
