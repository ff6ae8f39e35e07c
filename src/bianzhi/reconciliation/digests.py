"""What a result depends on besides its inputs: the text of the rules and of the program, and the software below."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

SOURCES: Final = (".py", ".yaml", ".csv")
SOFTWARE: Final = ("bianzhi", "duckdb", "sqlglot", "pyarrow", "splink", "pyspark")


@cache
def program_digest() -> str:
    """SHA-256 over every file that decides what the comparison computes; another text is another result."""
    digest = hashlib.sha256()
    package = Path(__file__).parent
    for path in sorted(path for path in package.rglob("*") if path.suffix in SOURCES):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def versions() -> Mapping[str, str]:
    """The software a run was computed with; what is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def digest_of(value: Any) -> str:
    """SHA-256 over a JSON value, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
