"""Finding or fetching an installer: uv where it runs, pip where it doesn't, and pip itself where even that is missing.

Debian's python3 comes without pip and without ensurepip, so the last resort is to read the package index directly.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from launcher import mirrors
from launcher.console import Problem, last_lines
from launcher.places import TOOLS, WHEELS

OLDEST_UV = (0, 5)
PIP_WHEEL = re.compile(r"pip-(\d+(?:\.\d+)+)-py3-none-any\.whl$")


def uv() -> str | None:
    """The path of a uv that runs on this machine, fetched with pip if need be; None when there is none to be had."""
    own = TOOLS / "uv" / "bin" / "uv"
    for candidate in (shutil.which("uv"), str(own)):
        if candidate and _recent_enough(candidate):
            return candidate
    if WHEELS.is_dir():
        return None  # an offline bundle brings only what the lock names
    command = [*pip(), "install", "--quiet", "--target", str(TOOLS / "uv"), "--upgrade", "--no-deps"]
    subprocess.run([*command, "--only-binary", ":all:", "uv"], capture_output=True, check=False)
    return str(own) if _recent_enough(str(own)) else None


def _recent_enough(program: str) -> bool:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    found = re.search(r"uv (\d+)\.(\d+)", told.stdout)
    return told.returncode == 0 and found is not None and (int(found[1]), int(found[2])) >= OLDEST_UV


def pip() -> list[str]:
    """The words that run pip. Raises Problem when it can't be had."""
    if find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    fetched = TOOLS / "pip"
    if not (fetched / "pip" / "__main__.py").exists():
        wheel = _bundled_pip() or _downloaded_pip()
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(fetched)
    return [sys.executable, str(fetched / "pip")]


def _bundled_pip() -> Path | None:
    """The wheel of an offline bundle, or the one ensurepip carries, in its own place or where Debian keeps it."""
    folders = [WHEELS, Path(os.__file__).parent / "ensurepip" / "_bundled", Path("/usr/share/python-wheels")]
    return next((wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))), None)


def _downloaded_pip() -> Path:
    page = f"{mirrors.index()}/pip/"
    what = "下载 Python 安装工具 pip 失败"
    try:
        address, expected = _newest_pip(page)
        content = _fetch(address)
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise Problem(what, why=f"{page}\n{error}", advice=mirrors.PYTHON_ADVICE) from error
    if expected and hashlib.sha256(content).hexdigest() != expected:
        raise Problem(what, why=f"{address} 的校验值与索引不符", advice=mirrors.PYTHON_ADVICE)
    TOOLS.mkdir(exist_ok=True)
    wheel = TOOLS / address.rsplit("/", 1)[1]
    wheel.write_bytes(content)
    return wheel


def _fetch(address: str) -> bytes:
    wanted = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
    request = urllib.request.Request(address, headers={"Accept": wanted})  # noqa: S310 - the operator's own index
    with urllib.request.urlopen(request, timeout=60, context=_tls_for(address)) as answer:  # noqa: S310
        return bytes(answer.read())


def _tls_for(address: str) -> ssl.SSLContext | None:
    return mirrors.tls() if address.startswith("https:") else None


class _Links(HTMLParser):
    """Collects (address, required Python) of a PEP 503 index page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href") and "data-yanked" not in given:
            self.found.append((str(given["href"]), given.get("data-requires-python") or ""))


def _newest_pip(page: str) -> tuple[str, str]:
    """Address and SHA-256 of the newest pip wheel this Python may use."""
    best: tuple[tuple[int, ...], str, str] | None = None
    for link, required in _listed(page, _fetch(page).decode("utf-8")):
        address, fragment = urldefrag(urljoin(page, link))
        version = PIP_WHEEL.search(address)
        oldest = re.search(r">=\s*3\.(\d+)", required)
        if version is None or (oldest and int(oldest[1]) > sys.version_info.minor):
            continue
        number = tuple(int(part) for part in version[1].split("."))
        if best is None or number > best[0]:
            best = (number, address, fragment.removeprefix("sha256="))
    if best is None:
        raise ValueError("索引里没有可用的 pip")
    return best[1], best[2]


def _listed(page: str, text: str) -> list[tuple[str, str]]:
    if not text.lstrip().startswith("{"):
        parser = _Links()
        parser.feed(text)
        return parser.found
    return [
        (f"{file['url']}#sha256={file.get('hashes', {}).get('sha256', '')}", file.get("requires-python") or "")
        for file in json.loads(text)["files"]
        if not file.get("yanked")
    ]


def run(command: list[str], *, what: str, variables: dict[str, str] | None = None) -> None:
    """Run an installer quietly. Raises Problem with the end of its output when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **(variables or {})})
    if done.returncode != 0:
        raise Problem(what, why=last_lines(done.stderr or done.stdout), advice=mirrors.PYTHON_ADVICE)
