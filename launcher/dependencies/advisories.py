"""Known holes, from a dated snapshot of advisories in OSV's JSON (one advisory a file), without any network.

FOLDER/snapshot.json      {"taken_at": "2026-11-20", "ecosystems": ["PyPI", "npm"]}
FOLDER/**/*.json          advisories as osv.dev gives them
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from launcher.console import Problem
from launcher.dependencies.locked import NPM, Package

LONGEST_DAYS = 30
_ADVICE = [
    "在能上网的机器上从 osv.dev 下载 PyPI、npm 两个生态的全部公告（all.zip），解压到一个目录",
    '在目录中写 snapshot.json：{"taken_at": "下载日期", "ecosystems": ["PyPI", "npm"]}',
    "拷入后重新运行本命令",
]


@dataclass(frozen=True)
class Hole:
    """A package with a known hole."""

    package: Package
    advisory: str
    summary: str
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Advisories by ecosystem and package name."""

    taken_at: date
    ecosystems: frozenset[str]
    by_package: dict[tuple[str, str], list[dict[str, Any]]]

    def covers(self, package: Package) -> bool:
        """Whether it would know of a hole in the package: the ecosystem is in it, and not as an empty name."""
        return package.ecosystem in self.ecosystems and any(key[0] == package.ecosystem for key in self.by_package)

    def holes(self, package: Package) -> Iterator[Hole]:
        """The holes known of this release."""
        for advisory in self.by_package.get((package.ecosystem, normalised(package.ecosystem, package.name)), ()):
            fixed = tuple(sorted({text for entry in _entries(advisory, package) for text in _fixes(entry)}))
            if any(_affects(entry, package) for entry in _entries(advisory, package)):
                yield Hole(package, advisory["id"], advisory.get("summary") or "（没有摘要）", fixed)


def read(folder: Path, today: date) -> Snapshot:
    """The snapshot in a folder. Raises Problem for none, an empty or an old one, and for files that are none."""
    try:
        told = json.loads((folder / "snapshot.json").read_text("utf-8"))
        taken_at, ecosystems = date.fromisoformat(told["taken_at"]), frozenset(told["ecosystems"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem("公告快照读不出来", why=f"{folder}/snapshot.json：{error}", advice=_ADVICE) from error
    age = (today - taken_at).days
    if not 0 <= age <= LONGEST_DAYS:
        raise Problem(
            "公告快照的日期不能用",
            why=f"快照日期 {taken_at}，距今 {age} 天，应在 0 至 {LONGEST_DAYS} 天内",
            advice=_ADVICE,
        )
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for file in sorted(folder.rglob("*.json")):
        if file.name != "snapshot.json":
            _take(found, file)
    if not found:
        raise Problem("公告快照是空的", why=f"{folder} 中没有一条公告，这样的审计什么也没有查", advice=_ADVICE)
    return Snapshot(taken_at, ecosystems, found)


def normalised(ecosystem: str, name: str) -> str:
    """A package's name as its ecosystem compares names."""
    return name if ecosystem == NPM else re.sub(r"[-_.]+", "-", name).lower()


def _take(found: dict[tuple[str, str], list[dict[str, Any]]], file: Path) -> None:
    try:
        advisory = json.loads(file.read_text("utf-8"))
        affected = advisory["affected"] if "withdrawn" not in advisory else ()
        for entry in affected:
            package = entry["package"]
            key = (package["ecosystem"], normalised(package["ecosystem"], package["name"]))
            if advisory not in found.setdefault(key, []):
                found[key].append(advisory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem("公告快照中有文件读不出来", why=f"{file}：{error}", advice=_ADVICE) from error


def _entries(advisory: dict[str, Any], package: Package) -> Iterator[dict[str, Any]]:
    for entry in advisory["affected"]:
        told = entry["package"]
        name = normalised(told["ecosystem"], told["name"])
        if (told["ecosystem"], name) == (package.ecosystem, normalised(package.ecosystem, package.name)):
            yield entry


def _fixes(entry: dict[str, Any]) -> Iterator[str]:
    for span in entry.get("ranges", ()):
        yield from (event["fixed"] for event in span.get("events", ()) if "fixed" in event and span["type"] != "GIT")


def _affects(entry: dict[str, Any], package: Package) -> bool:
    if package.version in entry.get("versions", ()):
        return True
    return any(
        _in_range(span.get("events", ()), package) for span in entry.get("ranges", ()) if span.get("type") != "GIT"
    )


def _in_range(events: Iterable[dict[str, str]], package: Package) -> bool:
    """OSV's rule: the last event at or before the version decides."""
    order = _semver if package.ecosystem == NPM else _pep440
    mine, inside = order(package.version), False
    told = [(order(text) if text != "0" else (), kind) for event in events for kind, text in event.items()]
    for at, kind in sorted(told, key=lambda pair: (pair[0], pair[1] == "introduced")):
        if kind == "introduced" and at <= mine:
            inside = True
        elif (kind == "fixed" and at <= mine) or (kind == "last_affected" and at < mine):
            inside = False
    return inside


def _pep440(text: str) -> tuple[Any, ...]:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - only the prepared environment has it

    try:
        return (Version(text),)
    except InvalidVersion:
        return (Version("0"),)


def _semver(text: str) -> tuple[Any, ...]:
    """A version as SemVer orders it: a pre-release stands before its release, numbers before words."""
    core, _, before = text.split("+", 1)[0].partition("-")
    numbers = [int(part) if part.isdecimal() else 0 for part in core.split(".")]
    words = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in before.split(".") if before)
    return (*[*numbers, 0, 0, 0][:3], not before, words)
