"""The installation as it was when somebody answered for it: files, packages and database structure by their digests.

    BIANZHI_HOME/installation/manifest.json    path → [size, SHA-256, SM3]; package → SHA-256 of its own list of files

The digest of the manifest itself stands in the audit record (`intrusion.installation_sealed`), so that whoever changes
the program and the manifest as well is found all the same.
"""

import base64
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final

from django.conf import settings

import bianzhi
from bianzhi.intrusion.structure import structure_now
from bianzhi.kernel.digests import canonical_json, sm3_hex
from bianzhi.kernel.file_digests import digests_of

PROGRAM: Final = Path(bianzhi.__file__).resolve().parent
ROOT: Final = PROGRAM.parents[1]
_BESIDE: Final = ("bianzhi", "launcher", "pyproject.toml", "uv.lock", "package-lock.json", "build.mjs")
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was there."""

    version: str
    files: Mapping[str, tuple[int, str, str]]
    packages: Mapping[str, str]
    structure: Mapping[str, str]

    def text(self) -> str:
        """The manifest as it is kept; the same installation gives the same text."""
        return canonical_json(
            {
                "version": self.version,
                "files": {path: list(told) for path, told in self.files.items()},
                "packages": dict(self.packages),
                "structure": dict(self.structure),
            }
        )

    @property
    def digest(self) -> str:
        """SM3 of it."""
        return sm3_hex(self.text())


class NoManifest(Exception):
    """There is no manifest, or it cannot be read; the message is Chinese."""


def place() -> Path:
    """Where the manifest lies."""
    return Path(settings.HOME) / "installation" / "manifest.json"


def take_stock() -> Manifest:
    """The installation as it is now."""
    packages = {f"{one.metadata['Name']}-{one.version}": _digest_of_record(one) for one in distributions()}
    return Manifest(bianzhi.__version__, dict(_files()), packages, structure_now())


def keep(manifest: Manifest) -> None:
    """Write the manifest in place of the one there."""
    where = place()
    where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = where.with_suffix(f".{os.getpid()}")
    fresh.write_text(manifest.text(), "utf-8")
    fresh.chmod(0o600)
    fresh.replace(where)


def kept() -> Manifest:
    """The manifest that is kept. Raises NoManifest."""
    try:
        told: dict[str, Any] = json.loads(place().read_text("utf-8"))
        files = {path: (int(size), str(sha256), str(sm3)) for path, (size, sha256, sm3) in told["files"].items()}
        return Manifest(str(told["version"]), files, dict(told["packages"]), dict(told["structure"]))
    except FileNotFoundError as error:
        raise NoManifest("没有程序清单：请运行 ./bianzhi installation seal 建立。") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoManifest(f"程序清单 {place()} 读不出来（{type(error).__name__}）：可能被改动。") from error


def differences(before: Manifest, now: Manifest) -> Iterator[str]:
    """What of files and packages is not as it was."""
    yield from _compared("程序文件", before.files, now.files)
    yield from _compared("依赖包", before.packages, now.packages)


def structure_differences(before: Manifest, now: Mapping[str, str]) -> Iterator[str]:
    """What of the database's structure is not as it was."""
    yield from _compared("数据库结构", before.structure, now)


def damaged_packages() -> Iterator[str]:
    """Files of installed packages that are not what their package's own list says; reads every one of them."""
    for one in distributions():
        for file in one.files or ():
            if file.hash is None or "__pycache__" in file.parts:
                continue
            where = Path(str(one.locate_file(file)))
            name = f"{one.metadata['Name']} {file}"
            try:
                with where.open("rb") as stream:
                    found = hashlib.file_digest(stream, file.hash.mode).digest()
            except FileNotFoundError:
                yield f"依赖包文件缺失：{name}"
                continue
            except (OSError, ValueError) as error:
                yield f"依赖包文件读不出来：{name}（{type(error).__name__}）"
                continue
            if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != file.hash.value.rstrip("="):
                yield f"依赖包文件被改动：{name}"


def _compared(what: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            yield f"{what}缺失：{name}"
        elif name not in before:
            yield f"{what}增加：{name}"
        elif before[name] != now[name]:
            yield f"{what}被改动：{name}"


def _files() -> Iterator[tuple[str, tuple[int, str, str]]]:
    for path in sorted(_paths()):
        told = digests_of(path)
        yield str(path.relative_to(ROOT)), (told.size, told.sha256, told.sm3)


def _paths() -> Iterator[Path]:
    yield from _below(PROGRAM)
    if _is_package():  # there is nothing of ours beside it
        return
    for name in _BESIDE:
        path = ROOT / name
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from _below(path)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and ("__pycache__" not in path.relative_to(folder).parts or _never_compiles()):
            yield path


def _is_package() -> bool:
    return not (ROOT / "uv.lock").exists()


def _never_compiles() -> bool:
    """A package is run without writing bytecode: what lies there is run in place of the program, and is not ours."""
    return _is_package() and sys.dont_write_bytecode


def _digest_of_record(one: Distribution) -> str:
    record = one.read_text("RECORD") or one.read_text("METADATA") or ""
    return hashlib.sha256(record.encode()).hexdigest()
