"""The command line of `./bianzhi dependencies`, run in the prepared environment."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from launcher.console import Problem, say
from launcher.dependencies import advisories, online
from launcher.dependencies.advisories import Hole
from launcher.dependencies.licences import licences
from launcher.dependencies.locked import Package, packages

CHINA = timezone(timedelta(hours=8))
SHOWN = 20


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; 0 clean, 1 found something or could not ask about everything."""
    parser = argparse.ArgumentParser(prog="./bianzhi dependencies", description="依赖审计、许可证和物料清单")
    acts = parser.add_subparsers(dest="act", required=True)
    audit = acts.add_parser("audit", help="查两个锁文件中每个包的已知漏洞和许可证")
    audit.add_argument("--snapshot", type=Path, help="离线公告快照目录（OSV JSON，30 天以内）；不给则问软件源")
    acts.add_parser("licences", help="只查许可证，不用网络")
    bill = acts.add_parser("sbom", help="物料清单：CycloneDX 1.6 JSON，不用网络")
    bill.add_argument("--output", type=Path, help="写入的文件；不给则输出")
    options = parser.parse_args(arguments)
    try:
        if options.act == "sbom":
            return write_bill(options.output)
        return check_licences() if options.act == "licences" else audited(options.snapshot)
    except Problem as problem:
        say(str(problem))
        return 1


def audited(snapshot: Path | None) -> int:
    """Holes and licences of every locked package; anything not asked about is a failure."""
    asked = packages()
    holes, unasked = from_snapshot(asked, snapshot) if snapshot else from_registries(asked)
    for hole in holes:
        fixed = f"，{'、'.join(hole.fixed)} 起已修复" if hole.fixed else ""
        print(f"漏洞  {hole.package.key}  {hole.advisory}  {hole.summary}{fixed}")
    for package in unasked[:SHOWN]:
        print(f"未查  {package.key}")
    if len(unasked) > SHOWN:
        print(f"未查  ……另有 {len(unasked) - SHOWN} 个")
    code = check_licences()
    print(f"应查 {len(asked)} 个包，已查 {len(asked) - len(unasked)} 个，发现漏洞 {len(holes)} 处。")
    if unasked or not asked:
        print("没有查到全部的包，这次审计不算通过。")
    return 1 if holes or unasked or not asked or code else 0


def from_snapshot(asked: list[Package], folder: Path) -> tuple[list[Hole], list[Package]]:
    """Holes known to a snapshot, and the packages of ecosystems it does not cover."""
    known = advisories.read(folder, datetime.now(CHINA).date())
    print(f"公告快照 {known.taken_at}，{sum(map(len, known.by_package.values()))} 条。")
    covered = [package for package in asked if known.covers(package)]
    return [hole for package in covered for hole in known.holes(package)], [p for p in asked if p not in covered]


def from_registries(asked: list[Package]) -> tuple[list[Hole], list[Package]]:
    """Holes the registries know of, and the packages they said nothing about."""
    python, python_unasked = online.python_holes(asked)
    npm, npm_unasked = online.npm_holes(asked)
    return [*python, *npm], [*python_unasked, *npm_unasked]


def check_licences() -> int:
    """Whether every package may come in."""
    found = licences(packages())
    against = [licence for licence in found if licence.objection]
    for licence in against:
        print(f"许可证  {licence.package.key}  {licence.text or '—'}  {licence.objection}")
    print(f"许可证：{len(found)} 个包，{len(against)} 个有问题。")
    return 1 if against or not found else 0


def write_bill(output: Path | None) -> int:
    """Write the SBOM."""
    from launcher.dependencies.bill import bill  # noqa: PLC0415 - only this act needs the library

    listed = packages()
    text = bill(listed)
    if output is None:
        print(text)
    else:
        output.write_text(text + "\n", "utf-8")
        print(f"已写入 {output}：{len(listed)} 个部件。")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
