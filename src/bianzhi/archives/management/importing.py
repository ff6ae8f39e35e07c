"""`./bianzhi archive import FILE`: a package into this archive."""

import argparse
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.archives.management.telling import OPERATOR, or_exit, tell
from bianzhi.archives.models import Package
from bianzhi.archives.services.packages.importing import import_package
from bianzhi.archives.services.packages.proving import proven

HELP: Final = "接收移交包 take a package in"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file."""
    parser.add_argument("file", type=Path, help="移交包 zip 文件 the package")
    parser.add_argument("--title", default="接收移交包", help="名称")
    parser.add_argument("--create-units", action="store_true", help="按包中记载补录机构树中缺少的单位")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Take it in; exit code 1 when it is refused."""
    package = or_exit(command, lambda: _taken_in(options))
    tell(command, package, options, "已接收")


def _taken_in(options: dict[str, Any]) -> Package:
    with proven(options["file"]) as bag:
        package = import_package(actor=OPERATOR, title=options["title"], bag=bag, creates_units=options["create_units"])
        bag.keep_words()
    return package
