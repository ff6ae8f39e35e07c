"""`./bianzhi deb FOLDER`: a Debian package of the product with its Python packages, for systemd machines.

/usr/lib/bianzhi        sources, built assets and the packages of `uv.lock` for this Python; nothing is fetched later
/usr/bin/bianzhi        runs a management command as the account `bianzhi` with the settings of /etc
/etc/bianzhi            bianzhi.env: every setting, kept over upgrades
/var/lib/bianzhi        the data; stays when the package is removed, and even when it is purged
systemd                 bianzhi.target with web server, worker, preparation and weekly check
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher import assets, bundle, environment, installers, lockfile
from launcher.console import Problem, say, step
from launcher.places import ROOT, version

PACKAGING = ROOT / "packaging"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "loongarch64": "loong64"}
PROGRAM_PARTS = ("src", "docs", "LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "uv.lock")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `deb`."""
    parser.add_argument("folder", type=Path, help="放置 .deb 的目录")


def deb(options: argparse.Namespace) -> int:
    """Build the package and say where it is. Raises Problem."""
    if shutil.which("dpkg-deb") is None:
        raise Problem(
            "本机没有 dpkg-deb", why="只能在 Debian、Ubuntu 或其衍生系统上制作", advice=["或用 ./bianzhi bundle"]
        )
    assets.ensure()
    options.folder.mkdir(parents=True, exist_ok=True)
    architecture = ARCHITECTURES.get(platform.machine(), platform.machine())
    place = options.folder / f"bianzhi_{version()}_{architecture}.deb"
    with tempfile.TemporaryDirectory(prefix="bianzhi-deb-") as scratch:
        tree = Path(scratch) / "tree"
        with step("整理文件"):
            lay_out(tree)
        with step("装入 Python 软件包（核对锁定文件中的校验值）"):
            _install_packages(tree / "usr/lib/bianzhi/packages")
        with step("制作软件包"):
            write_control(tree, architecture)
            command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", str(tree), str(place)]
            installers.run(command, what="制作 .deb 失败")
    print(place)
    say(f"软件包：{place}（{place.stat().st_size // 2**20} MB）。安装：dpkg -i，再按 docs/howto/部署.md 设置")
    return 0


def lay_out(tree: Path) -> None:
    """Program, settings and units where a Debian system has them."""
    program = tree / "usr/lib/bianzhi"
    wanted = [file for file in bundle.sources() if file.relative_to(ROOT).parts[0] in PROGRAM_PARTS]
    for file in wanted:
        _put(file, program / file.relative_to(ROOT), 0o644)
    _put(PACKAGING / "debian/bianzhi", tree / "usr/bin/bianzhi", 0o755)
    _put(PACKAGING / "bianzhi.env", tree / "etc/bianzhi/bianzhi.env", 0o640)
    for unit in sorted((PACKAGING / "systemd").iterdir()):
        _put(unit, tree / "lib/systemd/system" / unit.name, 0o644)
    _put(PACKAGING / "debian/copyright", tree / "usr/share/doc/bianzhi/copyright", 0o644)


def _put(source: Path, place: Path, mode: int) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    shutil.copyfile(source, place)
    place.chmod(mode)


def _install_packages(place: Path) -> None:
    """The product's packages as files of the package: the target machine installs nothing."""
    with tempfile.TemporaryDirectory(prefix="bianzhi-") as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(lockfile.requirements([])) + "\n", "utf-8")
        environment.fill_folder(place, listed)
    for cache in place.rglob("__pycache__"):
        shutil.rmtree(cache)
    shutil.rmtree(place / "bin", ignore_errors=True)


def write_control(tree: Path, architecture: str) -> None:
    """The package's own description and scripts."""
    control = tree / "DEBIAN"
    control.mkdir(mode=0o755)
    size = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    minor = sys.version_info.minor
    text = (PACKAGING / "debian/control").read_text("utf-8")
    text = text.format(
        version=version(), architecture=architecture, size=size, this=f"3.{minor}", next=f"3.{minor + 1}"
    )
    (control / "control").write_text(text, "utf-8")
    (control / "conffiles").write_text("/etc/bianzhi/bianzhi.env\n", "utf-8")
    for name in ("postinst", "prerm", "postrm"):
        _put(PACKAGING / "debian" / name, control / name, 0o755)
    _write_sums(tree, control / "md5sums")


def _write_sums(tree: Path, place: Path) -> None:
    """What `dpkg --verify` compares with."""
    files = sorted(file for file in tree.rglob("*") if file.is_file() and "DEBIAN" not in file.parts)
    names = "\0".join(str(file.relative_to(tree)) for file in files)
    done = subprocess.run(
        ["xargs", "-0", "md5sum"], input=names.encode(), cwd=tree, capture_output=True, check=True, env=os.environ
    )
    place.write_bytes(done.stdout)
