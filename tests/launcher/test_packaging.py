"""What is handed to an office: units that systemd takes, a package that installs, a bundle that needs no network."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile

import pytest

from launcher import bundle, deb, environment, lockfile
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
    place = tmp_path / "bianzhi.tar"
    bundle.write_archive(place, "bianzhi-x", wheels)
    with tarfile.open(place) as archive:
        assert {member.uname for member in archive} == {"root"}
        archive.extractall(tmp_path / "out", filter="data")
    out = tmp_path / "out" / "bianzhi-x"
    sums = dict(reversed(line.split("  ", 1)) for line in (out / "SHA256SUMS").read_text("utf-8").splitlines())
    assert {"bianzhi", "uv.lock", "wheels/pip-1-py3-none-any.whl", "离线安装.txt", "tests/cast.py"} <= set(sums)
    assert all(hashlib.sha256((out / path).read_bytes()).hexdigest() == digest for path, digest in sums.items())
    assert os.access(out / "bianzhi", os.X_OK)


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
