"""Audit, licences and bill of materials of the locked packages; a run that could not ask about all of them fails."""

from __future__ import annotations

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from launcher.console import Problem
from launcher.dependencies import advisories, online
from launcher.dependencies.__main__ import audited, check_licences, main
from launcher.dependencies.bill import bill
from launcher.dependencies.licences import judged, licences
from launcher.dependencies.locked import NPM, PYTHON, Package, packages

TODAY = date(2026, 11, 27)
DJANGO = Package(PYTHON, "django", "5.2.8")


def snapshot(folder: Path, *told: dict[str, Any], taken_at: date = TODAY, ecosystems: tuple[str, ...] = (PYTHON, NPM)):
    (folder / "snapshot.json").write_text(
        json.dumps({"taken_at": taken_at.isoformat(), "ecosystems": ecosystems}), "utf-8"
    )
    for number, one in enumerate(told):
        (folder / f"X-{number}.json").write_text(json.dumps({"id": f"X-{number}", **one}), "utf-8")
    return folder


def affecting(name: str, ecosystem: str = PYTHON, **entry: Any) -> dict[str, Any]:
    return {"affected": [{"package": {"ecosystem": ecosystem, "name": name}, **entry}], "summary": "漏洞"}


def between(*events: dict[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"ranges": [{"type": kind, "events": list(events)}]}


def found(folder: Path, package: Package) -> list[str]:
    return [hole.advisory for hole in advisories.read(folder, TODAY).holes(package)]


# --- the lock files ----------------------------------------------------------------------------------------------


def test_every_package_of_both_locks_is_known_with_its_hashes():
    listed = packages()
    assert len({package.key for package in listed}) == len(listed) > 200
    assert {package.ecosystem for package in listed} == {PYTHON, NPM}
    assert all(package.files for package in listed)
    names = {package.name: package for package in listed}
    assert names["django"].is_product
    assert not names["pytest"].is_product
    assert "PyPI:asgiref@" in "".join(names["django"].needs)


# --- known holes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "hit"),
    [
        ({"versions": ["5.2.8"]}, True),
        ({"versions": ["5.2.7"]}, False),
        (between({"introduced": "0"}, {"fixed": "5.2.9"}), True),
        (between({"introduced": "0"}, {"fixed": "5.2.8"}), False),
        (between({"introduced": "5.2.9"}), False),
        (between({"introduced": "0"}, {"last_affected": "5.2.8"}), True),
        (between({"introduced": "0"}, {"last_affected": "5.2.7"}), False),
        (between({"introduced": "0"}, {"fixed": "4.2"}, {"introduced": "5.0"}, {"fixed": "5.2.10"}), True),
        (between({"introduced": "0"}, {"fixed": "ffff"}, kind="GIT"), False),
    ],
)
def test_a_hole_is_found_by_version_or_by_range(tmp_path, entry, hit):
    assert found(snapshot(tmp_path, affecting("Django", **entry)), DJANGO) == (["X-0"] if hit else [])


@pytest.mark.parametrize(
    ("version", "hit"), [("1.2.2", True), ("1.2.3", False), ("1.2.3-beta.2", True), ("1.10.0", False), ("0.9.9", True)]
)
def test_npm_versions_are_ordered_as_semver_orders_them(tmp_path, version, hit):
    folder = snapshot(tmp_path, affecting("x", NPM, **between({"introduced": "0"}, {"fixed": "1.2.3"}, kind="SEMVER")))
    assert bool(found(folder, Package(NPM, "x", version))) is hit


def test_a_withdrawn_advisory_and_one_of_another_package_are_no_hole(tmp_path):
    folder = snapshot(
        tmp_path,
        {**affecting("django", versions=["5.2.8"]), "withdrawn": "2026-01-01T00:00:00Z"},
        affecting("django-x", versions=["5.2.8"]),
        affecting("django", NPM, versions=["5.2.8"]),
    )
    assert found(folder, DJANGO) == []


@pytest.mark.parametrize(
    ("days", "words"), [(31, "日期不能用"), (-1, "日期不能用"), (0, "是空的")], ids=["old", "future", "empty"]
)
def test_an_old_or_empty_snapshot_fails_the_audit(tmp_path, days, words):
    with pytest.raises(Problem, match=words):
        advisories.read(snapshot(tmp_path, taken_at=TODAY - timedelta(days=days)), TODAY)


def test_a_folder_that_is_no_snapshot_fails_the_audit(tmp_path, capsys):
    assert main(["audit", "--snapshot", str(tmp_path)]) == 1
    (tmp_path / "snapshot.json").write_text("{}", "utf-8")
    assert main(["audit", "--snapshot", str(tmp_path)]) == 1
    assert "读不出来" in capsys.readouterr().err


@pytest.fixture
def clean(monkeypatch):
    monkeypatch.setattr("launcher.dependencies.__main__.check_licences", lambda: 0)
    monkeypatch.setattr("launcher.dependencies.__main__.advisories.LONGEST_DAYS", 10_000_000)


def of_long_ago(folder: Path, *told: dict[str, Any]) -> Path:
    taken: Path = snapshot(folder, *told, taken_at=date(2020, 1, 1))
    return taken


def test_an_audit_of_all_packages_without_a_hole_passes(tmp_path, clean, capsys):
    folder = of_long_ago(tmp_path, affecting("nobody"), affecting("nothing", NPM))
    assert audited(folder) == 0
    told = capsys.readouterr().out
    assert f"应查 {len(packages())} 个包，已查 {len(packages())} 个，发现漏洞 0 处" in told


def test_an_audit_that_left_an_ecosystem_out_fails_and_says_so(tmp_path, clean, capsys):
    assert audited(of_long_ago(tmp_path, affecting("nobody"))) == 1
    told = capsys.readouterr().out
    assert "不算通过" in told
    assert "未查  npm:" in told


def test_an_audit_that_found_a_hole_fails_and_names_what_mends_it(tmp_path, clean, capsys):
    folder = of_long_ago(
        tmp_path, affecting("django", **between({"introduced": "0"}, {"fixed": "99"})), affecting("nothing", NPM)
    )
    assert audited(folder) == 1
    assert "99 起已修复" in capsys.readouterr().out


def test_an_audit_of_nothing_fails(tmp_path, clean, monkeypatch):
    monkeypatch.setattr("launcher.dependencies.__main__.packages", list)
    assert audited(of_long_ago(tmp_path, affecting("nobody"), affecting("nothing", NPM))) == 1


def test_a_registry_that_skips_a_package_or_says_nothing_of_it_has_not_audited_it():
    asked = {one.name: one for one in (DJANGO, Package(PYTHON, "a", "1"), Package(PYTHON, "b", "1"))}
    hole = {"id": "PYSEC-1", "description": "x\ny", "fix_versions": ["6"]}
    told: list[dict[str, Any]] = [
        {"name": "django", "version": "5.2.8", "vulns": [hole]},
        {"name": "a", "skip_reason": "Dependency not found on PyPI and could not be audited"},
    ]
    holes, unasked = online._read(asked, told)
    assert [(hole.advisory, hole.summary, hole.fixed) for hole in holes] == [("PYSEC-1", "x", ("6",))]
    assert [package.name for package in unasked] == ["a", "b"]


def test_both_releases_of_a_package_the_lock_holds_twice_are_asked_about(monkeypatch):
    asked: list[list[str]] = []

    def run(words: list[str]) -> subprocess.CompletedProcess[str]:
        listed = Path(words[words.index("--requirement") + 1]).read_text("utf-8").split()
        asked.append(listed)
        hole = {"id": "PYSEC-2", "description": "old", "fix_versions": ["2"]}
        told = [
            {"name": name, "version": version, "vulns": [hole] if (name, version) == ("numpy", "1") else []}
            for name, version in (line.split("==") for line in listed)
        ]
        Path(words[words.index("--output") + 1]).write_text(json.dumps({"dependencies": told}), "utf-8")
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(online, "_run", run)
    numpy = [Package(PYTHON, "numpy", version) for version in ("1", "2")]
    holes, unasked = online.python_holes([*numpy, DJANGO, Package(NPM, "x", "1")])
    assert asked == [["numpy==1", "django==5.2.8"], ["numpy==2"]]
    assert ([hole.package for hole in holes], unasked) == ([numpy[0]], [])


@pytest.mark.parametrize("answer", ["", "{}", '{"error": {"code": "ENOAUDIT"}}', "<html>"])
def test_npm_that_does_not_answer_has_audited_nothing(monkeypatch, answer):
    said = subprocess.CompletedProcess([], 1, answer, "")
    monkeypatch.setattr(online, "_run", lambda words: said)
    asked = [Package(NPM, "x", "1.0.0")]
    assert online.npm_holes(asked) == ([], asked)


def test_pip_audit_that_does_not_answer_fails_the_audit(monkeypatch):
    monkeypatch.setattr(online, "_run", lambda words: subprocess.CompletedProcess([], 1, "", "no route"))
    with pytest.raises(Problem, match="没有应答"):
        online.python_holes([DJANGO])


# --- licences ----------------------------------------------------------------------------------------------------


def test_every_locked_package_may_come_in(capsys):
    assert check_licences() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("MIT", ""),
        ("BSD-3-Clause", ""),
        ("Apache Software License", ""),
        ("AGPL-3.0", "不在允许之列"),
        ("GNU General Public License (GPL)", "不在允许之列"),
        ("LGPL-3.0", "不在允许之列"),
        ("", "没有写明"),
        ("Permit", "没有认出来"),
    ],
)
def test_a_licence_is_judged_by_what_it_says(text, objection):
    assert objection in judged(Package(NPM, "x", "1"), text).objection
    assert bool(judged(Package(NPM, "x", "1"), text).objection) is bool(objection)


def test_what_may_only_measure_must_not_be_needed_by_the_product():
    assert "只能用于" in judged(Package(PYTHON, "spiffworkflow", "3", is_product=True), "LGPL").objection


# --- bill of materials -------------------------------------------------------------------------------------------


def test_the_bill_fits_the_schema_and_holds_every_package_with_hashes():
    listed = packages()
    text = bill(listed)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    told = json.loads(text)
    assert (told["specVersion"], told["metadata"]["component"]["name"]) == ("1.6", "bianzhi")
    by_ref = {one["bom-ref"]: one for one in told["components"]}
    assert set(by_ref) == {package.key for package in listed}
    django = next(one for ref, one in by_ref.items() if ref.startswith("PyPI:django@"))
    assert django["purl"].startswith("pkg:pypi/django@")
    assert django["scope"] == "required"
    known = {hash_["content"] for file in django["externalReferences"] for hash_ in file["hashes"]}
    locked = next(package for package in listed if package.key == django["bom-ref"])
    assert known == {file.digest for file in locked.files}
    htmx = next(one for ref, one in by_ref.items() if ref.startswith("npm:htmx.org@"))
    assert (htmx["hashes"][0]["alg"], len(htmx["hashes"][0]["content"])) == ("SHA-512", 128)
    edges = {one["ref"]: one.get("dependsOn", []) for one in told["dependencies"]}
    assert any(ref.startswith("PyPI:asgiref@") for ref in edges[django["bom-ref"]])


def test_the_command_writes_the_bill_where_it_is_told(tmp_path):
    assert main(["sbom", "--output", str(tmp_path / "sbom.json")]) == 0
    assert json.loads((tmp_path / "sbom.json").read_text("utf-8"))["bomFormat"] == "CycloneDX"
    assert len(licences(packages())) == len(packages())
