"""Every package of `uv.lock` and `package-lock.json`, with its hashes, what it needs and what it is needed for."""

from __future__ import annotations

import base64
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from launcher.lockfile import PROJECT
from launcher.places import LOCK, ROOT

PYTHON, NPM = "PyPI", "npm"
NPM_LOCK = ROOT / "package-lock.json"


@dataclass(frozen=True)
class File:
    """One file a package comes as; `algorithm` is "SHA-256" or "SHA-512", `digest` hexadecimal."""

    url: str
    algorithm: str
    digest: str


@dataclass(frozen=True)
class Package:
    """One locked release. `is_product`: the running product needs it, not only those who build and test it."""

    ecosystem: str
    name: str
    version: str
    files: tuple[File, ...] = ()
    needs: tuple[str, ...] = field(default=(), compare=False)
    is_product: bool = False
    licence: str = ""

    @property
    def key(self) -> str:
        """What it is called in messages and references."""
        return f"{self.ecosystem}:{self.name}@{self.version}"


def packages() -> list[Package]:
    """All of them, Python's first."""
    return [*python_packages(LOCK), *npm_packages(NPM_LOCK)]


def python_packages(lock: Path) -> list[Package]:
    """What `uv.lock` holds, without the project itself."""
    listed: list[dict[str, Any]] = tomllib.loads(lock.read_text("utf-8"))["package"]
    by_name: dict[str, list[dict[str, Any]]] = {}
    for one in listed:
        by_name.setdefault(one["name"], []).append(one)
    product = _reached(by_name)
    return [
        Package(
            PYTHON,
            one["name"],
            one["version"],
            tuple(_python_files(one)),
            tuple(sorted({f"{PYTHON}:{edge['name']}@{_version(by_name, edge)}" for edge in _edges(one)})),
            one["name"] in product,
        )
        for one in listed
        if one["name"] != PROJECT
    ]


def npm_packages(lock: Path) -> list[Package]:
    """What `package-lock.json` holds; a package nested in two places counts once."""
    listed: dict[str, dict[str, Any]] = json.loads(lock.read_text("utf-8"))["packages"]
    found: dict[str, Package] = {}
    for place, one in listed.items():
        if not place:
            continue
        name = one.get("name") or place.rpartition("node_modules/")[2]
        needs = {**one.get("dependencies", {}), **one.get("optionalDependencies", {})}
        package = Package(
            NPM,
            name,
            one["version"],
            tuple(_npm_files(one)),
            tuple(sorted(f"{NPM}:{need}@{at}" for need in needs if (at := _npm_version(listed, place, need)))),
            not one.get("dev", False),
            str(one.get("license", "")),
        )
        found.setdefault(package.key, package)
    return list(found.values())


def _edges(one: dict[str, Any]) -> list[dict[str, Any]]:
    optional = one.get("optional-dependencies", {}).values()
    return [*one.get("dependencies", ()), *(edge for edges in optional for edge in edges)]


def _version(by_name: dict[str, list[dict[str, Any]]], edge: dict[str, Any]) -> str:
    return str(edge.get("version") or by_name[edge["name"]][0]["version"])


def _reached(by_name: dict[str, list[dict[str, Any]]]) -> set[str]:
    """Names of what the product needs, its optional parts included, the development groups not."""
    found: set[str] = set()
    waiting = [edge["name"] for edge in _edges(by_name[PROJECT][0])]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [edge["name"] for one in by_name[name] for edge in _edges(one)]
    return found


def _python_files(one: dict[str, Any]) -> list[File]:
    files = [*one.get("wheels", ()), *([one["sdist"]] if "sdist" in one else [])]
    return [File(file.get("url", ""), "SHA-256", file["hash"].removeprefix("sha256:")) for file in files]


def _npm_files(one: dict[str, Any]) -> list[File]:
    algorithm, _, encoded = one.get("integrity", "").partition("-")
    if not encoded:
        return []
    return [File(one.get("resolved", ""), algorithm.upper().replace("SHA", "SHA-"), base64.b64decode(encoded).hex())]


def _npm_version(listed: dict[str, dict[str, Any]], place: str, need: str) -> str:
    """The version Node would find from a place: nested first, then further out; "" where it is left out here."""
    while True:
        inside = f"{place}/node_modules/{need}" if place else f"node_modules/{need}"
        if inside in listed:
            return str(listed[inside]["version"])
        if not place:
            return ""
        place = place.rpartition("/node_modules/")[0] if "/node_modules/" in place else ""
