"""Where things lie in the repository."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
LOCK = ROOT / "uv.lock"
VENV = ROOT / ".venv"
PACKAGES = ROOT / ".venv-packages"
"""Packages of a Python that can make no virtual environment."""
TOOLS = ROOT / ".venv-tools"
"""Installers fetched by the launcher itself."""
WHEELS = ROOT / "wheels"
"""The packages that came with an offline bundle; not there in a checkout."""
WHEELS_GROUPS = "groups.json"
"""In it, the dependency groups whose packages came too."""
BUILT_ASSETS = SOURCE / "bianzhi" / "common" / "static" / "dist"


def version() -> str:
    """The product's version, read without loading it."""
    text = (SOURCE / "bianzhi" / "__init__.py").read_text("utf-8")
    return text.rpartition('__version__ = "')[2].partition('"')[0]


def digest(files: Iterable[Path]) -> str:
    """One fingerprint of the names and contents of `files`."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(str(file.relative_to(ROOT)).encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def files_below(folder: Path) -> list[Path]:
    """Every file under `folder`; none when it doesn't exist."""
    return [path for path in folder.rglob("*") if path.is_file()]
