"""`uv.lock` read without uv: the exact packages, with their hashes, as requirements pip and uv both install.

`uv sync` takes files from the addresses written in the lock, whatever mirror is configured; requirements with
hashes come from the configured index and are checked just as strictly.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from launcher.places import LOCK

Package = dict[str, Any]
Condition = frozenset[str] | None
"""Environment markers any one of which calls for a package; None when it is always needed."""

Release = tuple[str, str]
"""Name and version."""

PROJECT = "bianzhi"


def requirements(groups: Iterable[str]) -> list[str]:
    """One line for each package the product needs, and for those of the dependency `groups` (dev, browser, …)."""
    packages = _by_name_and_version(tomllib.loads(LOCK.read_text("utf-8"))["package"])
    needed: dict[Release, Condition] = {}
    waiting: list[tuple[Package, Condition]] = [(edge, None) for edge in _of_project(packages[PROJECT, None], groups)]
    while waiting:
        edge, parent = waiting.pop()
        package = packages[edge["name"], edge.get("version")]
        release = (package["name"], package["version"])
        condition = _both(parent, edge.get("marker"))
        known = needed.get(release, frozenset())
        wanted = None if known is None or condition is None else known | condition
        if release in needed and wanted == known and not edge.get("extra"):
            continue
        needed[release] = wanted
        waiting += [(onward, wanted) for onward in _onward(package, edge.get("extra", ()))]
    return [_line(packages[release], condition) for release, condition in sorted(needed.items())]


def pinned(name: str) -> str:
    """The line of one package of the lock, whatever it is needed for."""
    return _line(_by_name_and_version(tomllib.loads(LOCK.read_text("utf-8"))["package"])[name, None], None)


def _by_name_and_version(listed: Iterable[Package]) -> dict[tuple[str, str | None], Package]:
    """Packages as edges name them: by name alone, and by version too where Pythons need different ones."""
    found: dict[tuple[str, str | None], Package] = {}
    for package in listed:
        found[package["name"], None] = found[package["name"], package.get("version")] = package
    return found


def _of_project(project: Package, groups: Iterable[str]) -> Iterator[Package]:
    yield from project["dependencies"]
    for group in groups:
        yield from project["dev-dependencies"][group]


def _onward(package: Package, extras: Iterable[str]) -> Iterator[Package]:
    yield from package.get("dependencies", ())
    for extra in extras:
        yield from package.get("optional-dependencies", {}).get(extra, ())


def _both(parent: Condition, marker: str | None) -> Condition:
    if marker is None:
        return parent
    if parent is None:
        return frozenset({marker})
    return frozenset(f"({outer}) and ({marker})" for outer in parent)


def _line(package: Package, condition: Condition) -> str:
    files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else [])]
    hashes = " ".join(f"--hash={file['hash']}" for file in files)
    marker = "" if condition is None else " ; " + " or ".join(f"({one})" for one in sorted(condition))
    return f"{package['name']}=={package['version']}{marker} {hashes}"
