"""What is handed to an office: units that systemd takes, a package that installs, a bundle that needs no network."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from launcher import bundle, deb, environment, installers, lockfile
from launcher.places import BUILT_ASSETS, ROOT, WHEELS_GROUPS, files_below, version

UNITS = ROOT / "packaging" / "systemd"
HARDENED = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "CapabilityBoundingSet=",
    "SystemCallFilter=@system-service",
    "RestrictNamespaces=yes",
    "User=bianzhi",
    "UMask=0077",
)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_finds_nothing_to_say_about_the_units():
    units = [str(unit) for unit in UNITS.iterdir()]
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    ours = [line for line in told.stderr.splitlines() if "bianzhi" in line]
    assert (told.returncode, ours) == (0, [])


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.name)
def test_no_service_may_more_than_it_needs(unit):
    lines = unit.read_text("utf-8").splitlines()
    assert [line for line in HARDENED if line not in lines] == []


def test_every_setting_named_in_the_sample_is_one_the_product_reads():
    documented = (ROOT / "src/bianzhi/config/settings.py").read_text("utf-8").partition('"""\n')[0]
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / "packaging/bianzhi.env").read_text("utf-8"), re.MULTILINE))
    own = {"BIANZHI_LISTEN"}
    assert {name for name in named if name.removesuffix("_FILE") not in documented} == own


# --- the command ----------------------------------------------------------------------------------------------------


def command_seeing(folder: Path, settings: str) -> dict[str, str]:
    """The environment `/usr/bin/bianzhi` hands on, run as whoever runs the tests with settings of their own."""
    program, python, file = folder / "bianzhi", folder / "python3", folder / "bianzhi.env"
    file.write_text(settings, "utf-8")
    python.write_text(f"#!{sys.executable}\nimport json, os, sys\njson.dump({{**os.environ}}, sys.stdout)\n", "utf-8")
    text = (ROOT / "packaging/debian/bianzhi").read_text("utf-8")
    for name, here in {
        "SETTINGS": file,
        "HOME": folder,
        "PYTHON": python,
        "ACCOUNT": getpass.getuser(),
    }.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {str(here)!r}", text, flags=re.MULTILINE)
    program.write_text(text.replace("/usr/bin/python3 -I", f"{sys.executable} -I"), "utf-8")
    for file in (program, python):
        file.chmod(0o755)
    done = subprocess.run([program, "check"], env={"PATH": os.defpath}, capture_output=True, text=True, check=True)
    told: dict[str, str] = json.loads(done.stdout)
    return told


def test_the_command_works_on_the_database_of_the_service_whatever_characters_its_address_has(tmp_path):
    address = "postgres://app:a$b%26c@10.0.0.8/bianzhi?sslmode=verify-full&sslrootcert=/etc/bianzhi/ca.pem"
    told = command_seeing(tmp_path, f"# 数据库\nDATABASE_URL={address}\nBIANZHI_LOG=stderr\nBIANZHI_URL=x;y`z\n")
    assert told["DATABASE_URL"] == address
    assert told["BIANZHI_URL"] == "x;y`z"
    assert (told["BIANZHI_LOG"], told["BIANZHI_HOME"]) == ("file", str(tmp_path))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('A="two words" ', "two words"),
        ("A='it $HOME \"x\" \\'", 'it $HOME "x" \\'),
        (r'A="a\"b\$c\n"', r'a"b$c\n'),
        ("A=it's fine  ", "it's fine"),
        ("A=one\\\ntwo", "onetwo"),
        ("  A = b\\\\c", "b\\c"),
        ("A=# kept", "# kept"),
        ("A=first\nA=last", "last"),
        ("A=", ""),
    ],
)
def test_a_setting_is_read_as_systemd_reads_it(tmp_path, line, value):
    assert command_seeing(tmp_path, f"{line}\n")["A"] == value


@pytest.mark.parametrize("line", ["#A=1", ";A=1", "export A=1", "A", "1A=1"])
def test_what_is_no_setting_to_systemd_is_none_to_the_command(tmp_path, line):
    assert "A" not in command_seeing(tmp_path, f"{line}\n")


# --- the package and the bundle -------------------------------------------------------------------------------------


@pytest.fixture
def built(monkeypatch) -> None:
    """A checkout whose assets are built, as far as packaging is concerned."""
    built = [ROOT / "README.md"]
    monkeypatch.setattr(bundle, "files_below", lambda folder: built if folder == BUILT_ASSETS else files_below(folder))


@pytest.mark.usefixtures("built")
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg-deb on this machine")
def test_the_package_has_everything_in_its_place_and_settings_as_conffile(tmp_path):
    tree = tmp_path / "tree"
    deb.lay_out(tree)
    deb.write_control(tree, "amd64")
    file = tmp_path / "bianzhi.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(tree), str(file)], check=True)
    info = subprocess.run(["dpkg-deb", "--info", str(file)], capture_output=True, text=True, check=True).stdout
    listed = subprocess.run(["dpkg-deb", "--contents", str(file)], capture_output=True, text=True, check=True).stdout
    assert f"Version: {version()}" in info
    assert f"python3 (>= 3.{sys.version_info.minor}), python3 (<< 3.{sys.version_info.minor + 1}~)" in info
    for path in (
        "./usr/bin/bianzhi",
        "./usr/lib/bianzhi/src/bianzhi/__main__.py",
        "./lib/systemd/system/bianzhi-web.service",
        "./etc/bianzhi/bianzhi.env",
    ):
        assert f" {path}\n" in listed
    assert "/tests/" not in listed.replace("/usr/lib/bianzhi/packages", "")
    assert subprocess.run(["dpkg-deb", "-f", str(file)], capture_output=True, check=True).stdout
    control = tmp_path / "control"
    subprocess.run(["dpkg-deb", "-e", str(file), str(control)], check=True)
    assert (control / "conffiles").read_text() == "/etc/bianzhi/bianzhi.env\n"
    for script in ("postinst", "prerm", "postrm"):
        subprocess.run(["sh", "-n", str(control / script)], check=True)


@pytest.mark.usefixtures("built")
def test_the_bundle_names_the_sum_of_every_file_and_nobody(tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "pip-1-py3-none-any.whl").write_bytes(b"wheel")
    (tmp_path / "sbom.json").write_text("{}")
    place = tmp_path / "bianzhi.tar"
    bundle.write_archive(place, "bianzhi-x", wheels, tmp_path / "sbom.json")
    with tarfile.open(place) as archive:
        assert {member.uname for member in archive} == {"root"}
    out = unpacked(place)
    sums = sums_of(out)
    named = {"bianzhi", "uv.lock", "wheels/pip-1-py3-none-any.whl", "离线安装.txt", "sbom.json", "tests/cast.py"}
    assert named <= set(sums)
    assert os.access(out / "bianzhi", os.X_OK)


def unpacked(place: Path) -> Path:
    """What is in a bundle, beside it."""
    with tarfile.open(place) as archive:
        archive.extractall(place.with_suffix(""), filter="data")
    (out,) = place.with_suffix("").iterdir()
    return Path(out)


def sums_of(out: Path) -> dict[str, str]:
    """The sums of an unpacked bundle, each of them right, and of every file once."""
    lines = (out / "SHA256SUMS").read_text("utf-8").splitlines()
    sums: dict[str, str] = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    assert len(sums) == len(lines)
    assert all(hashlib.sha256((out / path).read_bytes()).hexdigest() == digest for path, digest in sums.items())
    return sums


@pytest.mark.usefixtures("built")
def test_a_bundle_made_in_an_unpacked_one_is_the_same_and_holds_nothing_of_what_was_done_there(tmp_path, monkeypatch):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "pip-1-py3-none-any.whl").write_bytes(b"wheel")
    (tmp_path / "sbom.json").write_text("{}")
    bundle.write_archive(tmp_path / "first.tar", "bianzhi-x", wheels, tmp_path / "sbom.json")
    out = unpacked(tmp_path / "first.tar")
    before = sums_of(out)
    monkeypatch.setattr(bundle, "ROOT", out)
    monkeypatch.setattr(bundle, "files_below", lambda folder: [out / "README.md"])
    for left in ("bianzhi-old.tar", "backup.key", "data/db.sqlite3", "data/keys/fields.json"):
        (out / left).parent.mkdir(exist_ok=True)
        (out / left).write_bytes(b"not for anybody else")
    (tmp_path / "fresh").mkdir()
    bill = bundle.make_bill(tmp_path / "fresh")
    bundle.write_archive(tmp_path / "second.tar", "bianzhi-x", out / "wheels", bill)
    assert sums_of(unpacked(tmp_path / "second.tar")) == before


def test_a_copy_without_git_or_sums_leaves_out_keys_archives_and_its_data(monkeypatch):
    monkeypatch.setenv("BIANZHI_HOME", str(ROOT / "office"))
    left_out = ["backup.key", "old.tar", "old.deb", "office/db.sqlite3", "var/db.sqlite3", ".venv/x.py", "a.pyc"]
    assert [name for name in left_out if not bundle._is_left_out(ROOT / name)] == []
    assert not bundle._is_left_out(ROOT / "src" / "bianzhi" / "__init__.py")


def test_every_wheel_of_a_bundle_has_its_hash_in_the_lock(tmp_path, monkeypatch):
    asked: list[list[str]] = []
    monkeypatch.setattr(installers, "run", lambda words, what: asked.append(words))
    bundle.collect_wheels(tmp_path / "wheels", ())
    assert ["--require-hashes" in words for words in asked] == [True]
    lines = (tmp_path / "wheels" / "requirements.txt").read_text("utf-8").splitlines()
    assert any(line.startswith("pip==") for line in lines)
    assert all("--hash=sha256:" in line for line in lines)


def test_what_a_bundle_brought_is_installed_from_it_alone(monkeypatch, tmp_path):
    assert environment.offered() is None
    assert environment._where_from() == []
    (tmp_path / WHEELS_GROUPS).write_text(json.dumps(["dev"]))
    monkeypatch.setattr(environment, "WHEELS", tmp_path)
    assert environment.offered() == {"dev"}
    assert environment._where_from() == ["--no-index", "--find-links", str(tmp_path)]


# --- for real, with --all --------------------------------------------------------------------------------------------


def without_network(command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program that has no network at all, and no caches to fall back on."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        ["unshare", "-n", *command], env={**kept, **more}, capture_output=True, text=True, check=False
    )


def may_unshare() -> bool:
    return shutil.which("unshare") is not None and without_network(["true"]).returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not may_unshare(), reason="needs the right to cut the network off (unshare -n)")
def test_a_bundle_is_enough_where_there_is_no_network(tmp_path):
    subprocess.run([sys.executable, str(ROOT / "bianzhi"), "bundle", str(tmp_path)], check=True)
    (place,) = tmp_path.glob("*.tar")
    with tarfile.open(place) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    (home,) = (tmp_path / "out").iterdir()
    variables = {"HOME": str(tmp_path / "empty"), "BIANZHI_HOME": str(tmp_path / "data"), "TMPDIR": str(tmp_path)}
    done = without_network([sys.executable, str(home / "bianzhi"), "upgrade"], **variables)
    assert done.returncode == 0, done.stderr[-2000:]
    words = ["test", "tests/kernel/test_masking.py"]
    done = without_network([sys.executable, str(home / "bianzhi"), *words], **variables, BIANZHI_TEST_POSTGRES="")
    assert " 0 failed" in done.stdout, done.stderr[-2000:]
    first = next(line for line in lockfile.requirements([]) if line.startswith("django=="))
    wheel = next((home / "wheels").glob(f"django-{first.split('==')[1].split()[0]}-*.whl"))
    with wheel.open("ab") as stream:
        stream.write(b"x")
    shutil.rmtree(home / ".venv")
    done = without_network([sys.executable, str(home / "bianzhi"), "upgrade"], **variables)
    assert done.returncode == 1
    assert "hash" in done.stderr.lower()
