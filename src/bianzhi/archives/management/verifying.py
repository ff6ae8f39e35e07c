"""`./bianzhi archive verify FILE`: whether a package is whole, without taking it in."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.archives.management.telling import or_exit
from bianzhi.archives.services.packages.checking import opened

HELP: Final = "核验移交包 check a package without taking it in"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file."""
    parser.add_argument("file", type=Path, help="移交包 zip 文件 the package")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Read every byte; exit code 1 when something is wrong."""

    def count() -> int:
        with opened(options["file"]) as bag:
            return sum(1 for _ in bag.records())

    items = or_exit(command, count)
    if options["json"]:
        command.stdout.write(json.dumps({"sound": True, "items": items}))
    else:
        command.stdout.write(f"移交包完好：{items} 件，SHA-256 和 SM3 均与清单相符")
