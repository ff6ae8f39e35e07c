"""`./bianzhi bundle FOLDER`: everything an office without a network needs, in one archive.

Sources, built assets and the wheel of every package in `uv.lock` for this kind of machine, pip and uv among them.
Unpacked, `./bianzhi start` and `./bianzhi test` find the wheels beside them and ask no index; hashes are the lock's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from launcher import assets, installers, lockfile
from launcher.console import Problem, say, step
from launcher.places import BUILT_ASSETS, ROOT, WHEELS, WHEELS_GROUPS, files_below, version

GROUPS = ("dev", "browser")
"""What `test` asks for beside the product; Spark (pyspark, 300 MB, and a Java) stays out."""
INSTALLERS = ("pip", "uv")
SUMS = "SHA256SUMS"
LEFT_OUT = {".git", ".venv", ".venv-packages", ".venv-tools", "node_modules", "var", "__pycache__", WHEELS.name}
READ_ME = """编制通 {version} 离线安装包（{machine}，Python {python}）

一、核对    sha256sum -c --quiet {sums}
二、启动    ./bianzhi start --demo none        （演示数据：去掉 --demo none）
三、测试    ./bianzhi test                     （可不做；没有浏览器、PostgreSQL、Java 的部分会写明没有运行）

不需要网络，不需要 Node。需要本机有 Python {python}。部署到服务器见 docs/howto/部署.md。
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
        with step("打包"):
            place = options.folder / f"{name}.tar"
            write_archive(place, name, wheels)
    print(place)
    say(f"离线安装包：{place}（{place.stat().st_size // 2**20} MB）。拷到目标机器后：tar xf，进入目录，./bianzhi start")
    return 0


def collect_wheels(wheels: Path, groups: Iterable[str]) -> None:
    """Fill `wheels` with what the lock asks for on this machine, and the installers. Raises Problem."""
    wheels.mkdir()
    listed = wheels / "requirements.txt"
    listed.write_text("\n".join(lockfile.requirements(sorted(groups))) + "\n", "utf-8")
    (wheels / WHEELS_GROUPS).write_text(json.dumps(sorted(groups)), "utf-8")
    fetch = [*installers.pip(), "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(wheels)]
    installers.run([*fetch, "--require-hashes", "--requirement", str(listed)], what="下载软件包失败")
    installers.run([*fetch, *INSTALLERS], what="下载 pip 和 uv 失败")


def write_archive(place: Path, name: str, wheels: Path) -> None:
    """The archive of sources, assets and wheels under the folder `name`, with the sum of every file."""
    unfinished = place.with_suffix(".part")
    sums: list[str] = []
    with tarfile.open(unfinished, "w") as archive, tempfile.TemporaryDirectory() as scratch:
        files = [(file, file.relative_to(ROOT).as_posix()) for file in sources()]
        files += [(file, f"{WHEELS.name}/{file.name}") for file in sorted(wheels.iterdir())]
        read_me = Path(scratch) / "离线安装.txt"
        read_me.write_text(
            READ_ME.format(
                version=version(),
                machine=platform.machine(),
                python=platform.python_version_tuple()[0] + "." + platform.python_version_tuple()[1],
                sums=SUMS,
            ),
            "utf-8",
        )
        files.append((read_me, read_me.name))
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
    """Every file of the product: what git tracks where there is git, else all but the products of work; and assets."""
    tracked = _tracked()
    found = tracked if tracked is not None else [file for file in files_below(ROOT) if not _is_left_out(file)]
    built = [] if tracked is None else files_below(BUILT_ASSETS)
    if not files_below(BUILT_ASSETS):
        advice = ["先在有网络的机器上运行 ./bianzhi start"]
        raise Problem("没有构建好的页面样式", why=str(BUILT_ASSETS), advice=advice)
    yield from sorted({*found, *built})


def _tracked() -> list[Path] | None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    told = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in told.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def _is_left_out(file: Path) -> bool:
    return bool(LEFT_OUT & set(file.relative_to(ROOT).parts)) or file.suffix in (".pyc", ".part")
