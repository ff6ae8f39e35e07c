"""`./bianzhi bundle FOLDER`: everything an office without a network needs, in one archive.

Sources, built assets, the bill of materials and the wheel of every package in `uv.lock` for this kind of machine, pip
among them. Unpacked, `./bianzhi start` and `./bianzhi test` find the wheels beside them and ask no index; hashes are
the lock's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from launcher import assets, environment, installers, lockfile
from launcher.console import Problem, say, step
from launcher.places import BUILT_ASSETS, ROOT, WHEELS, WHEELS_GROUPS, files_below, version

GROUPS = ("dev", "browser")
"""What `test` asks for beside the product; Spark (pyspark, 300 MB, and a Java) stays out."""
INSTALLER = "pip"
SUMS = "SHA256SUMS"
READ_ME_NAME = "离线安装.txt"
BILL = "sbom.json"
LEFT_OUT = {".git", ".venv", ".venv-packages", ".venv-tools", "node_modules", "var", "__pycache__", WHEELS.name}
ENDINGS_LEFT_OUT = (".pyc", ".part", ".tar", ".deb", ".key", ".pem")
READ_ME = """编制通 {version} 离线安装包（{machine}，Python {python}）

一、核对    sha256sum -c --quiet {sums}
二、启动    ./bianzhi start --demo none        （演示数据：去掉 --demo none）
三、测试    ./bianzhi test                     （可不做；没有浏览器、PostgreSQL、Java 的部分会写明没有运行）

不需要网络，不需要 Node。需要本机有 Python {python}。部署到服务器见 docs/howto/部署.md。
物料清单（CycloneDX）：{bill}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bundle`."""
    parser.add_argument("folder", type=Path, help="放置离线安装包的目录")
    parser.add_argument("--no-test", action="store_true", help="不含测试所需的软件包（小约四分之一，只能 start）")


def bundle(options: argparse.Namespace) -> int:
    """Write the archive and say where it is. Raises Problem."""
    assets.ensure()
    groups = () if options.no_test else GROUPS
    options.folder.mkdir(parents=True, exist_ok=True)
    name = f"bianzhi-{version()}-{sys.platform}-{platform.machine()}-py{sys.version_info.major}{sys.version_info.minor}"
    with tempfile.TemporaryDirectory(prefix="bianzhi-bundle-") as scratch:
        wheels = Path(scratch) / WHEELS.name
        with step("下载软件包（核对锁定文件中的校验值）"):
            collect_wheels(wheels, groups)
        with step("生成物料清单"):
            bill = make_bill(Path(scratch))
        with step("打包"):
            place = options.folder / f"{name}.tar"
            write_archive(place, name, wheels, bill)
    print(place)
    say(f"离线安装包：{place}（{place.stat().st_size // 2**20} MB）。拷到目标机器后：tar xf，进入目录，./bianzhi start")
    return 0


def collect_wheels(wheels: Path, groups: Iterable[str]) -> None:
    """Fill `wheels` with what the lock asks for on this machine, and pip. Raises Problem."""
    wheels.mkdir()
    listed = wheels / "requirements.txt"
    lines = {*lockfile.requirements(sorted(groups)), lockfile.pinned(INSTALLER)}
    listed.write_text("\n".join(sorted(lines)) + "\n", "utf-8")
    (wheels / WHEELS_GROUPS).write_text(json.dumps(sorted(groups)), "utf-8")
    fetch = [*installers.pip(), "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(wheels)]
    installers.run([*fetch, "--require-hashes", "--requirement", str(listed)], what="下载软件包失败")


def make_bill(folder: Path) -> Path:
    """The bill of materials: the one an offline bundle brought, or else a fresh one. Raises Problem."""
    bill = folder / BILL
    if _brought() is not None and (ROOT / BILL).exists():
        shutil.copyfile(ROOT / BILL, bill)
        return bill
    words, variables = environment.tool("launcher.dependencies")
    installers.run([*words, "sbom", "--output", str(bill)], what="生成物料清单失败", variables=variables)
    return bill


def write_archive(place: Path, name: str, wheels: Path, bill: Path) -> None:
    """The archive of sources, assets, wheels and bill under the folder `name`, with the sum of every file."""
    unfinished = place.with_suffix(".part")
    sums: list[str] = []
    with tarfile.open(unfinished, "w") as archive, tempfile.TemporaryDirectory() as scratch:
        files = [(file, file.relative_to(ROOT).as_posix()) for file in sources()]
        files += [(file, f"{WHEELS.name}/{file.name}") for file in sorted(wheels.iterdir())]
        read_me = Path(scratch) / READ_ME_NAME
        read_me.write_text(
            READ_ME.format(
                version=version(),
                machine=platform.machine(),
                python=platform.python_version_tuple()[0] + "." + platform.python_version_tuple()[1],
                sums=SUMS,
                bill=BILL,
            ),
            "utf-8",
        )
        files += [(read_me, READ_ME_NAME), (bill, BILL)]
        for file, path in files:
            archive.add(file, f"{name}/{path}", recursive=False, filter=_anonymous)
            sums.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {path}\n")
        listed = Path(scratch) / SUMS
        listed.write_text("".join(sums), "utf-8")
        archive.add(listed, f"{name}/{SUMS}", filter=_anonymous)
    unfinished.replace(place)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nobody's files: the archive says nothing of who made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def sources() -> Iterator[Path]:
    """Every file of the product, and assets.

    What git tracks where there is git; in an unpacked bundle what it brought; else all but the products of work.
    """
    found = next((listed for listed in (_tracked(), _brought()) if listed is not None), None)
    if found is None:
        found = [file for file in files_below(ROOT) if not _is_left_out(file)]
    built = files_below(BUILT_ASSETS)
    if not built:
        advice = ["先在有网络的机器上运行 ./bianzhi start"]
        raise Problem("没有构建好的页面样式", why=str(BUILT_ASSETS), advice=advice)
    yield from sorted({*found, *built})


def _tracked() -> list[Path] | None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    told = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in told.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def _brought() -> list[Path] | None:
    """The product's files of an unpacked bundle, by its own sums; without what every bundle is given anew."""
    if not (ROOT / SUMS).exists():
        return None
    names = [line.split("  ", 1)[1] for line in (ROOT / SUMS).read_text("utf-8").splitlines()]
    kept = [name for name in names if name not in (READ_ME_NAME, BILL) and Path(name).parts[0] != WHEELS.name]
    return [ROOT / name for name in kept if (ROOT / name).is_file()]


def _is_left_out(file: Path) -> bool:
    home = Path(os.environ.get("BIANZHI_HOME") or ROOT / "var").expanduser().resolve()
    is_work = bool(LEFT_OUT & set(file.relative_to(ROOT).parts)) or home in file.resolve().parents
    return is_work or file.suffix in ENDINGS_LEFT_OUT
